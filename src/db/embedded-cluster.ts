/**
 * The files of the embedded database, made whole or not at all.
 * DATA_DIR/postgres: `data` (PostgreSQL's own), `password`, `run` (the socket), `server.log`.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemRandom } from '../domain/random.ts';
import { commandFor, explained, findBinaries, serverEnvironment } from './embedded-binaries.ts';
import { DatabaseFault } from './fault.ts';

export interface Cluster {
  /** Absolute, with symbolic links resolved, so that every program names the same place. */
  readonly home: string;
  readonly data: string;
  readonly runDir: string;
  readonly logFile: string;
  readonly password: string;
}

export const clusterUser = 'malipo';
export const clusterDatabase = 'postgres';
const draftPrefix = 'postgres.new-';

/** Opens the cluster of `dataDir`, made first where there is none. */
export async function openCluster(dataDir: string): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const root = await realpath(dataDir);
  const home = join(root, 'postgres');
  if (!(await isCluster(home))) await createCluster(root, home);
  await sweepDrafts(root);
  await chmod(home, 0o700);
  return {
    home,
    data: join(home, 'data'),
    runDir: join(home, 'run'),
    logFile: join(home, 'server.log'),
    password: (await readFile(join(home, 'password'), 'utf8')).trim(),
  };
}

async function isCluster(home: string): Promise<boolean> {
  return await stat(join(home, 'data', 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/** Two programs may do this at once, or one be killed in the middle: a rename decides, drafts are swept later. */
async function createCluster(root: string, home: string): Promise<void> {
  const draft = await mkdtemp(join(root, draftPrefix));
  try {
    await fillDraft(draft);
    await rename(draft, home);
    await syncDirectory(root);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (!(await isCluster(home))) throw explainCreation(cause, home);
  }
}

/** A draft beside a finished cluster is of no use to anyone, also to a program that still writes it. */
async function sweepDrafts(root: string): Promise<void> {
  for (const name of await readdir(root))
    if (name.startsWith(draftPrefix))
      await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
}

async function fillDraft(draft: string): Promise<void> {
  const passwordFile = join(draft, 'password');
  await writeDurably(passwordFile, systemRandom.bytes(24).toString('hex'));
  await mkdir(join(draft, 'run'), { mode: 0o700 });
  await initdb(join(draft, 'data'), passwordFile);
  await syncDirectory(draft);
}

/** initdb flushes what it wrote before it ends. The C.UTF-8 built into PostgreSQL sorts alike on every system. */
async function initdb(data: string, passwordFile: string): Promise<void> {
  const { initdb: program } = await findBinaries();
  const [command, args] = commandFor(program, [
    `--pgdata=${data}`,
    `--username=${clusterUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]);
  await promisify(execFile)(command, args, { env: serverEnvironment(), timeout: 120_000 });
}

function explainCreation(cause: unknown, home: string): Error {
  if (cause instanceof DatabaseFault) return cause;
  const { code, stderr } = cause as { code?: unknown; stderr?: string };
  if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') {
    const why = `${home} exists and is not a database of this program: move it away, or set another DATA_DIR.`;
    return new DatabaseFault('not_a_cluster', why, { cause });
  }
  const said = stderr?.trim().split('\n').at(-1) || String(cause);
  const why = `The embedded PostgreSQL could not be set up: ${explained(said)}`;
  return new DatabaseFault('cannot_start', why, { cause });
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Windows opens no directories, and needs no such flush. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
