/** Telegram answers nobody for a while; what people write meanwhile waits at Telegram, and what the bot says in its outbox. */
import type { Scheduler } from './scheduler.ts';
import type { TelegramControl } from './telegram/control.ts';

export interface Outage {
  /** null: Telegram is up. */
  readonly until: Date | null;
  /** Starts anew with each call. */
  begin(): void;
  close(): void;
}

const outageMs = 20_000;

export function createOutage(telegram: TelegramControl, scheduler: Scheduler, changed: () => void): Outage {
  let until: Date | null = null;
  let cancel = (): void => {};
  return {
    get until() {
      return until;
    },
    begin: () => {
      cancel();
      until = new Date(scheduler.now().getTime() + outageMs);
      telegram.setDown(true);
      cancel = scheduler.after(outageMs, () => {
        until = null;
        telegram.setDown(false);
        changed();
      });
      changed();
    },
    close: () => cancel(),
  };
}
