/**
 * Telegram as a sender of the outbox. Telegram names a refusal only by an English sentence; the table below holds those
 * seen in its server's source (tdlib/telegram-bot-api, Client.cpp) and what each means to us.
 */
import { type ChannelMessage, type ChannelSender, type SendOutcome, sendTimeoutMs } from '../channel.ts';
import type { TelegramAnswer, TelegramApi } from './api.ts';

export interface TelegramSenderDeps {
  readonly api: TelegramApi;
  readonly timeoutMs?: number;
}

type Refused = Extract<TelegramAnswer, { kind: 'refused' }>;
type Meaning = 'drop' | 'blocked' | 'target_gone';

/** An operator who replaces a refused token finds the messages still waiting. */
const refusedTokenPauseSeconds = 60;
/** Telegram always says how long; this is for a proxy that answers 429 in its place. */
const unnamedPauseSeconds = 5;

const meanings: readonly (readonly [RegExp, Meaning])[] = [
  [/message is not modified/i, 'drop'],
  [/query is too old|query_?id_?invalid|query id is invalid/i, 'drop'],
  [/message to delete not found|message can't be deleted|message identifier is not specified/i, 'drop'],
  [/chat not found|user not found|peer_id_invalid|group chat was upgraded|chat_id_invalid/i, 'drop'],
  [/message to edit not found|message can't be edited|message_id_invalid/i, 'target_gone'],
  [
    /not enough rights|have no rights|chat_write_forbidden|need administrator rights|user_is_blocked/i,
    'blocked',
  ],
  [/chat_restricted|bot was kicked|input_user_deactivated/i, 'blocked'],
];

export function createTelegramSender(deps: TelegramSenderDeps): ChannelSender {
  return {
    send: async (message) => {
      const payload = withMessageId(message);
      const answer = await deps.api.call(message.method, payload, {
        timeoutMs: deps.timeoutMs ?? sendTimeoutMs,
      });
      return outcomeOf(answer);
    },
  };
}

function withMessageId(message: ChannelMessage): Readonly<Record<string, unknown>> {
  if (message.targetExternalId === null) return message.payload;
  return { ...message.payload, message_id: Number(message.targetExternalId) };
}

function outcomeOf(answer: TelegramAnswer): SendOutcome {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'sent', externalId: messageIdOf(answer.result) };
    case 'no_answer':
      // Also where it may have been sent: a message twice is better than none.
      return { kind: 'retry', afterSeconds: null, scope: 'lane', detail: answer.detail };
    case 'refused':
      return outcomeOfRefusal(answer);
  }
}

/** Some methods answer with the message, others with true. */
function messageIdOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('message_id' in result)) return null;
  return typeof result.message_id === 'number' ? String(result.message_id) : null;
}

function outcomeOfRefusal(refused: Refused): SendOutcome {
  const detail = `${refused.errorCode} ${refused.description}`;
  const { errorCode, retryAfter } = refused;
  if (errorCode === 429 || retryAfter !== null)
    return { kind: 'retry', afterSeconds: retryAfter ?? unnamedPauseSeconds, scope: 'lane', detail };
  if (errorCode >= 500) return { kind: 'retry', afterSeconds: null, scope: 'lane', detail };
  if (errorCode === 401 || errorCode === 404)
    return { kind: 'retry', afterSeconds: refusedTokenPauseSeconds, scope: 'channel', detail };
  if (errorCode === 403) return { kind: 'blocked', detail };
  const meaning = meanings.find(([sentence]) => sentence.test(refused.description))?.[1];
  return { kind: meaning ?? 'dead', detail };
}
