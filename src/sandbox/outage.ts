/** A chat platform answers nobody for a while; what people write meanwhile waits there, and what the bot says in its outbox. */
import type { Scheduler } from './scheduler.ts';

export interface Outage {
  /** null: the platform is up. */
  readonly until: Date | null;
  /** Starts anew with each call. */
  begin(): void;
  close(): void;
}

const outageMs = 20_000;

export function createOutage(
  platform: { setDown(down: boolean): void },
  scheduler: Scheduler,
  changed: () => void,
): Outage {
  let until: Date | null = null;
  let cancel = (): void => {};
  return {
    get until() {
      return until;
    },
    begin: () => {
      cancel();
      until = new Date(scheduler.now().getTime() + outageMs);
      platform.setDown(true);
      cancel = scheduler.after(outageMs, () => {
        until = null;
        platform.setDown(false);
        changed();
      });
      changed();
    },
    close: () => cancel(),
  };
}
