import type { Clock } from '../domain/clock.ts';

/** A clock that also wakes: everything in the sandbox that happens later goes through here, so that a test moves it. */
export interface Scheduler extends Clock {
  /** Runs `run` once, `ms` from now at the earliest. The returned function cancels it; after the run it does nothing. */
  after(ms: number, run: () => void): () => void;
}

export interface ManualScheduler extends Scheduler {
  /** Moves time forward and runs what falls due on the way, each at its own instant, the earliest planned first. */
  advance(ms: number): void;
  /** Resolves when the next thing is planned: how a test knows that a server got as far as waiting. */
  planned(): Promise<void>;
}

interface Planned {
  readonly at: number;
  readonly run: () => void;
}

export function createSystemScheduler(): Scheduler {
  return {
    now: () => new Date(),
    after: (ms, run) => {
      const timer = setTimeout(run, Math.max(0, ms));
      return () => clearTimeout(timer);
    },
  };
}

export function createManualScheduler(start = new Date('2026-11-21T11:31:00Z')): ManualScheduler {
  let now = start.getTime();
  const planned = new Set<Planned>();
  const watchers: (() => void)[] = [];

  function nextDue(until: number): Planned | undefined {
    let next: Planned | undefined;
    for (const one of planned) if (one.at <= until && (next === undefined || one.at < next.at)) next = one;
    return next;
  }

  return {
    now: () => new Date(now),
    after: (ms, run) => {
      const one = { at: now + Math.max(0, ms), run };
      planned.add(one);
      for (const watcher of watchers.splice(0)) watcher();
      return () => planned.delete(one);
    },
    advance: (ms) => {
      const until = now + ms;
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        planned.delete(due);
        now = due.at;
        due.run();
      }
      now = until;
    },
    planned: () => new Promise((resolve) => watchers.push(resolve)),
  };
}
