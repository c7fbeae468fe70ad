/** Protects the data of whoever starts the program with nothing but a directory: one server on it, whoever dies. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { connectEmbedded, type EmbeddedDatabase, openEmbedded } from '../../src/db/embedded.ts';
import { isAlive } from '../../src/db/embedded-pid.ts';
import { openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/ops/log.ts';
import { scratch } from '../support/scratch.ts';

const program = new URL('../support/embedded-program.ts', import.meta.url);
let root: string;
/** A data directory that was once served from: used again and again, since making one takes a second. */
let made: string;

beforeAll(async () => {
  root = await mkdtemp(join(scratch, 'malipo-embedded-'));
  made = join(root, "Duka la Mwangi, 100% & 'co' é", 'data');
  await (await open(made)).stop();
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function open(dataDir: string, holdWaitMs = 0): Promise<EmbeddedDatabase> {
  return await openEmbedded({ dataDir, log: silentLog, fsync: false, holdWaitMs });
}

/** Opened for this test, and stopped after it. */
async function opened(dataDir: string, holdWaitMs = 0): Promise<EmbeddedDatabase> {
  const database = await open(dataDir, holdWaitMs);
  onTestFinished(() => database.stop());
  return database;
}

/** The same directory under another name; every test leaves it stopped. */
async function moved(name: string): Promise<string> {
  const dataDir = join(root, name);
  await rename(made, dataDir);
  made = dataDir;
  return dataDir;
}

async function select(url: string, expression: string): Promise<unknown> {
  const { db, close } = openDatabase({ connection: url, log: silentLog, max: 1 });
  try {
    const { rows } = await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(db);
    return rows[0]?.value;
  } finally {
    await close();
  }
}

async function serverPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

interface Answer {
  readonly url?: string;
  readonly adopted?: boolean;
  readonly refused?: string;
}

async function runProgram(
  dataDir: string,
  holdWaitMs = 0,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ child: ChildProcess; answer: Answer }> {
  const child = fork(program, [dataDir, String(holdWaitMs)], { execArgv: [], env });
  onTestFinished(() => kill(child, 'SIGTERM'));
  const [answer] = (await once(child, 'message')) as [Answer];
  return { child, answer };
}

async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

test('a directory made new, with spaces and other signs in its path', async () => {
  const dataDir = made;
  const database = await opened(dataDir);
  expect(database.adopted).toBe(false);
  expect(await select(database.url, "current_setting('server_encoding')")).toBe('UTF8');
  expect(await select(database.url, "current_setting('listen_addresses')")).toBe('');
  for (const directory of ['', 'postgres', 'postgres/data', 'postgres/run'])
    expect((await stat(join(dataDir, directory))).mode & 0o777).toBe(0o700);
  for (const file of ['postgres/password', 'postgres/server.log'])
    expect((await stat(join(dataDir, file))).mode & 0o777).toBe(0o600);
  await database.stop();
  expect(await readdir(join(dataDir, 'postgres/run'))).toEqual([]);
  expect(await readdir(dataDir)).toEqual(['postgres']);
});

test('fsync is on unless a test turns it off', async () => {
  const dataDir = await moved('durable');
  const database = await openEmbedded({ dataDir, log: silentLog });
  onTestFinished(() => database.stop());
  expect(await select(database.url, "current_setting('fsync')")).toBe('on');
  expect(await select(database.url, "current_setting('synchronous_commit')")).toBe('on');
});

test('a path too long for a socket goes through loopback, which asks for the password', async () => {
  const dataDir = await moved('long'.repeat(30));
  const database = await opened(dataDir);
  const url = new URL(database.url);
  expect(url.hostname).toBe('127.0.0.1');
  expect(await select(database.url, '1')).toBe(1);
  url.password = 'guessed';
  await expect(select(url.href, '1')).rejects.toThrow('password authentication failed');
});

test('the socket asks for the password too', async () => {
  const database = await opened(await moved('password'));
  const url = new URL(database.url);
  url.password = 'guessed';
  await expect(select(url.href, '1')).rejects.toThrow('password authentication failed');
});

test('a program that was killed leaves a server, which the next one adopts and stops', async () => {
  const dataDir = await moved('killed');
  const { child, answer } = await runProgram(dataDir);
  await select(answer.url ?? '', '1');
  const pid = await serverPid(dataDir);
  await kill(child, 'SIGKILL');
  expect(isAlive(pid)).toBe(true);
  const database = await opened(dataDir, 5000);
  expect(database).toMatchObject({ adopted: true, url: answer.url });
  expect(await serverPid(dataDir)).toBe(pid);
  await database.stop();
  expect(isAlive(pid)).toBe(false);
});

test('a directory that a live program holds is refused by name, and its server is left alone', async () => {
  const dataDir = await moved('held');
  const { child, answer } = await runProgram(dataDir);
  const refusal = await open(dataDir, 50).catch((err: unknown) => err);
  expect(refusal).toMatchObject({ code: 'held', retryable: true });
  expect(String(refusal)).toContain(`process ${child.pid}`);
  expect(await select(answer.url ?? '', '1')).toBe(1);
});

test('a program that ends stops its server, and a successor waits for that', async () => {
  const dataDir = await moved('successor');
  const { child } = await runProgram(dataDir);
  const pid = await serverPid(dataDir);
  const next = opened(dataDir, 30_000);
  await kill(child, 'SIGTERM');
  expect(child.exitCode).toBe(0);
  const database = await next;
  expect(isAlive(pid)).toBe(false);
  expect(database.adopted).toBe(false);
  expect(await select(database.url, '1')).toBe(1);
});

test('of three programs that start at once on an empty directory, one serves and two are refused', async () => {
  const dataDir = join(root, 'at once');
  const answers = (await Promise.all([1, 2, 3].map(() => runProgram(dataDir)))).map((one) => one.answer);
  expect(answers.filter((answer) => answer.refused === undefined)).toHaveLength(1);
  for (const answer of answers)
    if (answer.refused !== undefined) expect(answer.refused).toContain('Another Malipo (process ');
  expect(await readdir(dataDir)).toEqual(['postgres']);
});

test('what a set-up that was killed left is swept away', async () => {
  const dataDir = await moved('half');
  await mkdir(join(dataDir, 'postgres.new-abcdef', 'data'), { recursive: true });
  await opened(dataDir);
  expect(await readdir(dataDir)).toEqual(['postgres']);
});

test('a directory with something else in its place is refused', async () => {
  const dataDir = join(root, 'foreign');
  await mkdir(join(dataDir, 'postgres', 'photos'), { recursive: true });
  await expect(open(dataDir)).rejects.toMatchObject({ code: 'not_a_cluster' });
});

test.each(['socket', 'loopback'])(
  'a process number that came to another program is no server (%s)',
  async (way) => {
    const dataDir = await moved(`reused ${way === 'socket' ? '' : 'long'.repeat(30)}`);
    const home = join(dataDir, 'postgres');
    const stale = [
      process.pid,
      join(home, 'data'),
      1_700_000_000,
      5432,
      join(home, 'run'),
      '',
      '',
      'ready',
    ].join('\n');
    await writeFile(join(home, 'data', 'postmaster.pid'), stale);
    await writeFile(join(home, 'run', '.s.PGSQL.5432.lock'), stale);
    const database = await opened(dataDir);
    expect(database.adopted).toBe(false);
    expect(await select(database.url, '1')).toBe(1);
  },
);

test.each(['socket', 'loopback'])(
  'a server that dies is started again at the same place (%s)',
  async (way) => {
    const dataDir = await moved(`crash ${way === 'socket' ? '' : 'long'.repeat(30)}`);
    const back = Promise.withResolvers<void>();
    const log = silentLog.child({});
    log.info = (...said: unknown[]) =>
      void (said.includes('the embedded database is back') && back.resolve());
    const database = await openEmbedded({ dataDir, log, fsync: false });
    onTestFinished(() => database.stop());
    const pid = await serverPid(dataDir);
    process.kill(pid, 'SIGKILL');
    await back.promise;
    expect(await serverPid(dataDir)).not.toBe(pid);
    expect(await select(database.url, '1')).toBe(1);
    await expect(open(dataDir)).rejects.toMatchObject({ code: 'held' });
  },
);

test('an operator command uses the running program’s server and leaves it', async () => {
  const dataDir = await moved('command beside');
  const database = await opened(dataDir);
  const command = await connectEmbedded({ dataDir, log: silentLog });
  expect(command.url).toBe(database.url);
  await command.close();
  expect(await select(database.url, '1')).toBe(1);
});

test('where no program runs, the last of several commands stops the server', async () => {
  const dataDir = await moved('commands');
  const [first, second] = await Promise.all([
    connectEmbedded({ dataDir, log: silentLog }),
    connectEmbedded({ dataDir, log: silentLog }),
  ]);
  const pid = await serverPid(dataDir);
  await first.close();
  expect(await select(second.url, '1')).toBe(1);
  await second.close();
  expect(isAlive(pid)).toBe(false);
});

test('several commands that end together leave no server', async () => {
  const dataDir = await moved('commands together');
  const commands = await Promise.all([1, 2, 3, 4].map(() => connectEmbedded({ dataDir, log: silentLog })));
  await Promise.all(commands.map((command) => command.close()));
  await expect(serverPid(dataDir)).rejects.toThrow('ENOENT');
});

test('a program takes over the server of a command at work, which then leaves it', async () => {
  const dataDir = await moved('taken over');
  const command = await connectEmbedded({ dataDir, log: silentLog });
  const database = await opened(dataDir);
  expect(database.adopted).toBe(true);
  await command.close();
  expect(await select(database.url, '1')).toBe(1);
});

test('a server that cannot start says why', async () => {
  const dataDir = await moved('broken');
  const settings = join(dataDir, 'postgres/data/postgresql.auto.conf');
  const before = await readFile(settings);
  onTestFinished(() => writeFile(settings, before));
  await writeFile(settings, 'shared_buffers = lots\n');
  const failure = await open(dataDir).catch((err: unknown) => err);
  expect(failure).toMatchObject({ code: 'cannot_start' });
  expect(String(failure)).toContain('contains errors');
  expect(String(failure)).toContain('server.log');
});

test.runIf(process.getuid?.() === 0 && process.platform === 'linux').each(['made', 'fresh'])(
  'root without user namespaces is told what to do (%s)',
  async (which) => {
    const dataDir = which === 'made' ? await moved('no namespaces') : join(root, 'no namespaces, fresh');
    const { answer } = await runProgram(dataDir, 0, { PATH: root });
    expect(answer.refused).toContain('start as another user, or set DATABASE_URL');
    expect(await readdir(dataDir)).toEqual(which === 'made' ? ['postgres'] : []);
  },
);
