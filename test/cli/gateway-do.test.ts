/**
 * Protects what only an operator does at a gateway, by the real command against the strict simulators: a key that is told
 * once is printed once and kept sealed, and money that nobody asked for is told as unproved.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boss, openWorld, type World } from '../journeys/world.ts';
import { createQuickOperator, environmentOf, type Operator } from './operator.ts';

let world: World;
let operator: Operator;
async function open(gateway: 'smartpay' | 'daraja-php'): Promise<void> {
  world = await openWorld({ gateway });
  operator = await createQuickOperator({ ...environmentOf(world.database), PUBLIC_URL: world.url });
}
afterAll(async () => {
  await operator.close();
  await world.close();
});

const args = (action: string, ...more: string[]) => [
  ...['gateway', 'do', '--account', world.accountId],
  ...more,
  action,
];
const done = (action: string, config?: unknown) =>
  config === undefined
    ? operator.json(args(action))
    : operator.json(args(action, '--config', '-'), JSON.stringify(config));

describe('at SmartPay', () => {
  beforeAll(() => open('smartpay'));
  const control = () => world.place('smartpay').gateway.control;
  const own = () => control().key(Number(world.place('smartpay').own));
  const intents = () =>
    world.db.selectFrom('account_action').selectAll().orderBy('started_at').orderBy('id').execute();

  it('lists what can be done, where nothing of that name can', async () => {
    const ran = await operator.run(args('keys-paint'));
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/no action keys-paint.*\n {2}ping {2,}/);
    for (const name of ['keys-create', 'keys-regenerate', 'destination-set', 'notifications-set'])
      expect(ran.stderr).toContain(`\n  ${name} `);
    expect(await intents()).toEqual([]);
  });

  it('creates a key, which is printed once and kept sealed, with its intent', async () => {
    const ran = await operator.run(args('keys-create', '--config', '-'), '{"name":"Second shop"}');
    expect(ran.status).toBe(0);
    const made = control().keys().at(-1);
    expect(made).toMatchObject({ name: 'Second shop', active: false, limit: 0 });
    expect(ran.stdout.split(made?.apiKey ?? '-')).toHaveLength(2);
    const [intent] = await intents();
    expect(intent).toMatchObject({ action: 'keys-create', state: 'done', account_id: world.accountId });
    expect(JSON.stringify(intent)).not.toContain(made?.apiKey);
    const kept = world.database.vault.open(
      intent?.secret_sealed ?? Buffer.alloc(0),
      `account_action:${intent?.id}`,
    );
    expect(kept).toContain(made?.apiKey);
  });

  it('regenerates it: the old one is gone, the new one told once', async () => {
    const before = control().keys().at(-1);
    const told = await done('keys-regenerate', { id: before?.id });
    const after = control().keys().at(-1);
    expect(after?.apiKey).not.toBe(before?.apiKey);
    expect(told.secret).toBe(after?.apiKey);
    expect(JSON.stringify({ ...told, secret: '' })).not.toContain(after?.apiKey);
    expect((await intents()).at(-1)).toMatchObject({ action: 'keys-regenerate', state: 'done' });
  });

  it('sets where money lands, with our own callback URL, and owners are told', async () => {
    const paybill = { method: 'paybill', paybill_number: '123456', account_number: 'ACC001' };
    await done('destination-set', paybill);
    expect(own()).toMatchObject({ destination: paybill, callbackurl: world.callbackUrl });
    const told = await world.card('now lands your money here', boss);
    expect(told.text).toContain('here: Paybill 123456, account ACC001\nBefore: Wallet SP');
    expect((await done('destination-get')).action).toBe('destination-get');
    const wrong = await operator.run(
      args('destination-set', '--config', '-'),
      '{"method":"bankpaybill","bank_code":"1","bank_account":"1"}',
    );
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toContain('bank_code: expected one of the bank codes');
  });

  it('is told by gateway check why the account is stopped, in the gateway’s own terms', async () => {
    control().setKey(own().id, { fraudSuspended: true });
    const ran = await operator.run(['gateway', 'check', '--account', world.accountId]);
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain('SmartPay has suspended this key for suspected fraud.');
    expect(ran.stderr).not.toContain(own().apiKey);
    control().setKey(own().id, { fraudSuspended: false });
  });

  it('sets who SmartPay itself tells', async () => {
    await done('notifications-set', { notify_email: '', notify_phone: '254712345678' });
    expect(own()).toMatchObject({ notifyEmail: '', notifyPhone: '254712345678' });
    expect((await intents()).map(({ action, state }) => `${action} ${state}`)).toEqual([
      'keys-create done',
      'keys-regenerate done',
      'destination-set done',
      'notifications-set done',
    ]);
    await operator.close();
    await world.close();
  });
});

describe('at a Daraja PHP platform', () => {
  beforeAll(() => open('daraja-php'));

  it('registers for money that customers send by themselves, which is told as unproved', async () => {
    expect(await done('c2b-register', {})).toMatchObject({ registered: true, shortCode: '174379' });
    const { gateway, own } = world.place('daraja-php');
    const { urls } = gateway.control.account(own);
    expect(urls?.confirmation).toMatch(new RegExp(`^${world.callbackUrl}/[0-9a-f]{32}$`));
    expect(urls?.confirmation).not.toBe(urls?.validation);
    const msisdn = '254722000111';
    const payment = { accountId: own, msisdn, amountKes: 750, billRef: 'rent <b>', firstName: 'Jane' };
    const paid = await gateway.control.payIn(payment);
    if (paid.kind !== 'paid') throw new Error(paid.kind);
    const told = await world.card('Nobody asked for it here, and it is not proved', boss);
    expect(told.text).toMatch(
      /^⚠️ KES 750 from Jane, 2547\*\*\*\*111 came to Daraja PHP\. M-Pesa \w{10}, account rent <b>\.\nNobody/,
    );
    expect(told.text).toContain(paid.movement.receipt);
    await world.quiet();
    expect(await world.db.selectFrom('ledger').select('id').execute()).toEqual([]);
    const rows = await world.db.selectFrom('unclaimed').select(['receipt', 'trust', 'payment_id']).execute();
    expect(rows).toEqual([
      { receipt: paid.movement.receipt, trust: expect.stringMatching(/hint|unsigned/), payment_id: null },
    ]);
    // Once per short code at the live Safaricom: the second time is refused in its words, and changes nothing.
    const again = await operator.run(args('c2b-register', '--config', '-'), '{}');
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('already registered');
  });
});
