/** From a stored chat message to a turn: the handler of a chat channel's inbox. */
import { BotError } from 'grammy';
import type { Update } from 'grammy/types';
import type { ChatChannel, Tx } from '../db/tables.ts';
import { pinIn } from '../domain/pin.ts';
import { holdLanes, type InboxRow } from '../inbox/claim.ts';
import { replaceBody } from '../inbox/store.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { releaseHeld } from '../outbox/held.ts';
import { laneOfPerson } from '../payments/identities.ts';
import { type BotOptions, createBot } from './bot.ts';
import { withoutText, writtenIn } from './pin-guard.ts';
import { openTurn, runInTurn, type Sender, type Turn } from './turn.ts';

/** A row of the inbox as its channel reads it. */
export interface ReadUpdate {
  /** In the form of the Bot API; our own messages in it carry their virtual ids. */
  readonly update: Update;
  readonly sender: Sender;
  /** The cause of everything that is said in answer: `channel:id`. */
  readonly key: string;
  /** The row's body where only this may stay of the update. */
  readonly keep: (update: Update) => string;
}

export interface UpdateDeps extends BotOptions {
  readonly channel: ChatChannel;
  /** null: there is nobody to answer. */
  readonly read: (tx: Tx, row: InboxRow) => Promise<ReadUpdate | null>;
  readonly turned?: (seconds: number) => void;
}

export interface UpdateHandler {
  handle(tx: Tx, row: InboxRow): Promise<void>;
  /** The turn failed for good: the person hears it, and nothing of the turn is left. */
  buried(tx: Tx, row: InboxRow): Promise<void>;
}

/** Where a chat is a person, several lanes may be one chat, and what was held back waits for the person to write. */
const chatIsPerson = { telegram: false, whatsapp: true } as const satisfies Record<ChatChannel, boolean>;

export function createUpdateHandler(deps: UpdateDeps): UpdateHandler {
  const bot = createBot(deps);
  return {
    async handle(tx, row) {
      const startedAt = deps.clock.now().getTime();
      const read = row.lane === null ? null : await deps.read(tx, row);
      if (read === null) return;
      const turn = await open(tx, deps, row, read);
      await runInTurn(turn, () => bot.handleUpdate(read.update)).catch(throwCause);
      deps.turned?.((deps.clock.now().getTime() - startedAt) / 1000);
    },
    async buried(tx, row) {
      const read = row.lane === null || row.body === '' ? null : await deps.read(tx, row);
      if (read === null) return;
      const turn = await open(tx, deps, row, read);
      // No turn has looked at it, so that nobody knows what was asked: it is not kept.
      if (pinIn(writtenIn(read.update)) !== null) await turn.forget(withoutText(read.update));
      await enqueue(tx, deps, {
        key: `${turn.key}:broke`,
        channel: turn.identity.channel,
        lane: turn.lane,
        method: 'sendMessage',
        payload: { chat_id: Number(turn.identity.externalId), text: deps.words.say(turn.locale, 'broke') },
      });
    },
  };
}

async function open(tx: Tx, deps: UpdateDeps, row: InboxRow, read: ReadUpdate): Promise<Turn> {
  const { channel } = deps;
  const { id, key } = row;
  const forget: Turn['forget'] = (kept) =>
    replaceBody(tx, deps.vault, { id, source: channel, key }, read.keep(kept));
  const origin = { key: read.key, lane: row.lane, forget, written: writtenIn(read.update) };
  if (!chatIsPerson[channel]) return await openTurn(tx, deps, read.sender, origin);
  const lanes = await lanesOf(tx, deps, read.sender);
  await holdLanes(
    tx,
    lanes.filter((lane) => lane !== row.lane),
  );
  const turn = await openTurn(tx, deps, read.sender, { ...origin, lane: null });
  await releaseHeld(tx, deps.clock.now(), turn.lane);
  return turn;
}

/** Where else this person's messages come: by the number, and where they were known by it before. */
async function lanesOf(tx: Tx, deps: UpdateDeps, sender: Sender): Promise<string[]> {
  const { channel, scopedId = null } = sender;
  const byNumber = laneOfPerson(deps.vault, sender);
  if (scopedId === null) return [byNumber];
  const known = await tx
    .selectFrom('identity')
    .select('external_id')
    .where('channel', '=', channel)
    .where('scoped_id', '=', scopedId)
    .executeTakeFirst();
  return known === undefined ? [byNumber] : [byNumber, `${channel}:${known.external_id}`];
}

/** grammY's error carries the whole update, phone and all, into the log; what went wrong is in its cause. */
function throwCause(err: unknown): never {
  throw err instanceof BotError ? err.error : err;
}
