/** Protects the contract of every command: exit statuses, what goes to which stream, and that no secret is repeated. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { closedPort } from '../gateways/loopback.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createOperator, createQuickOperator, environmentOf, type Operator } from './operator.ts';

let database: TestDatabase;
let operator: Operator;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  operator = await createQuickOperator(environmentOf(database));
});
afterAll(async () => {
  await operator.close();
  await database.close();
});

/** A call that ends before any database is opened. */
function call(args: readonly string[], env: Record<string, string> = {}) {
  return runCli(args, {
    env,
    clock: createTestClock(),
    random: createTestRandom(),
    fetch: () => Promise.reject(new Error('nothing is to be fetched')),
    readStdin: () => Promise.resolve(''),
  });
}

const id = '0192f0c1-5a3b-7c4d-8e5f-001122334455';

describe('a wrong call', () => {
  it.each([
    ['no command', [], /A command is missing/],
    ['an unknown command', ['pay', 'everybody'], /no command "pay everybody"/],
    ['half a command', ['business'], /no command "business"/],
    ['a missing option', ['business', 'add', '--name', 'Duka'], /--owner is missing/],
    ['an empty option', ['business', 'add', '--name=', '--owner', 'telegram:1'], /--name is missing/],
    ['an option without its value', ['business', 'add', '--name'], /--name/],
    ['an unknown option', ['migrate', '--force'], /--force/],
    ['a value for a flag', ['requeue', '--dead=yes'], /--dead/],
    ['a word too many', ['migrate', 'now'], /a word too many/],
    ['a missing operand', ['payment', 'show'], /REF is missing/],
    [
      'a name of 41 letters',
      ['business', 'add', '--name', 'x'.repeat(41), '--owner', 'telegram:1'],
      /1 to 40/,
    ],
    ['a name of nothing', ['business', 'add', '--name', '\u200f ', '--owner', 'telegram:1'], /1 to 40/],
    ['an unknown channel', ['business', 'add', '--name', 'x', '--owner', 'signal:1'], /CHANNEL:ID/],
    ['a group for a person', ['business', 'add', '--name', 'x', '--owner', 'telegram:-100'], /CHANNEL:ID/],
    [
      'an unknown language',
      ['business', 'add', '--name', 'x', '--owner', 'telegram:1', '--locale', 'fr'],
      /en or sw/,
    ],
    [
      'an unknown role',
      ['member', 'add', '--business', id, '--user', 'telegram:1', '--role', 'god'],
      /owner, manager/,
    ],
    ['an id that is none', ['gateway', 'list', '--business', "1' or 1=1"], /expected an id/],
    ['a number that is none', ['payment', 'show', '12345'], /P-7KQ4M/],
    ["a payout's number", ['payment', 'show', 'W-3F9TD'], /P-7KQ4M/],
    ["a payment's number", ['payout', 'show', 'P-7KQ4M'], /W-3F9TD/],
    ['requeue without its flag', ['requeue'], /--dead is missing/],
  ])('ends with 2 and the usage: %s', async (_what, args, said) => {
    const ran = await call(args);
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toMatch(said);
    expect(ran.stderr).toContain('npm run --silent cli -- ');
  });

  it.each([['export', ['export', '--business', id]]])(
    'ends with 2 and says that this version has it not: %s',
    async (_what, args) => {
      const ran = await call(args);
      expect(ran.status).toBe(2);
      expect(ran.stderr).toMatch(/this version/i);
    },
  );

  it('ends the process with the same', async () => {
    const local = await createOperator({});
    const ran = await local.run(['business', 'add', '--json']);
    await local.close();
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toContain('--name is missing');
  });
});

describe('help', () => {
  it('lists every command, and one command’s options', async () => {
    const all = await call(['--help']);
    expect(all.status).toBe(0);
    for (const words of [
      'business add',
      'member add',
      'gateway add',
      'gateway list',
      'gateway check',
      'payment show',
    ])
      expect(all.stdout).toContain(words);
    for (const words of ['requeue --dead', 'migrate', 'doctor']) expect(all.stdout).toContain(words);
    const one = await call(['gateway', 'add', '--help']);
    expect(one.stdout).toContain('--config FILE|- [--accept-unsigned]');
  });
});

describe('a fault of the surroundings', () => {
  it('is one line for each variable, without its value', async () => {
    const ran = await call(['migrate'], { DATABASE_URL: 'postgres://u:hush@db/x', PORT: 'hush' });
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(
      ran.stderr
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
    ).toEqual(['MASTER_KEY', 'PORT']);
    expect(ran.stderr).not.toContain('hush');
  });

  it('is told where the database is away', async () => {
    const port = new URL(await closedPort()).port;
    const away = { ...environmentOf(database), DATABASE_URL: `postgres://u:hush@127.0.0.1:${port}/x` };
    const ran = await call(['migrate'], away);
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain('not reachable');
    expect(ran.stderr).not.toContain('hush');
  });

  it('is told where the database does not exist', async () => {
    const gone = new URL(database.connection);
    gone.pathname = '/no_such_database';
    const ran = await call(['migrate'], { ...environmentOf(database), DATABASE_URL: gone.href });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain('3D000');
    expect(ran.stderr).not.toContain(gone.password);
  });

  it('is told where the key is another', async () => {
    await operator.json(['migrate']);
    const other = { ...environmentOf(database), MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
    const ran = await call(['gateway', 'list', '--business', id], other);
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toContain('MASTER_KEY is not the key');
    expect(ran.stderr).not.toContain(other.MASTER_KEY);
  });
});

describe('without DATABASE_URL', () => {
  it('works on the embedded database, and on the playground’s where that is the one in use', async () => {
    const local = await createOperator({});
    try {
      const { businessId } = await local.json(['business', 'add', '--name', 'Duka', '--owner', 'telegram:1']);
      const list = ['gateway', 'list', '--business', String(businessId)];
      const data = path.join(local.home, 'data');
      const here = await call([...list, '--json'], { DATA_DIR: data });
      expect(here).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(here.stdout)).toEqual({ accounts: [] });
      // The same database as the playground's: one command made it, another finds it there.
      const moved = path.join(local.home, 'moved');
      await rename(data, moved);
      await mkdir(data);
      await rename(moved, path.join(data, 'playground'));
      await writeFile(path.join(local.home, '.env'), 'LOG_LEVEL=silent\n');
      expect(await local.json(list)).toEqual({ accounts: [] });
      expect(await readdir(data)).toEqual(['playground']);
    } finally {
      await local.close();
    }
  }, 60_000);

  it('reads .env of the directory that it is called in', async () => {
    const local = await createOperator({});
    try {
      await writeFile(path.join(local.home, '.env'), 'PORT=hush\n');
      const ran = await local.run(['migrate']);
      expect(ran).toEqual({
        status: 1,
        stdout: '',
        stderr: 'PORT: expected a whole number from 0 to 65535\n',
      });
    } finally {
      await local.close();
    }
  });
});

describe('migrate and requeue', () => {
  it('migrate does nothing twice', async () => {
    expect(await operator.json(['migrate'])).toEqual({ applied: [] });
  });

  it('requeue --dead lists what was given up, then lets it wait again', async () => {
    const now = new Date();
    await database.db
      .insertInto('inbox')
      .values({
        source: 'telegram',
        key: 'update 1',
        lane: 'telegram:1',
        account_id: null,
        attempt_id: null,
        body_sealed: Buffer.from('x'),
        state: 'dead',
        tries: 5,
        due_at: now,
        error: 'it broke',
        received_at: now,
        handled_at: now,
      })
      .execute();
    const listed = await operator.json(['requeue', '--dead', '--list']);
    expect(listed.dead).toEqual([expect.objectContaining({ queue: 'inbox', tries: 5, error: 'it broke' })]);
    expect(await operator.json(['requeue', '--dead'])).toEqual({ inbox: 1, outbox: 0 });
    const row = await database.db.selectFrom('inbox').select(['state', 'tries']).executeTakeFirstOrThrow();
    expect(row).toEqual({ state: 'pending', tries: 0 });
    expect(await operator.json(['requeue', '--dead'])).toEqual({ inbox: 0, outbox: 0 });
  });
});
