/** From a stored chat update to a turn: the handler of the chat inbox. */
import { BotError } from 'grammy';
import type { Update } from 'grammy/types';
import type { Tx } from '../db/tables.ts';
import { pinIn } from '../domain/pin.ts';
import type { InboxRow } from '../inbox/claim.ts';
import { replaceBody } from '../inbox/store.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { type BotOptions, createBot } from './bot.ts';
import { withoutText, writtenIn } from './pin-guard.ts';
import { openTurn, runInTurn, type Sender } from './turn.ts';

export interface UpdateDeps extends BotOptions {
  /** The platform's message ids become ours, so that the bot sees one kind only. */
  readonly toVirtualIds: (tx: Tx, update: Update) => Promise<Update>;
  readonly turned?: (seconds: number) => void;
}

export interface UpdateHandler {
  handle(tx: Tx, row: InboxRow): Promise<void>;
  /** The turn failed for good: the person hears it, and nothing of the turn is left. */
  buried(tx: Tx, row: InboxRow): Promise<void>;
}

export function createUpdateHandler(deps: UpdateDeps): UpdateHandler {
  const bot = createBot(deps);
  return {
    async handle(tx, row) {
      const startedAt = deps.clock.now().getTime();
      const update = await deps.toVirtualIds(tx, JSON.parse(row.body) as Update);
      const sender = senderOf(update);
      if (sender === null || row.lane === null) return;
      const forget = keepInstead(tx, deps, row);
      const turn = await openTurn(tx, deps, sender, `telegram:${update.update_id}`, row.lane, forget);
      await runInTurn(turn, () => bot.handleUpdate(update)).catch(throwCause);
      deps.turned?.((deps.clock.now().getTime() - startedAt) / 1000);
    },
    async buried(tx, row) {
      const update = row.body === '' ? null : (JSON.parse(row.body) as Update);
      const sender = update === null ? null : senderOf(update);
      if (update === null || sender === null || row.lane === null) return;
      const forget = keepInstead(tx, deps, row);
      // No turn has looked at it, so that nobody knows what was asked: it is not kept.
      if (pinIn(writtenIn(update)) !== null) await forget(withoutText(update));
      const turn = await openTurn(tx, deps, sender, `telegram:${update.update_id}`, row.lane, forget);
      await enqueue(tx, deps, {
        key: `${turn.key}:broke`,
        channel: turn.identity.channel,
        lane: turn.lane,
        method: 'sendMessage',
        payload: { chat_id: Number(sender.externalId), text: deps.words.say(turn.locale, 'broke') },
      });
    },
  };
}

function keepInstead(tx: Tx, deps: UpdateDeps, { id, key }: InboxRow): (body: string) => Promise<void> {
  return (body) => replaceBody(tx, deps.vault, { id, source: 'telegram', key }, body);
}

/** grammY's error carries the whole update, phone and all, into the log; what went wrong is in its cause. */
function throwCause(err: unknown): never {
  throw err instanceof BotError ? err.error : err;
}

/** Identity is the platform's user id. Bots, channels and anonymous admins are nobody to ask for money. */
function senderOf(update: Update): Sender | null {
  const from = update.message?.from ?? update.callback_query?.from;
  if (from === undefined || from.is_bot) return null;
  return {
    channel: 'telegram',
    externalId: String(from.id),
    name: [from.first_name, from.last_name].filter(Boolean).join(' ').slice(0, 60) || null,
    languageCode: from.language_code ?? null,
  };
}
