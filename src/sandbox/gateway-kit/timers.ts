import type { Scheduler } from '../scheduler.ts';

export interface Timers {
  after(ms: number, run: () => void): void;
  pause(ms: number): Promise<void>;
  /** What is cancelled never happens; a pause that is cancelled never ends. */
  cancelAll(): void;
}

export function createTimers(scheduler: Scheduler): Timers {
  const cancels = new Set<() => void>();
  const after = (ms: number, run: () => void): void => {
    const cancel = scheduler.after(ms, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  };
  return {
    after,
    pause: (ms) => new Promise((resolve) => after(ms, resolve)),
    cancelAll: () => {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
