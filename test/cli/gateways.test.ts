/**
 * Protects the door through which credentials come in: read, completed, tried at the gateway, sealed, and never shown
 * again. Nothing is stored where the gateway refuses.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelId, secret, startWorld, type World } from '../sandbox/bluepay-kit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createQuickOperator, environmentOf, type Operator } from './operator.ts';

let database: TestDatabase;
let operator: Operator;
let world: World;
let businessId: string;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  operator = await createQuickOperator(environmentOf(database));
  world = await startWorld();
  const added = await operator.json(['business', 'add', '--name', 'Duka', '--owner', 'telegram:1001']);
  businessId = String(added.businessId);
});
afterAll(async () => {
  await world.close();
  await operator.close();
  await database.close();
});

const config = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({ baseUrl: world.bluepay.url, apiSecret: secret, shortCode: '123456', ...over });

function addArgs(name: string, ...more: string[]): string[] {
  return [
    'gateway',
    'add',
    '--business',
    businessId,
    '--kind',
    'bluepay',
    '--name',
    name,
    '--config',
    '-',
    ...more,
  ];
}

function stored(name: string) {
  return database.db.selectFrom('gateway_account').selectAll().where('name', '=', name).executeTakeFirst();
}

describe('gateway add', () => {
  it('completes, checks and seals the configuration, and answers with the callback URL', async () => {
    const added = await operator.json(addArgs('Paybill'), config());
    expect(added).toMatchObject({ label: 'Paybill 123456', checked: true });
    const row = await stored('Paybill');
    expect(row?.id).toBe(added.accountId);
    expect(row?.state).toBe('active');
    const opened = JSON.parse(
      database.vault.open(row?.config_sealed ?? Buffer.alloc(0), `gateway_account:${row?.id}:config`),
    );
    expect(opened).toMatchObject({ apiSecret: secret, channelId });
    const [, callback = ''] =
      /^https:\/\/pay\.example\.com\/cb\/([0-9a-f]{32})$/.exec(String(added.callbackUrl)) ?? [];
    expect(row?.callback_hmac).toEqual(database.vault.hmac('callback', callback));
    expect(JSON.stringify(row)).not.toContain(secret);
  });

  it('reads the configuration from a file', async () => {
    const file = path.join(operator.home, 'bluepay.json');
    await writeFile(file, `\ufeff${config({ channelId })}`);
    const args = addArgs('From a file').with(-1, file);
    expect(await operator.json(args)).toHaveProperty('accountId');
  });

  it.each([
    ['a secret that the gateway refuses', { apiSecret: 'sk_wrong_hush' }, /credentials/],
    ['a short code that the account has not', { shortCode: '999999' }, /123456/],
    ['a missing secret', { apiSecret: undefined }, /^apiSecret: expected/],
    ['an unknown key', { apiKey: 'hush' }, /apiKey/],
    ['a gateway that does not answer', { baseUrl: 'http://127.0.0.1:1' }, /no connection/],
  ])('stores nothing with %s, and repeats no secret', async (what, over, said) => {
    const ran = await operator.run(addArgs(what), config(over));
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toMatch(said);
    expect(ran.stderr).not.toContain('hush');
    expect(ran.stderr).not.toContain(secret);
    expect(await stored(what)).toBeUndefined();
  });

  it('repeats nothing of a file that is no JSON', async () => {
    const ran = await operator.run(addArgs('Broken'), `{"apiSecret": ${secret}`);
    expect(ran).toEqual({ status: 1, stdout: '', stderr: '--config: expected JSON\n' });
  });

  it('refuses --accept-unsigned where callbacks are signed', async () => {
    const ran = await operator.run(addArgs('Unsigned', '--accept-unsigned'), config());
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain('--accept-unsigned is not for this account');
    expect(await stored('Unsigned')).toBeUndefined();
  });

  it('refuses an unknown kind, a name twice and a business that is not there', async () => {
    await operator.json(addArgs('Twice'), config());
    expect((await operator.run(addArgs('Twice'), config())).stderr).toContain('"Twice" already');
    const kind = addArgs('Other').with(5, 'paypal');
    expect((await operator.run(kind, config())).stderr).toContain('the kinds are bluepay');
    const business = addArgs('Other').with(3, '0192f0c1-5a3b-7c4d-8e5f-001122334455');
    expect((await operator.run(business, config())).stderr).toContain('There is no business');
  });
});

describe('gateway list and gateway check', () => {
  it('show abilities and health, without a credential', async () => {
    const { accountId } = await operator.json(addArgs('Listed'), config());
    const listed = await operator.json(['gateway', 'list', '--business', businessId]);
    expect(listed.accounts).toContainEqual(
      expect.objectContaining({
        accountId,
        name: 'Listed',
        state: 'active',
        trust: 'signed',
        isDefault: false,
        restsUntil: null,
        unfinished: [],
        abilities: ['collect', 'lookup', 'callback', 'check', 'sms', 'balances', 'actions'],
        health: {
          day: {},
          paidPercent: null,
          callbackSeconds: null,
          unknown: 0,
          lastCallbackAt: null,
          lastLookupAt: null,
        },
        balance: null,
        drift: null,
      }),
    );
    expect(JSON.stringify(listed)).not.toContain(secret);
    const text = await operator.run(['gateway', 'list', '--business', businessId]);
    expect(text.stdout).toContain('Listed: Paybill 123456, bluepay');
  });

  it('let a stopped account go on once its check passes', async () => {
    const { accountId } = await operator.json(addArgs('Stopped'), config());
    const check = ['gateway', 'check', '--account', String(accountId)];
    const stop = { state: 'stopped', stopped_reason: 'credentials_refused' } as const;
    await database.db.updateTable('gateway_account').set(stop).where('name', '=', 'Stopped').execute();
    Object.assign(world.account, { apiSecret: 'sk_live_regenerated' });
    const refused = await operator.run([...check, '--json']);
    Object.assign(world.account, { apiSecret: secret });
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ accountId, check: 'refused' });
    expect(refused.stderr).toContain('credentials');
    expect((await stored('Stopped'))?.state).toBe('stopped');
    expect(await operator.json(check)).toMatchObject({ accountId, check: 'checked' });
    expect(await stored('Stopped')).toMatchObject({ state: 'active', stopped_reason: null });
  });

  it('say that an account or a business is not there', async () => {
    const id = '0192f0c1-5a3b-7c4d-8e5f-001122334455';
    for (const args of [
      ['gateway', 'check', '--account', id],
      ['gateway', 'list', '--business', id],
    ])
      expect(await operator.run(args)).toMatchObject({
        status: 1,
        stdout: '',
        stderr: expect.stringMatching(/There is no/),
      });
  });
});
