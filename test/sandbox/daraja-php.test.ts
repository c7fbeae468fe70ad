/** Protects the simulated Daraja PHP platform: tokens, pushes, and payments from the customer's own M-Pesa menu. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDarajaPhp } from '../../src/sandbox/daraja-php/index.ts';
import { paidCallback, phone, startGateway, type Wire } from './gateway-kit.ts';

async function start() {
  const world = await startGateway(createDarajaPhp);
  const hook = `${world.receiver.url}/hook`;
  const account = world.control.addAccount({ merchantName: 'MAMA NJERI SHOP', callbackUrl: hook });
  const token = async (headers: Record<string, string> = {}) =>
    (await world.send('/api/generate_token.php', { method: 'POST', headers })).body.token;
  const post = async (path: string, body: unknown) =>
    world.send(path, { headers: { authorization: `Bearer ${await token()}` }, body });
  const printed = { phone: '254712345678', amount: 100, reference: 'account123', description: 'Lunch' };
  return {
    ...world,
    account,
    token,
    post,
    printed,
    push: (over: Wire = {}) => post('/api/stk_push.php', { ...printed, ...over }),
    register: (over: Wire = {}) =>
      post('/api/c2b_register.php', {
        ShortCode: '174379',
        ResponseType: 'Completed',
        ConfirmationURL: `${world.receiver.url}/confirmation`,
        ValidationURL: `${world.receiver.url}/validation`,
        ...over,
      }),
    menu: (over: { amountKes?: number; billRef?: string } = {}) =>
      world.control.payIn({
        accountId: account.accountId,
        msisdn: phone,
        amountKes: 100,
        billRef: 'account123',
        ...over,
      }),
  };
}

let world: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  world = await start();
});
afterEach(() => world.close());

const badRequest = { status: 400, body: { status: 400, response: { errorCode: '400.002.02' } } };
const unauthorized = { status: 401, body: { status: 401, response: { errorCode: '401.003.01' } } };

describe('a token', () => {
  it('is given as printed, to whoever asks where the account has no credentials', async () => {
    const answer = await world.send('/api/generate_token.php', { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      token: expect.stringMatching(/^eyJ0eXAiOiJKV1QiLCJhbGciOiJ[\w-]+\.[\w-]+\.[\w-]+$/),
    });
  });

  it('asks for the credentials of an account that has some', async () => {
    const { accountId } = world.account;
    world.control.setAccount(accountId, { credentials: { consumerKey: 'key', consumerSecret: 'secret' } });
    expect(await world.token()).toBeUndefined();
    expect(await world.token({ authorization: `Basic ${btoa('key:nope')}` })).toBeUndefined();
    expect(await world.token({ authorization: `Basic ${btoa('key:secret')}` })).toEqual(expect.any(String));
    const refused = await world.send('/api/generate_token.php', { method: 'POST' });
    expect(refused).toMatchObject({ status: 401, body: { success: false } });
  });

  it('works for an hour', async () => {
    const headers = { authorization: `Bearer ${await world.token()}` };
    const push = () => world.send('/api/stk_push.php', { headers, body: world.printed });
    world.scheduler.advance(3_599_999);
    expect((await push()).status).toBe(200);
    world.scheduler.advance(1);
    expect(await push()).toMatchObject(unauthorized);
  });

  it('dies early, by hand, or by the next one, where that is switched on', async () => {
    world.control.setSwitches({ tokenLifeMs: 60_000 });
    const call = (token: unknown) =>
      world.send('/api/stk_push.php', { headers: { authorization: `Bearer ${token}` }, body: {} });
    const short = await world.token();
    expect((await call(short)).status).toBe(400);
    world.scheduler.advance(60_000);
    expect((await call(short)).status).toBe(401);
    const [ended] = [await world.token(), world.control.endTokens()];
    expect((await call(ended)).status).toBe(401);
    world.control.setSwitches({ newTokenEndsOld: true });
    const [old, fresh] = [await world.token(), await world.token()];
    expect([(await call(old)).status, (await call(fresh)).status]).toEqual([401, 400]);
  });
});

describe('a push', () => {
  it('is answered as printed', async () => {
    const { status, body } = await world.push();
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        status: 200,
        response: {
          MerchantRequestID: expect.stringMatching(/^\d{5}-\d{8}-1$/),
          CheckoutRequestID: expect.stringMatching(/^ws_CO_21112026143100\d{4}$/),
          ResponseCode: '0',
          ResponseDescription: 'Success. Request accepted for processing',
          CustomerMessage: 'Success. Request accepted for processing',
        },
      },
    });
    expect(world.mpesa.prompts(phone)).toMatchObject([
      { amountCents: 10_000n, merchant: 'MAMA NJERI SHOP', account: 'account123' },
    ]);
  });

  it.each<[string, Wire]>([
    ['a phone as people write it', { phone: '0712345678' }],
    ['a phone outside the test phones', { phone: '254722000000' }],
    ['nothing', { amount: 0 }],
    ['cents', { amount: 1.5 }],
    ['an amount as text', { amount: '100' }],
    ['more than the test amounts', { amount: 70_001 }],
    ['a reference with a dash', { reference: 'INV-1' }],
    ['no reference', { reference: undefined }],
    ['no description', { description: undefined }],
    ['a field that is not printed', { callbackUrl: 'https://x.ke' }],
  ])('is refused with %s', async (_name, over) => {
    expect(await world.push(over)).toMatchObject(badRequest);
    expect(world.control.pushes()).toEqual([]);
  });

  it('takes the other test phone, and the largest test amount', async () => {
    expect((await world.push({ phone: '254708374149', amount: 70_000 })).status).toBe(200);
  });

  it('takes any Kenyan mobile and what M-Pesa takes outside the sandbox', async () => {
    world.control.setAccount(world.account.accountId, { sandbox: false });
    expect((await world.push({ phone: '254112345678', amount: 250_000 })).status).toBe(200);
    expect(await world.push({ amount: 250_001 })).toMatchObject(badRequest);
  });

  it('needs a token and JSON', async () => {
    const { printed: body } = world;
    expect(await world.send('/api/stk_push.php', { body })).toMatchObject(unauthorized);
    const headers = { authorization: 'Bearer nope' };
    expect(await world.send('/api/stk_push.php', { headers, body })).toMatchObject(unauthorized);
    expect(await world.post('/api/stk_push.php', '[]')).toMatchObject(badRequest);
  });

  it('says no in its body only, where that is switched on', async () => {
    world.control.setSwitches({ statusInBodyOnly: true });
    expect(await world.push({ amount: 0 })).toMatchObject({ status: 200, body: { status: 400 } });
  });

  it("ends in Safaricom's callback at the account's URL", async () => {
    const ids = (await world.push()).body.response as Wire;
    await world.pay();
    const expected = { checkout: ids.CheckoutRequestID, merchant: ids.MerchantRequestID };
    expect(world.receiver.bodies()).toEqual([paidCallback(expected, 100)]);
    expect(world.receiver.heard[0]?.path).toBe('/hook');
  });

  it.each<[string, number, () => Promise<void>]>([
    ['too little money', 1, async () => world.mpesa.setBalance(phone, 0n)],
    ['Cancel', 1032, () => world.cancel()],
    ['no PIN', 1037, () => world.later(60_000)],
    ['a wrong PIN', 2001, () => world.pay('0000')],
  ])('tells of %s as %i', async (_name, code, act) => {
    await world.push();
    await act();
    if (code === 1) await world.pay();
    expect(world.receiver.bodies()).toMatchObject([{ Body: { stkCallback: { ResultCode: code } } }]);
  });

  it('is posted once', async () => {
    world.receiver.answers.status = 500;
    await world.push();
    await world.pay();
    await world.later(3_600_000);
    expect(world.receiver.heard).toHaveLength(1);
  });

  it('knows no other path', async () => {
    expect((await world.send('/api/stk_status.php', { body: {} })).status).toBe(404);
    expect((await world.send('/api/stk_push.php')).status).toBe(400);
  });
});

describe('C2B', () => {
  const confirmation = {
    TransactionType: 'Pay Bill',
    TransID: expect.stringMatching(/^[A-Z][A-Z0-9]{9}$/),
    TransAmount: '100.00',
    BusinessShortCode: '174379',
    BillRefNumber: 'account123',
    MSISDN: '254712345678',
    FirstName: 'John',
  };

  it('registers, asks, moves the money, and confirms as printed', async () => {
    expect(await world.register()).toMatchObject({
      status: 200,
      body: { status: 200, response: { ResponseCode: '0' } },
    });
    const result = await world.menu();
    await world.control.idle();
    expect(world.receiver.heard.map((one) => one.path)).toEqual(['/validation', '/confirmation']);
    expect(world.receiver.bodies()).toEqual([confirmation, confirmation]);
    const [movement] = world.mpesa.moved();
    expect(result).toEqual({ kind: 'paid', movement });
    expect(world.receiver.bodies()[1]?.TransID).toBe(movement?.receipt);
    expect(world.mpesa.subscriber(phone)?.balanceCents).toBe(490_000n);
  });

  it('moves no money when the validation URL says no', async () => {
    await world.register();
    world.receiver.answers.text = '{"ResultCode":"C2B00012","ResultDesc":"Rejected"}';
    expect(await world.menu()).toEqual({ kind: 'rejected' });
    expect(world.mpesa.moved()).toEqual([]);
    expect(world.receiver.heard).toHaveLength(1);
  });

  it.each([
    ['Completed', 'paid'],
    ['Cancelled', 'rejected'],
  ])('is %s when the validation URL is silent for eight seconds', async (ResponseType, kind) => {
    await world.register({ ResponseType });
    world.receiver.answers.status = 'silent';
    const result = world.menu();
    await world.receiver.hears(1);
    world.receiver.answers.status = 200;
    world.scheduler.advance(8_000);
    expect((await result).kind).toBe(kind);
    await world.control.idle();
  });

  it('needs the money', async () => {
    await world.register();
    expect(await world.menu({ amountKes: 5_001 })).toEqual({ kind: 'no_money' });
    await world.control.idle();
    expect(world.receiver.heard).toHaveLength(1);
  });

  it('tells nobody when nothing is registered', async () => {
    expect((await world.menu()).kind).toBe('paid');
    expect(world.control.webhooks()).toEqual([]);
  });

  it.each([
    ['masked', '2547 ***** 678'],
    ['hashed', expect.stringMatching(/^[0-9a-f]{64}$/)],
  ] as const)('can carry the phone %s', async (msisdnForm, MSISDN) => {
    world.control.setAccount(world.account.accountId, { msisdnForm });
    await world.register();
    await world.menu();
    await world.control.idle();
    expect(world.receiver.bodies()[1]).toEqual({ ...confirmation, MSISDN });
  });

  it.each<[string, Wire]>([
    ['another short code', { ShortCode: '600126' }],
    ['another response type', { ResponseType: 'Maybe' }],
    ['a word that Safaricom refuses', { ConfirmationURL: 'https://shop.ke/mpesa/c' }],
    ['plain HTTP', { ValidationURL: 'http://shop.ke/v' }],
    ['no confirmation URL', { ConfirmationURL: undefined }],
  ])('does not register %s', async (_name, over) => {
    expect(await world.register(over)).toMatchObject(badRequest);
    expect(world.control.account(world.account.accountId).urls).toBeNull();
  });

  it('registers once outside the sandbox', async () => {
    expect((await world.register()).status).toBe(200);
    expect((await world.register()).status).toBe(200);
    world.control.setAccount(world.account.accountId, { sandbox: false });
    expect(await world.register()).toMatchObject({
      status: 500,
      body: { response: { errorCode: '500.003.1001' } },
    });
  });

  it('has its bad days', async () => {
    await world.register();
    world.control.arm('callback_twice');
    world.control.arm('wrong_amount', 900);
    await world.menu();
    await world.control.idle();
    const told = world.receiver.bodies().map((body) => body.TransAmount);
    expect(told).toEqual(['100.00', '900.00', '900.00']);
    world.control.arm('callback_late', 30_000);
    await world.menu({ amountKes: 50 });
    await world.later(29_999);
    expect(world.receiver.heard).toHaveLength(4);
    await world.later(1);
    expect(world.receiver.bodies().at(-1)).toMatchObject({ TransAmount: '50.00' });
  });
});
