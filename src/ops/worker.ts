import type { Logger } from './log.ts';

/**
 * Runs one kind of work until told to stop. `runOnce` takes one piece and answers whether there was one. A wake-up is a
 * hint that there may be work now; the poll is the truth. An error is logged and waited out, never fatal: the work is a
 * row, and it is still there.
 */
export interface Worker {
  readonly name: string;
  start(): void;
  wake(): void;
  /** As `wake`, but a worker that is at work looks once it is done, and another lane only where the next nudge finds it so. */
  nudge(): void;
  /** Takes no new work; resolves when what it holds is finished. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly name: string;
  readonly runOnce: () => Promise<boolean>;
  readonly pollMs: number;
  readonly lanes: number;
  readonly log: Logger;
}

const errorPauseMs = 1000;
const idleFactor = 30;

export function createWorker(options: WorkerOptions): Worker {
  const sleepers = new Set<() => void>();
  let stopping = false;
  let pendingWake = false;
  let lanes: Promise<void>[] = [];

  async function pause(ms: number): Promise<void> {
    if (stopping || pendingWake) {
      pendingWake = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        sleepers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      sleepers.add(done);
    });
  }

  // One lane polls; the others are woken by it when there is more, and look by themselves only now and then.
  async function lane(_: unknown, index: number): Promise<void> {
    const pollMs = index === 0 ? options.pollMs : options.pollMs * idleFactor;
    let found = 0;
    while (!stopping) {
      try {
        found = (await options.runOnce()) ? found + 1 : 0;
        // One piece by itself is no reason to wake another lane, which would find nothing.
        if (found > 1) wakeOne();
        else if (found === 0) await pause(pollMs);
      } catch (err) {
        options.log.error({ err, worker: options.name }, 'work was put off');
        await pause(errorPauseMs);
      }
    }
  }

  function wakeOne(): void {
    const next = sleepers.values().next();
    if (!next.done) next.value();
  }

  return {
    name: options.name,
    start: () => {
      lanes = Array.from({ length: options.lanes }, lane);
    },
    wake: () => {
      if (sleepers.size === 0) pendingWake = true;
      else wakeOne();
    },
    nudge: () => {
      const isAtWork = sleepers.size < lanes.length;
      if (isAtWork && !pendingWake) pendingWake = true;
      else wakeOne();
    },
    stop: async () => {
      stopping = true;
      for (const awaken of [...sleepers]) awaken();
      await Promise.all(lanes);
    },
  };
}
