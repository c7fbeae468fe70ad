/** Starts, finds and stops the server of a cluster. Whoever comes second finds the one that is there. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../ops/log.ts';
import { findBinaries } from './embedded-binaries.ts';
import { type Cluster, clusterDatabase, clusterUser } from './embedded-cluster.ts';
import { hasLeft, readLivePidFile } from './embedded-pid.ts';
import { type Attempt, type RunOptions, socketPort, startServer, usesSocket } from './embedded-process.ts';
import { DatabaseFault } from './fault.ts';

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** It was running before. */
  readonly found: boolean;
}

/** Long, since after a power cut the server first replays what it had not written. */
const readyWithinMs = 120_000;
const pollMs = 15;
/** Another program's start, or sessions of a killed server that still end, make ours fail for a moment. */
const startTries = 20;
const startPauseMs = 250;

export async function ensureRunning(cluster: Cluster, options: RunOptions): Promise<RunningServer> {
  const until = performance.now() + readyWithinMs;
  let attempt: Attempt | undefined;
  for (let tries = 0; performance.now() < until && !options.signal?.aborted; ) {
    const port = await portOf(cluster);
    const url = urlOf(cluster, port);
    const answer = port === undefined ? 'absent' : await probe(url);
    if (port !== undefined && answer === 'ready') return { url, port, found: !attempt?.isRunning() };
    if (answer === 'absent' && !attempt?.isRunning()) {
      const lasting = attempt !== undefined && !(await attempt.failure()).passing;
      if (lasting || tries++ >= startTries) break;
      if (attempt !== undefined) await sleep(startPauseMs);
      attempt = await startServer(cluster, options);
    }
    await sleep(pollMs);
  }
  const why = (await attempt?.failure())?.why ?? 'it does not become ready.';
  throw new DatabaseFault('cannot_start', `The embedded PostgreSQL did not start: ${why}`);
}

/** Fast shutdown: sessions are ended, what is committed is on disk. Immediate where that hangs; nothing is lost by it. */
export async function shutDown(cluster: Cluster, log: Logger): Promise<void> {
  const running = await readLivePidFile(cluster);
  if (running === undefined) return;
  await signal(cluster, running.pid, 'SIGINT');
  if (await hasLeft(running.pid, 7000)) return;
  log.warn({ pid: running.pid }, 'the embedded database is slow to stop and is stopped at once');
  await signal(cluster, running.pid, 'SIGQUIT');
  if (!(await hasLeft(running.pid, 1500)))
    log.error({ pid: running.pid }, 'the embedded database still runs');
}

async function signal(cluster: Cluster, pid: number, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (process.platform === 'win32') return await controlledStop(cluster, name);
  try {
    process.kill(pid, name);
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ESRCH') throw err;
  }
}

/** Windows has no signals; PostgreSQL listens on a pipe that pg_ctl knows. */
async function controlledStop(cluster: Cluster, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const { pg_ctl } = await findBinaries();
  const mode = name === 'SIGINT' ? 'fast' : 'immediate';
  const child = spawn(pg_ctl, ['stop', '-D', cluster.data, '-m', mode, '-W'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('error', resolve).once('exit', resolve));
}

async function portOf(cluster: Cluster): Promise<number | undefined> {
  return usesSocket(cluster) ? socketPort : (await readLivePidFile(cluster))?.port;
}

function urlOf(cluster: Cluster, port = 0): string {
  const host = usesSocket(cluster) ? encodeURIComponent(cluster.runDir) : '127.0.0.1';
  return `postgres://${clusterUser}:${cluster.password}@${host}:${port}/${clusterDatabase}?sslmode=disable`;
}

/** `starting` is also a server that is stopping: it will be absent soon. */
async function probe(url: string): Promise<'ready' | 'starting' | 'absent'> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return 'ready';
  } catch (err) {
    const code = (err as { code?: string }).code ?? '';
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'absent';
    if (code === '28P01' || code === 'EACCES') throw refused(err);
    return code === '53300' ? 'ready' : 'starting';
  }
}

function refused(cause: unknown): DatabaseFault {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseFault('cannot_start', `The embedded PostgreSQL does not let this program in: ${said}`, {
    cause,
  });
}
