/**
 * The Bot API over the fetch that is passed in. The token is part of every URL, so no error of the platform's fetch
 * leaves this file as it is. Source of the answer's shape: https://core.telegram.org/bots/api#making-requests
 */
import type { ApiError, UserFromGetMe } from 'grammy/types';
import type { Logger } from '../../ops/log.ts';
import type { AttachedFile } from '../channel.ts';

export type TelegramAnswer =
  | { readonly kind: 'ok'; readonly result: unknown }
  | {
      readonly kind: 'refused';
      readonly errorCode: number;
      readonly description: string;
      /** Seconds, where Telegram says when to come back. */
      readonly retryAfter: number | null;
    }
  /** `maybeSent` false: provably never left. */
  | { readonly kind: 'no_answer'; readonly detail: string; readonly maybeSent: boolean };

export interface CallOptions {
  readonly timeoutMs: number;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

export interface TelegramApi {
  call(
    method: string,
    payload: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<TelegramAnswer>;
}

export interface TelegramApiDeps {
  readonly token: string;
  readonly apiRoot: string;
  readonly fetch: typeof fetch;
  readonly log: Logger;
}

const setUpTimeoutMs = 15_000;

export function createTelegramApi(deps: TelegramApiDeps): TelegramApi {
  return {
    call: async (method, payload, options) => {
      const answer = await call(deps, method, payload, options);
      if (answer.kind !== 'ok') deps.log.debug({ method, answer }, 'Telegram did not do it');
      return answer;
    },
  };
}

/** Who we are. Asked once at start, since a turn cannot wait for an answer. */
export async function readMe(
  api: TelegramApi,
): Promise<{ readonly kind: 'ok'; readonly me: UserFromGetMe } | Exclude<TelegramAnswer, { kind: 'ok' }>> {
  const answer = await api.call('getMe', {}, { timeoutMs: setUpTimeoutMs });
  return answer.kind === 'ok' ? { kind: 'ok', me: answer.result as UserFromGetMe } : answer;
}

async function call(
  deps: TelegramApiDeps,
  method: string,
  payload: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<TelegramAnswer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  try {
    const response = await deps.fetch(`${deps.apiRoot}/bot${deps.token}/${method}`, {
      method: 'POST',
      ...bodyOf(payload),
      signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
      // A redirect would carry the token to another host.
      redirect: 'error',
    });
    return readAnswer(deps, response.status, await response.text());
  } catch (err) {
    const code = faultCode(err);
    return { kind: 'no_answer', detail: withoutToken(deps, code), maybeSent: !neverLeft.has(code) };
  }
}

/** JSON, or a form where a file goes along: the Bot API takes files in no other way. */
function bodyOf(payload: Readonly<Record<string, unknown>>): Pick<RequestInit, 'headers' | 'body'> {
  if (!Object.values(payload).some(isAttached))
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload) };
  const form = new FormData();
  for (const [name, value] of Object.entries(payload)) {
    if (value === undefined || value === null) continue;
    if (isAttached(value)) form.set(name, toFile(value));
    else form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return { body: form };
}

function isAttached(value: unknown): value is AttachedFile {
  return typeof value === 'object' && value !== null && 'file' in value && typeof value.file === 'object';
}

function toFile({ file }: AttachedFile): File {
  return new File([Buffer.from(file.base64, 'base64')], file.name, { type: file.mimeType });
}

type ApiAnswer = { readonly ok: true; readonly result: unknown } | ApiError;

function readAnswer(deps: TelegramApiDeps, status: number, text: string): TelegramAnswer {
  const answer = parse(text);
  if (answer?.ok === true) return { kind: 'ok', result: answer.result };
  if (answer !== null)
    return {
      kind: 'refused',
      errorCode: answer.error_code,
      description: withoutToken(deps, answer.description),
      retryAfter: answer.parameters?.retry_after ?? null,
    };
  // A proxy's page in front of Telegram.
  if (status >= 400)
    return { kind: 'refused', errorCode: status, description: 'no answer of the Bot API', retryAfter: null };
  return { kind: 'no_answer', detail: `HTTP ${status} without an answer of the Bot API`, maybeSent: true };
}

function parse(text: string): ApiAnswer | null {
  try {
    const answer: unknown = JSON.parse(text);
    return isApiAnswer(answer) ? answer : null;
  } catch {
    return null;
  }
}

function isApiAnswer(answer: unknown): answer is ApiAnswer {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer)) return false;
  if (answer.ok === true) return 'result' in answer;
  return (
    'error_code' in answer &&
    typeof answer.error_code === 'number' &&
    'description' in answer &&
    typeof answer.description === 'string'
  );
}

/** Faults that happen before a byte of the request is out. */
const neverLeft: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** fetch wraps the system's code; its message may quote the URL, so only codes and names are told. */
function faultCode(err: unknown): string {
  const inner = err instanceof Error && err.cause instanceof Error ? err.cause : err;
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
  return inner instanceof Error ? inner.name : 'fault';
}

function withoutToken(deps: TelegramApiDeps, text: string): string {
  return text.replaceAll(deps.token, '<token>');
}
