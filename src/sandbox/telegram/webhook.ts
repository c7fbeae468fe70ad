import type { Scheduler } from '../scheduler.ts';
import type { TelegramState, UpdateRow, WebhookRow } from './state.ts';
import type { Updates } from './updates.ts';

/** Posts pending updates to the bot's webhook: one at a time per chat, again with growing pauses until it answers 2xx. */
export interface WebhookSender {
  /** Looks whether anything can be sent now. */
  pump(): void;
  /** After setWebhook, deleteWebhook or a restore: what is under way is given up and begun anew. */
  reset(): void;
  stop(): void;
}

interface Delivery {
  readonly update: UpdateRow;
  readonly round: number;
  readonly webhook: WebhookRow;
}

const requestTimeoutMs = 60_000;
const longestPauseMs = 60_000;

export function createWebhookSender(
  state: TelegramState,
  updates: Updates,
  scheduler: Scheduler,
  isDown: () => boolean,
): WebhookSender {
  const busyLanes = new Set<number>();
  const cancels = new Set<() => void>();
  let round = 0;

  function pump(): void {
    const webhook = state.webhook;
    if (webhook === null || isDown()) return;
    for (const update of [...updates.pending()]) {
      if (busyLanes.size >= webhook.maxConnections) return;
      if (busyLanes.has(update.lane)) continue;
      busyLanes.add(update.lane);
      void deliver({ update, round, webhook }, 1000);
    }
  }

  async function deliver(delivery: Delivery, pauseMs: number): Promise<void> {
    const trouble = await post(delivery);
    if (delivery.round !== round) return;
    if (trouble === null) {
      updates.remove(delivery.update.id);
      busyLanes.delete(delivery.update.lane);
      pump();
      return;
    }
    delivery.webhook.lastErrorDate = Math.floor(scheduler.now().getTime() / 1000);
    delivery.webhook.lastErrorMessage = trouble;
    later(pauseMs, () => void deliver(delivery, Math.min(pauseMs * 2, longestPauseMs)));
  }

  function later(ms: number, run: () => void): void {
    const cancel = scheduler.after(ms, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  }

  /** null when the bot took it; otherwise what getWebhookInfo tells about it. */
  async function post({ update, webhook }: Delivery): Promise<string | null> {
    if (isDown()) return 'Connection is closed';
    const hangUp = new AbortController();
    const give = (): void => hangUp.abort();
    const cancel = scheduler.after(requestTimeoutMs, give);
    cancels.add(give);
    try {
      const answer = await fetch(webhook.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          ...(webhook.secretToken === '' ? {} : { 'x-telegram-bot-api-secret-token': webhook.secretToken }),
        },
        body: JSON.stringify({ update_id: update.id, ...update.body }),
        signal: hangUp.signal,
      });
      await answer.arrayBuffer();
      return answer.ok ? null : `Wrong response from the webhook: ${answer.status} ${answer.statusText}`;
    } catch {
      return hangUp.signal.aborted ? 'Read timeout expired' : 'Connection refused';
    } finally {
      cancel();
      cancels.delete(give);
    }
  }

  function stop(): void {
    round++;
    for (const cancel of [...cancels]) cancel();
    cancels.clear();
    busyLanes.clear();
  }

  updates.onPush(pump);
  return {
    pump,
    stop,
    reset: () => {
      stop();
      pump();
    },
  };
}
