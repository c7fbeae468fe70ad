/**
 * The real program as a process beside us: started, watched over `/readyz`, started again when it dies. It may be killed
 * at any moment, which is what the desk's button is for.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAppLog } from './app-log.ts';
import { markOf, stillRuns } from './process-mark.ts';
import { environmentOf, leashUrl, type Place, programFile } from './surroundings.ts';

/** starting: it runs and is not ready yet. down: it is gone, and about to be started again. */
export type AppState = 'starting' | 'up' | 'down';

export type FirstReady = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly words: string };

export interface Child {
  readonly state: AppState;
  /** How often it was started in this playground's life. */
  readonly starts: number;
  readonly upSince: Date | null;
  /** Where it listens; null while nobody would answer there. */
  readonly port: number | null;
  start(): void;
  /** Resolves when it is ready for the first time, or with its own words when it cannot start at all. */
  readonly firstReady: Promise<
    { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly words: string }
  >;
  /** SIGKILL; it starts again by itself. */
  kill(): void;
  /** SIGTERM, and what follows where that is not obeyed. false: it had to be killed. */
  stop(): Promise<boolean>;
}

const startingPollMs = 30;
const upPollMs = 1000;
const answerWithinMs = 3000;
const firstPauseMs = 250;
const longestPauseMs = 5000;
/** So often it may fail before it was ever ready; then its words are the answer. */
const firstTries = 2;
/** Longer than the program's own patience of 8 s. */
const stopWithinMs = 11_000;
const logTrimMs = 30_000;

export function createChild(place: Place, changed: () => void): Child {
  const log = createAppLog(place.directory);
  const first = Promise.withResolvers<FirstReady>();
  const stopping = new AbortController();
  let running: ChildProcess | null = null;
  let living: Promise<void> | null = null;
  let everUp = false;
  let now: Pick<Child, 'state' | 'starts' | 'upSince' | 'port'> = {
    state: 'starting',
    starts: 0,
    upSince: null,
    port: null,
  };
  const set = (change: Partial<typeof now>): void => {
    now = { ...now, ...change };
    changed();
  };

  async function live(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const offset = startLog();
      const wasUp = await oneLife();
      if (stopping.signal.aborted) return;
      failures = wasUp ? 0 : failures + 1;
      if (!everUp && failures === firstTries)
        return first.resolve({ kind: 'failed', words: await log.words(offset) });
      const pauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  function startLog(): number {
    log.trim();
    return log.size();
  }

  /** From its start to its end; answers whether it was ever ready. */
  async function oneLife(): Promise<boolean> {
    const port = await freePort(place.host);
    if (stopping.signal.aborted) return false;
    const process = spawnProgram(place, port, log);
    running = process;
    set({ state: 'starting', starts: now.starts + 1, port });
    const ended = new AbortController();
    const gone = once(process, 'exit').then(
      () => ended.abort(),
      () => ended.abort(),
    );
    const wasUp = await watch(port, ended.signal);
    await gone;
    running = null;
    rmSync(markFile(place.directory), { force: true });
    set({ state: 'down', upSince: null, port: null });
    return wasUp;
  }

  async function watch(port: number, ended: AbortSignal): Promise<boolean> {
    let wasUp = false;
    while (!ended.aborted) {
      const ready = await isReady(place, port, ended);
      if (ended.aborted) break;
      if (ready && now.state !== 'up') {
        set({ state: 'up', upSince: new Date() });
        wasUp = everUp = true;
        first.resolve({ kind: 'ready' });
      } else if (!ready && now.state === 'up') set({ state: 'starting', upSince: null });
      await sleep(ready ? upPollMs : startingPollMs, undefined, { signal: ended }).catch(() => undefined);
    }
    return wasUp;
  }

  async function stop(): Promise<boolean> {
    stopping.abort();
    const process = running;
    let obeyed = true;
    if (process !== null) {
      process.kill('SIGTERM');
      const timer = setTimeout(() => {
        obeyed = false;
        process.kill('SIGKILL');
      }, stopWithinMs);
      await living;
      clearTimeout(timer);
    } else await living;
    clearInterval(trimming);
    first.resolve({ kind: 'failed', words: 'It was stopped before it was ready.' });
    return obeyed;
  }

  const trimming = setInterval(log.trim, logTrimMs).unref();
  return {
    get state() {
      return now.state;
    },
    get starts() {
      return now.starts;
    },
    get upSince() {
      return now.upSince;
    },
    get port() {
      return now.port;
    },
    firstReady: first.promise,
    start: () => {
      living ??= live();
    },
    kill: () => running?.kill('SIGKILL'),
    stop,
  };
}

function spawnProgram(place: Place, port: number, log: ReturnType<typeof createAppLog>): ChildProcess {
  const output = log.open();
  try {
    const child = spawn(process.execPath, ['--import', leashUrl, programFile], {
      // Not where we were started: a .env there is about another program.
      cwd: place.directory,
      env: environmentOf(place, port),
      // Ctrl-C is ours to pass on: a second signal from the terminal would cut its stop short.
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
      windowsHide: true,
    });
    child.on('error', () => undefined);
    const mark = child.pid === undefined ? null : markOf(child.pid);
    if (mark !== null) writeFileSync(markFile(place.directory), JSON.stringify(mark), { mode: 0o600 });
    return child;
  } finally {
    output.close();
  }
}

function markFile(directory: string): string {
  return path.join(directory, 'child.json');
}

/** A playground that was killed leaves its program behind, which still holds the database while it stops. */
export async function endOrphan(directory: string): Promise<void> {
  const mark = readMark(directory);
  if (mark !== null && stillRuns(mark)) {
    process.kill(mark.pid, 'SIGKILL');
    for (let tries = 0; tries < 300 && stillRuns(mark); tries++) await sleep(10);
  }
  rmSync(markFile(directory), { force: true });
}

function readMark(directory: string): { pid: number; started: string } | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(markFile(directory), 'utf8'));
    return Number.isInteger(pid) && pid > 1 && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}

async function isReady(place: Place, port: number, ended: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(answerWithinMs)]);
  try {
    const answer = await fetch(`http://${inUrl(place.host)}:${port}/readyz`, { signal });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
