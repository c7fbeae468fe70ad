/** Protects the shop on a gateway's bad days: one clear sentence, nothing sent twice, and no word believed that nobody proved. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { paidCallback } from '../callbacks/unsigned-shop.ts';
import type { Opening } from './places.ts';
import { ask, draft, labels, newCustomer, prompted, type Sale } from './sale.ts';
import { boss } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
/** Set: what leaves for the gateway is changed on its way. */
let tamper: ((url: string, body: string) => string | Response) | null = null;
const tampering: typeof fetch = (url, init) => {
  const prompts = /stk\/push|stk_push|stkpush\/process|processrequest/.test(String(url));
  if (tamper === null || !prompts || typeof init?.body !== 'string') return fetch(url, init);
  const changed = tamper(String(url), init.body);
  return typeof changed === 'string' ? fetch(url, { ...init, body: changed }) : Promise.resolve(changed);
};

function shopAt(gateway: Opening): void {
  beforeAll(async () => {
    world = await openWorld({ gateway, fetch: tampering, honestMoney: false });
    world.say('/help', boss);
    await world.card('500 0712345678 lunch', boss);
  });
  afterEach(async () => {
    tamper = null;
    await world.quiet();
  });
  afterAll(() => world.close());
}

const keys = 'the gateway did not accept our keys; ask whoever runs the bot for new ones';
const blocked = 'the gateway has stopped this account; ask the gateway to open it again';
const plan = "the account's plan at the gateway is used up; renew it, then send again";

/** Asks, and answers the second line of the card once it is over. */
async function whyNot(msisdn?: string): Promise<string> {
  const sale = await ask(world, 500, msisdn);
  const over = await sale.card('No money moved.');
  expect(labels(over)).toEqual(['Send again']);
  expect(world.mpesa.prompts(sale.msisdn)).toEqual([]);
  return over.text.split('\n')[1] ?? '';
}

/** The account is stopped for this reason: owners hear it once, and prompts are not even tried. */
async function stops(gateway: string, why: string, calls: () => number): Promise<void> {
  const alert = `⚠️ ${gateway} takes no requests now: ${why}.`;
  const alerts = (): number => world.chat.messages(boss).filter(({ text }) => text === alert).length;
  const earlier = alerts();
  const waiting = await draft(world);
  expect(await whyNot()).toBe(`Not sent: ${why}.`);
  await world.quiet();
  expect(alerts()).toBe(earlier + 1);
  const before = calls();
  await waiting.press('Send prompt');
  await world.card(new RegExp(`^Not sent: ${why}\\.$`));
  await world.quiet();
  expect(calls()).toBe(before);
}

async function works(): Promise<void> {
  const sale = await ask(world);
  await sale.pay();
  await sale.card('✅');
}

async function post(url: string, body: unknown): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await answer.arrayBuffer();
  await world.quiet();
  return answer.status;
}

const credited = async (sale: Sale): Promise<number> =>
  (
    await world.db
      .selectFrom('ledger')
      .innerJoin('payment', 'payment.id', 'ledger.payment_id')
      .select('ledger.id')
      .where('payment.ref', '=', sale.ref)
      .execute()
  ).length;

describe('SmartPay', () => {
  shopAt('smartpay');
  const place = () => world.place('smartpay');
  const control = () => place().gateway.control;
  const setKey = (change: Parameters<ReturnType<typeof control>['setKey']>[1]): void =>
    control().setKey(Number(place().own), change);
  const calls = (): number =>
    control()
      .requests()
      .filter(({ path }) => path.endsWith('/stk/push')).length;

  test('somebody else says "paid": asked for, not believed', async () => {
    control().arm('callback_forged');
    const sale = await prompted(world);
    await world.quiet();
    expect(control().webhooks().at(-1)?.status).toBe(200);
    expect(control().requests().at(-1)?.path).toMatch(/\/transactions\/ws_CO_/);
    expect(await credited(sale)).toBe(0);
    await sale.pay();
    await sale.card('✅');
    expect(await credited(sale)).toBe(1);
  });

  test('each class of refusal has its sentence', async () => {
    control().arm('refused');
    expect(await whyNot()).toBe('The prompt could not be shown.');
    tamper = (_url, body) => body.replace(/"phone":"\d+"/, '"phone":"12"');
    expect(await whyNot()).toBe(
      'Not sent: the gateway does not take this phone; check the number or use another.',
    );
    tamper = (_url, body) => body.replace(/"amount":\d+/, '"amount":0');
    expect(await whyNot()).toBe(
      'Not sent: the gateway did not take the request; check amount and phone, then send again.',
    );
  });

  test('a redirect is not followed, and what became of the prompt is not known', async () => {
    tamper = () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.example/' } });
    const sale = await ask(world);
    await sale.card('❔');
  });

  test.each([
    ['a plan that ended', { active: false }, { active: true }, plan],
    ['a block for fraud', { fraudBlock: 'FRAUD_BLOCK_BURST' }, { fraudBlock: null }, blocked],
    ['a suspended key', { fraudSuspended: true }, { fraudSuspended: false }, blocked],
    ['a key that was revoked', { disabled: true }, { disabled: false }, keys],
  ] as const)('%s stops the account until it is in order and checked', async (_what, bad, good, why) => {
    // Look-ups have a budget of their own, which an instant without end would use up.
    await world.advance(30);
    setKey(bad);
    await stops('SmartPay', why, calls);
    if (why !== plan && !('fraudBlock' in bad)) expect(await world.checkAccount()).toBe('refused');
    setKey(good);
    expect(await world.checkAccount()).toBe('checked');
    await works();
  });

  test('a fourth prompt to one phone in five minutes is held back before SmartPay refuses', async () => {
    await world.advance(30);
    const msisdn = newCustomer(world);
    for (let i = 0; i < 3; i++) {
      const sale = await prompted(world, 500 + i, msisdn);
      world.mpesa.cancel((await world.prompt(msisdn)).id);
      await sale.card('Cancelled on the phone.');
      await world.advance(61);
    }
    const before = calls();
    const fourth = await ask(world, 600, msisdn);
    expect((await fourth.card('Not sent:')).text).toMatch(
      /\nNot sent: this phone was asked several times in a few minutes\. Try \d\d:\d\d\.$/,
    );
    await world.quiet();
    expect(calls()).toBe(before);
    await world.advance(125);
    await fourth.again();
    await fourth.pay();
    await fourth.card('✅');
  });

  test.each([
    ['its limit of a minute', { keyPerMinute: 0 }],
    ['the limit of our address', { ipPerMinute: 0 }],
  ])('%s: the account rests, the card says until when', async (_what, limits) => {
    await world.advance(61);
    control().setLimits(limits);
    expect(await whyNot()).toMatch(/^Not sent: the gateway takes no more prompts just now/);
    const before = calls();
    const next = await ask(world);
    expect((await next.card('takes no new prompts just now')).text).toMatch(/\. Try \d\d:\d\d\.$/);
    await world.quiet();
    expect(calls()).toBe(before);
    control().setLimits({});
    await world.advance(200);
    await next.again();
    await next.pay();
    await next.card('✅');
  });
});

describe('SayaPay without its query', () => {
  shopAt('sayapay');
  const place = () => world.place('sayapay');
  const control = () => place().gateway.control;
  const tokens = (): number =>
    control()
      .requests()
      .filter(({ path }) => path.endsWith('/oauth/token')).length;
  const calls = (): number =>
    control()
      .requests()
      .filter(({ path }) => path.endsWith('/stkpush/process')).length;

  test('only the address of the prompt itself counts, and only with what was asked', async () => {
    const sale = await prompted(world);
    const push = control()
      .pushes()
      .findLast(({ phone }) => phone === sale.msisdn);
    const told = { checkout: push?.id ?? '', phone: sale.msisdn, code: 'TFH774CBS1' };
    expect(await post(place().callbackUrl, paidCallback(told))).toBe(200);
    expect(await sale.state()).toMatchObject({ state: 'prompted', flag: null });
    const own = push?.callbackUrl ?? '';
    expect(await post(own, paidCallback({ ...told, checkout: 'ws_CO_other' }))).toBe(200);
    expect(await sale.state()).toMatchObject({ state: 'prompted', flag: null });
    expect(await credited(sale)).toBe(0);
    await sale.pay();
    expect((await sale.card('✅')).text).not.toContain('TFH774CBS1');
    expect(await credited(sale)).toBe(1);
  });

  test('a token that dies early, by their clock or by ours, costs one more call and no prompt', async () => {
    control().setSwitches({ tokenLifeMs: 60_000, newTokenEndsOld: true });
    control().endTokens();
    await works();
    const before = { tokens: tokens(), calls: calls() };
    await world.advance(125);
    await works();
    expect(tokens() - before.tokens).toBe(1);
    expect(calls() - before.calls).toBe(2);
    control().endTokens();
    await works();
    expect(
      control()
        .pushes()
        .filter(({ result }) => result === null),
    ).toEqual([]);
    control().setSwitches({ tokenLifeMs: 3_599_000, newTokenEndsOld: false });
  });

  test('credentials that were revoked stop the account until they are in order', async () => {
    const { consumerSecret } = control().account(place().own);
    control().setAccount(place().own, { consumerSecret: 'another' });
    control().endTokens();
    await stops('SayaPay', keys, calls);
    expect(await world.checkAccount()).toBe('refused');
    control().setAccount(place().own, { consumerSecret });
    expect(await world.checkAccount()).toBe('checked');
    await works();
  });

  test('a description or phone that it does not take is one sentence', async () => {
    tamper = (_url, body) => body.replace(/"phone":"\d+"/, '"phone":"12"');
    expect(await whyNot()).toBe(
      'Not sent: the gateway did not take the request; check amount and phone, then send again.',
    );
  });
});

describe('SayaPay with its query', () => {
  shopAt('sayapay-asked');

  test('a forged word at the very address of the prompt is asked for, not believed', async () => {
    const { control } = world.place('sayapay-asked').gateway;
    control.arm('callback_forged');
    const sale = await prompted(world);
    expect(control.requests().at(-1)?.path).toMatch(/\/stkpush\/query$/);
    expect(await credited(sale)).toBe(0);
    expect((await sale.state()).state).toBe('prompted');
    world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
    await sale.card('Cancelled on the phone.');
  });
});

describe('Daraja PHP', () => {
  shopAt('daraja-php');
  const place = () => world.place('daraja-php');
  const control = () => place().gateway.control;
  const calls = (): number =>
    control()
      .requests()
      .filter(({ path }) => path.endsWith('stk_push.php')).length;

  test('a word about another prompt counts for none, one about another amount is shown to a person', async () => {
    const sale = await prompted(world);
    const push = control()
      .pushes()
      .findLast(({ phone }) => phone === sale.msisdn);
    const told = { checkout: push?.id ?? '', phone: sale.msisdn, code: 'TFH774CBD1' };
    expect(await post(place().callbackUrl, paidCallback({ ...told, checkout: 'ws_CO_9' }))).toBe(200);
    expect(await sale.state()).toMatchObject({ state: 'prompted', flag: null });
    expect(await post(place().callbackUrl, paidCallback(told, { Amount: 5 }))).toBe(200);
    expect((await sale.card('⚠️')).text).toMatch(/M-Pesa shows KES 5\. Under review; hold the goods\.$/);
    expect(await credited(sale)).toBe(0);
  });

  test('what it refuses, also where it hides it in the body, is one sentence', async () => {
    tamper = (_url, body) => body.replace(/"phone":"\d+"/, '"phone":"12"');
    const refused =
      /^Not sent: the gateway did not take the request; check amount and phone, then send again\.$/;
    expect(await whyNot()).toMatch(refused);
    control().setSwitches({ statusInBodyOnly: true });
    expect(await whyNot()).toMatch(refused);
    control().setSwitches({ statusInBodyOnly: false });
  });

  test('credentials that were revoked stop the account until they are in order', async () => {
    const { credentials } = control().account(place().own);
    control().setAccount(place().own, { credentials: { consumerKey: 'k', consumerSecret: 'another' } });
    control().endTokens();
    await stops('Daraja PHP', keys, calls);
    expect(await world.checkAccount()).toBe('refused');
    control().setAccount(place().own, { credentials });
    expect(await world.checkAccount()).toBe('checked');
    await works();
  });
});

describe('BOSMI', () => {
  shopAt('bosmi');
  const place = () => world.place('bosmi');
  const control = () => place().gateway.control;
  const calls = (): number =>
    control()
      .requests()
      .filter(({ path }) => path.endsWith('/processrequest')).length;

  test('says one thing of "under way" and of "cancelled": a person decides after five minutes', async () => {
    const sale = await prompted(world);
    world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
    await world.advance(280);
    expect((await sale.state()).state).toBe('unknown');
    await world.advance(90);
    await sale.card('Compare with the M-Pesa statement');
    await sale.press('Review', boss);
    await world.quiet();
    await world.press('It was not paid', boss);
    await world.card('Marked not paid by Baraka', boss);
    expect(labels(await sale.card('Not paid.'))).toEqual(['Send again']);
    await sale.again();
    await sale.pay();
    await world.advance(21);
    await sale.card('✅');
  });

  test('a phone that it does not take is one sentence, also before it is asked', async () => {
    const phone = 'Not sent: the gateway does not take this phone; check the number or use another.';
    control().arm('refused');
    expect(await whyNot()).toBe(phone);
    const before = calls();
    world.mpesa.addSubscriber({ msisdn: '254110000001', pin: '7391', balanceCents: 1n });
    expect(await whyNot('254110000001')).toBe(phone);
    expect(calls()).toBe(before);
  });

  test('keys that it refuses by the status stop the account; by a sentence alone they prove nothing', async () => {
    control().arm('unauthorized');
    const sale = await ask(world);
    await sale.card('❔');
    control().setManners({ errorStatus: 401 });
    control().setAccount(place().own, { isActive: false });
    await stops('BOSMI', keys, calls);
    control().setAccount(place().own, { isActive: true });
    control().setManners({ errorStatus: 200 });
    // It has no call to try credentials with: the operator's word opens it.
    expect(await world.checkAccount()).toBe('not_checked');
    const next = await ask(world);
    await next.pay();
    await world.advance(21);
    await next.card('✅');
  });
});
