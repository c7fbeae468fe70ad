/**
 * Below grammY: every Bot API call of a turn becomes an outbox row in the turn's transaction instead of a request. The
 * row's id is the message id that the bot sees; `deliver` maps it to the real one. Hooked in at `client.fetch`, below the
 * conversations' replay log, so that a replayed call is not made again.
 */
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { currentTurn, type Turn } from './turn.ts';

interface OutgoingDeps {
  readonly vault: Vault;
  readonly clock: Clock;
}

type Payload = Record<string, unknown>;

/** Calls that can wait, and what the bot is told at once. Anything else wants an answer, which a turn cannot have. */
const waits = {
  sendMessage: 'message',
  editMessageText: 'edit',
  editMessageReplyMarkup: 'edit',
  deleteMessage: 'edit',
  answerCallbackQuery: 'done',
} as const;

type Method = keyof typeof waits;

/** The `fetch` that grammY's client is given. It answers as the Bot API would, without the network. */
export function createOutgoing(deps: OutgoingDeps) {
  return async (url: unknown, init?: { body?: unknown }): Promise<{ json(): Promise<unknown> }> => {
    const method = String(url).split('/').at(-1) ?? '';
    if (!(method in waits))
      throw new Error(`${method} cannot wait in the outbox; do it before or after the turn.`);
    const payload = JSON.parse(String(init?.body ?? '{}')) as Payload;
    const result = await keep(deps, currentTurn(), method as Method, payload);
    return { json: async () => ({ ok: true, result }) };
  };
}

async function keep(deps: OutgoingDeps, turn: Turn, method: Method, payload: Payload): Promise<unknown> {
  const { message_id: target, ...rest } = payload;
  const editing = waits[method] === 'edit';
  const id = await enqueue(turn.tx, deps, {
    key: `${turn.key}:${turn.calls++}`,
    channel: turn.identity.channel,
    lane: turn.lane,
    method,
    payload: editing ? rest : payload,
    targetId: editing ? BigInt(target as number) : null,
  });
  if (waits[method] === 'done' || method === 'deleteMessage') return true;
  return {
    message_id: editing ? target : Number(id),
    date: Math.floor(deps.clock.now().getTime() / 1000),
    chat: { id: payload.chat_id, type: 'private' },
    text: payload.text ?? '',
  };
}
