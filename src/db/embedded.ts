/** The PostgreSQL that comes with the program, in DATA_DIR: started, adopted, watched and stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../ops/log.ts';
import { type Cluster, openCluster } from './embedded-cluster.ts';
import type { RunOptions } from './embedded-process.ts';
import { ensureRunning, type RunningServer, shutDown } from './embedded-server.ts';
import { openSession, type Session } from './embedded-session.ts';
import { DatabaseFault } from './fault.ts';
import { isDatabaseDown } from './open.ts';

export interface EmbeddedDatabase {
  /** A connection URL with a password in it: never logged. It stays the same when the server is started again. */
  readonly url: string;
  /** A server was running that a killed program, or an operator command at work, had started. */
  readonly adopted: boolean;
  /** Stops the server and waits until it is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** Off only where the data may be lost, as in tests. On by default: money is in there. */
  readonly fsync?: boolean;
  /** How long a predecessor may take to let go of the directory. */
  readonly holdWaitMs?: number;
}

const firstPauseMs = 100;
const longestPauseMs = 5000;
const steadyAfterMs = 60_000;
const commandGraceMs = 2000;
const enterTries = 20;

/** Throws DatabaseFault, `held` where another live program serves from this directory. */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { log } = options;
  const cluster = await openCluster(options.dataDir);
  const run: RunOptions = { fsync: options.fsync ?? true };
  const first = await takeHold(cluster, run, options.holdWaitMs ?? 5000);
  const stopping = new AbortController();
  const again: RunOptions = { ...run, port: first.server.port, signal: stopping.signal };
  let session: Session | undefined = first.session;
  const watching = watch();

  /** Whenever the connection that holds the directory ends, the server has ended too, or is about to. */
  async function watch(): Promise<void> {
    for (let pauseMs = firstPauseMs; !stopping.signal.aborted; ) {
      const since = performance.now();
      await session?.ended;
      session = undefined;
      if (stopping.signal.aborted) return;
      log.error({ pauseMs }, 'the embedded database is gone and is started again');
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) session = await takeAgain();
      const steady = session !== undefined && performance.now() - since > steadyAfterMs;
      pauseMs = steady ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  async function takeAgain(): Promise<Session | undefined> {
    try {
      const { session: taken } = await takeHold(cluster, again, 0);
      log.info('the embedded database is back');
      return taken;
    } catch (err) {
      log.error({ err }, 'the embedded database could not be started again yet');
      return undefined;
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    if (session !== undefined) await stopServer(cluster, session, log);
    await watching;
    // The watch may have been in the middle of a start, whose session comes only now.
    if (session !== undefined) await stopServer(cluster, session, log);
  }

  log.info({ adopted: first.server.found, home: cluster.home }, 'the embedded database is ready');
  let stopped: Promise<void> | undefined;
  return {
    url: first.server.url,
    adopted: first.server.found,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/**
 * For an operator command: uses the server of the running program, or starts one. The last command to leave stops what
 * no program has adopted meanwhile.
 */
export async function connectEmbedded(options: {
  readonly dataDir: string;
  readonly log: Logger;
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const cluster = await openCluster(options.dataDir);
  const { server, session } = await enter(cluster, { fsync: true }, (one) => one.share('use'));
  return {
    url: server.url,
    close: async () => {
      if (await isLast(session)) await shutDown(cluster, options.log);
      await session.end();
    },
  };
}

interface Entered {
  readonly server: RunningServer;
  readonly session: Session;
}

async function takeHold(cluster: Cluster, run: RunOptions, waitMs: number): Promise<Entered> {
  const until = performance.now() + waitMs;
  return await enter(cluster, run, async (session) => {
    if (await session.tryLock('hold')) return;
    if (await session.lock('hold', until - performance.now())) return;
    const holder = await session.holder('hold');
    throw new DatabaseFault('held', heldSentence(cluster, holder));
  });
}

function heldSentence(cluster: Cluster, holder: string | undefined): string {
  const who = holder === undefined ? '' : ` (${holder})`;
  return `Another Malipo${who} runs on ${cluster.home}: stop it first, or give this one its own DATA_DIR.`;
}

/** A server may stop under our feet, as when a predecessor ends: then it is started anew. */
async function enter(
  cluster: Cluster,
  run: RunOptions,
  lock: (session: Session) => Promise<void>,
): Promise<Entered> {
  for (let triesLeft = enterTries; ; triesLeft--) {
    const server = await ensureRunning(cluster, run);
    try {
      return { server, session: await lockedSession(server.url, lock) };
    } catch (err) {
      if (!isDatabaseDown(err) || triesLeft === 0) throw err;
    }
    await sleep(50);
  }
}

async function lockedSession(url: string, lock: (session: Session) => Promise<void>): Promise<Session> {
  const session = await openSession(url);
  try {
    await lock(session);
    return session;
  } catch (err) {
    await session.end();
    throw err;
  }
}

function unlessDown(err: unknown): undefined {
  if (!isDatabaseDown(err)) throw err;
}

/** An operator command at work may finish first. */
async function stopServer(cluster: Cluster, session: Session, log: Logger): Promise<void> {
  await session.lock('use', commandGraceMs).catch(unlessDown);
  await shutDown(cluster, log);
  await session.end();
}

async function isLast(session: Session): Promise<boolean> {
  try {
    await session.lock('leave', 5000);
    await session.unshare('use');
    return (await session.tryLock('hold')) && (await session.tryLock('use'));
  } catch (err) {
    // The server is gone already: somebody else was the last.
    unlessDown(err);
    return false;
  }
}
