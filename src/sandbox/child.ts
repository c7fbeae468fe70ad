/**
 * The real program beside us: started, watched over `/readyz`, started again when it dies. It may be killed at any moment,
 * which is what the desk's button is for.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppLog, createAppLog } from './app-log.ts';
import { forgetProgram, freePort, isReady, spawnProgram } from './program.ts';
import type { Place } from './surroundings.ts';

/** starting: it runs and is not ready yet. down: it is gone, and about to be started again. */
export type AppState = 'starting' | 'up' | 'down';

export type FirstReady = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly words: string };

export interface ChildFacts {
  readonly state: AppState;
  /** How often it was started in this playground's life. */
  readonly starts: number;
  readonly upSince: Date | null;
  /** Where it listens; null while nobody would answer there. */
  readonly port: number | null;
}

export interface Child {
  readonly facts: ChildFacts;
  start(): void;
  /** Resolves when it is ready for the first time, or with its own words when it cannot start at all. */
  readonly firstReady: Promise<FirstReady>;
  /** SIGKILL; it starts again by itself. */
  kill(): void;
  /** SIGTERM. false: it did not obey and was killed. */
  stop(): Promise<boolean>;
}

const startingPollMs = 30;
const upPollMs = 1000;
const firstPauseMs = 250;
const longestPauseMs = 5000;
/** So often it may fail before it was ever ready; then its words are the answer. */
const firstTries = 2;
/** Longer than the program's own patience of 8 s. */
const stopWithinMs = 11_000;
const logTrimMs = 30_000;

/** All of its lives, one after the other. */
interface Lives {
  readonly place: Place;
  readonly log: AppLog;
  readonly changed: () => void;
  readonly first: PromiseWithResolvers<FirstReady>;
  readonly stopping: AbortController;
  facts: ChildFacts;
  everUp: boolean;
  running: ChildProcess | null;
}

export function createChild(place: Place, changed: () => void): Child {
  const lives: Lives = {
    place,
    log: createAppLog(place.directory),
    changed,
    first: Promise.withResolvers(),
    stopping: new AbortController(),
    facts: { state: 'starting', starts: 0, upSince: null, port: null },
    everUp: false,
    running: null,
  };
  const trimming = setInterval(lives.log.trim, logTrimMs).unref();
  let living: Promise<void> | null = null;
  return {
    get facts() {
      return lives.facts;
    },
    firstReady: lives.first.promise,
    start: () => {
      living ??= live(lives);
    },
    kill: () => lives.running?.kill('SIGKILL'),
    stop: async () => {
      clearInterval(trimming);
      const obeyed = await end(lives, living ?? Promise.resolve());
      lives.first.resolve({ kind: 'failed', words: 'It was stopped before it was ready.' });
      return obeyed;
    },
  };
}

function set(lives: Lives, change: Partial<ChildFacts>): void {
  lives.facts = { ...lives.facts, ...change };
  lives.changed();
}

async function live(lives: Lives): Promise<void> {
  const { log, stopping, first } = lives;
  for (let failures = 0; !stopping.signal.aborted; ) {
    log.trim();
    const offset = log.size();
    const wasUp = await oneLife(lives);
    if (stopping.signal.aborted) return;
    failures = wasUp ? 0 : failures + 1;
    if (!lives.everUp && failures === firstTries)
      return first.resolve({ kind: 'failed', words: await log.words(offset) });
    await pause(Math.min(firstPauseMs * 2 ** failures, longestPauseMs), stopping.signal);
  }
}

/** From its start to its end; answers whether it was ever ready. */
async function oneLife(lives: Lives): Promise<boolean> {
  const { place, stopping, log } = lives;
  const port = await freePort(place.host);
  if (stopping.signal.aborted) return false;
  const process = spawnProgram(place, port, log);
  lives.running = process;
  set(lives, { state: 'starting', starts: lives.facts.starts + 1, port });
  const ended = new AbortController();
  const gone = once(process, 'exit')
    .catch(() => undefined)
    .then(() => ended.abort());
  const wasUp = await watch(lives, port, ended.signal);
  await gone;
  lives.running = null;
  forgetProgram(place.directory);
  set(lives, { state: 'down', upSince: null, port: null });
  return wasUp;
}

async function watch(lives: Lives, port: number, ended: AbortSignal): Promise<boolean> {
  let wasUp = false;
  while (!ended.aborted) {
    const ready = await isReady(lives.place, port, ended);
    if (ended.aborted) break;
    const wasReady = lives.facts.state === 'up';
    if (ready && !wasReady) {
      wasUp = true;
      lives.everUp = true;
      set(lives, { state: 'up', upSince: new Date() });
      lives.first.resolve({ kind: 'ready' });
    } else if (!ready && wasReady) set(lives, { state: 'starting', upSince: null });
    await pause(ready ? upPollMs : startingPollMs, ended);
  }
  return wasUp;
}

async function end(lives: Lives, living: Promise<void>): Promise<boolean> {
  lives.stopping.abort();
  let obeyed = true;
  lives.running?.kill('SIGTERM');
  const timer = setTimeout(() => {
    obeyed = false;
    lives.running?.kill('SIGKILL');
  }, stopWithinMs);
  await living;
  clearTimeout(timer);
  return obeyed;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
