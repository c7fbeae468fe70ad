/** Protects the operator's first question, "why does it not work": each thing is one line, and what is wrong says what to do. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { runCli } from '../../src/cli/run.ts';
import { type Clock, systemClock } from '../../src/domain/clock.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { closedPort } from '../gateways/loopback.ts';
import { secret, startWorld, type World } from '../sandbox/bluepay-kit.ts';
import { type Kit, startKit, token } from '../sandbox/telegram-kit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { environmentOf } from './operator.ts';

let database: TestDatabase;
let world: World;
let telegram: Kit;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  database = await openTestDatabase({ max: 2 });
  telegram = await startKit();
});
afterEach(async () => {
  await telegram.server.close();
  await database.close();
});

function environment(over: Record<string, string> = {}): Record<string, string> {
  return {
    ...environmentOf(database),
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: telegram.server.url,
    ...over,
  };
}

function call(args: readonly string[], env: Record<string, string>, stdin = '', clock: Clock = systemClock) {
  return runCli(args, {
    env,
    clock,
    random: systemRandom,
    fetch,
    readStdin: () => Promise.resolve(stdin),
  });
}

interface Told {
  readonly status: number;
  readonly healthy: boolean;
  readonly of: (name: string) => Finding | undefined;
  readonly all: string;
}

async function doctor(env: Record<string, string>, clock?: Clock): Promise<Told> {
  const ran = await call(['doctor', '--json'], env, '', clock);
  const { healthy, checks } = JSON.parse(ran.stdout) as { healthy: boolean; checks: Finding[] };
  return {
    status: ran.status,
    healthy,
    of: (name) => checks.find((check) => check.name === name),
    all: ran.stdout + ran.stderr,
  };
}

/** A business with an account at the simulated BluePay. */
async function addAccount(): Promise<string> {
  const env = environment();
  const business = await call(['business', 'add', '--name', 'Duka', '--owner', 'telegram:1', '--json'], env);
  const { businessId } = JSON.parse(business.stdout);
  const args = [
    'gateway',
    'add',
    '--business',
    businessId,
    '--kind',
    'bluepay',
    '--name',
    'Main',
    '--config',
    '-',
  ];
  const config = { baseUrl: world.bluepay.url, apiSecret: secret, shortCode: '123456' };
  const added = await call([...args, '--json'], env, JSON.stringify(config));
  return JSON.parse(added.stdout).accountId;
}

describe('doctor', () => {
  it('has one line for each thing, and ends with 0 when all is well', async () => {
    await addAccount();
    const ran = await call(['doctor'], environment());
    const lines = ran.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      // The test server runs with fsync off, which is worth a hint.
      'hint   database',
      'ok     migrations',
      'ok     key',
      'ok     queues',
      'ok     telegram',
      'ok     webhook',
      'ok     sms',
      'ok     gateway Main of Duka',
      'ok     clock',
      'ok     public url',
      'ok     disk',
    ]);
    expect(ran.stdout).toContain('@malipo_sandbox_bot');
    expect(ran.stdout).toContain('agrees with the database and Telegram');
  });

  it('repeats no token, secret, key or password', async () => {
    await addAccount();
    const told = await doctor(environment());
    const password = new URL(database.connection).password;
    for (const hidden of [token, secret, database.masterKey, password].filter((one) => one !== ''))
      expect(told.all).not.toContain(hidden);
  });

  it('tells a token that Telegram refuses', async () => {
    const told = await doctor(environment({ TELEGRAM_BOT_TOKEN: '7000000002:AAanother_token-of_nobody' }));
    expect(told.status).toBe(1);
    expect(told.of('telegram')).toMatchObject({ state: 'wrong', todo: expect.stringMatching(/BotFather/) });
    expect(told.all).not.toContain('AAanother');
  });

  it('tells that Telegram is not reached', async () => {
    const told = await doctor(environment({ TELEGRAM_API_ROOT: await closedPort() }));
    expect(told.of('telegram')).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/ECONNREFUSED/),
    });
    expect(told.of('clock')?.detail).toBe('agrees with the database');
    expect(told.all).not.toContain(token);
  });

  it('tells a webhook that does not come here', async () => {
    const told = await doctor(environment({ TELEGRAM_WEBHOOK_SECRET: 'secret' }));
    expect(told.of('webhook')).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/https:\/\/pay\.example\.com\/telegram/),
    });
    await telegram.done('setWebhook', { url: 'https://old.example.com/hook' });
    const polling = await doctor(environment());
    expect(polling.of('webhook')).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/old\.example\.com/),
    });
  });

  it('tells an account that the gateway refuses, and one that was stopped, and changes neither', async () => {
    const accountId = await addAccount();
    Object.assign(world.account, { apiSecret: 'sk_live_regenerated' });
    const refused = await doctor(environment());
    Object.assign(world.account, { apiSecret: secret });
    expect(refused.status).toBe(1);
    expect(refused.of('gateway Main of Duka')).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/credentials/),
    });
    await database.db
      .updateTable('gateway_account')
      .set({ state: 'stopped', stopped_reason: 'credentials_refused' })
      .execute();
    const stopped = await doctor(environment());
    expect(stopped.of('gateway Main of Duka')?.todo).toBe(`run gateway check --account ${accountId}`);
    const row = await database.db.selectFrom('gateway_account').select('state').executeTakeFirstOrThrow();
    expect(row.state).toBe('stopped');
  });

  it.each([
    [61, 'ahead of'],
    [-3600, 'behind'],
  ])('tells a clock that is %i s off', async (seconds, word) => {
    const clock = { now: () => new Date(Date.now() + seconds * 1000) };
    const told = await doctor(environment(), clock);
    expect(told.of('clock')).toMatchObject({ state: 'wrong', detail: expect.stringContaining(word) });
  });

  it('tells a key that does not open what is stored', async () => {
    await addAccount();
    const told = await doctor(environment({ MASTER_KEY: Buffer.alloc(32, 9).toString('base64') }));
    expect(told.of('key')).toMatchObject({ state: 'wrong', todo: expect.stringMatching(/MASTER_KEY/) });
    expect(told.of('gateway Main of Duka')).toMatchObject({ state: 'wrong' });
  });

  it('tells migrations that are missing, and does not run them', async () => {
    await sql`drop schema public cascade`.execute(database.db);
    await sql`create schema public`.execute(database.db);
    const told = await doctor(environment());
    expect(told.status).toBe(1);
    expect(told.of('migrations')).toMatchObject({ state: 'wrong', todo: expect.stringMatching(/migrate/) });
    expect(told.of('key')).toBeUndefined();
    const again = await doctor(environment());
    expect(again.of('migrations')?.state).toBe('wrong');
  });

  it('tells messages that were given up', async () => {
    const now = new Date();
    await database.db
      .insertInto('outbox')
      .values({
        key: 'k',
        channel: 'telegram',
        lane: 'telegram:1',
        method: 'sendMessage',
        payload_sealed: Buffer.from('x'),
        target_id: null,
        state: 'dead',
        tries: 9,
        due_at: now,
        lease_token: null,
        lease_until: null,
        external_id: null,
        error: 'refused',
        created_at: now,
        sent_at: null,
      })
      .execute();
    const told = await doctor(environment());
    expect(told.of('queues')).toMatchObject({
      state: 'wrong',
      todo: expect.stringMatching(/requeue --dead/),
    });
  });

  it('hints where no callback can arrive, and still ends well', async () => {
    await addAccount();
    const told = await doctor(environment({ PUBLIC_URL: 'http://127.0.0.1:3000' }));
    expect(told.of('public url')).toMatchObject({ state: 'hint', todo: expect.stringMatching(/PUBLIC_URL/) });
    expect(
      (await doctor(environment({ PUBLIC_URL: 'http://pay.example.com' }))).of('public url')?.state,
    ).toBe('hint');
  });

  it('tells a database that is away, as JSON too', async () => {
    const port = new URL(await closedPort()).port;
    const told = await doctor(environment({ DATABASE_URL: `postgres://u:hush@127.0.0.1:${port}/x` }));
    expect(told).toMatchObject({ status: 1, healthy: false });
    expect(told.of('database')).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/not reachable/),
    });
    expect(told.all).not.toContain('hush');
  });

  it('tells a variable that is wrong, as JSON too', async () => {
    const told = await doctor(environment({ PORT: 'hush' }));
    expect(told.of('start')).toMatchObject({
      state: 'wrong',
      detail: expect.stringMatching(/^PORT: expected/),
    });
    expect(told.all).not.toContain('hush');
  });
});
