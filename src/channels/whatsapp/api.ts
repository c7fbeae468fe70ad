/**
 * The Cloud API over the fetch that is passed in: the five calls that this house makes. The token travels in a header, and no
 * error, log line or address of ours holds it. Source of the shapes: "Messages API", "Media API" and "Phone number" of
 * developers.facebook.com/documentation/business-messaging/whatsapp, v23.
 */
import { z } from 'zod';
import { faultText } from '../../ops/fault-text.ts';
import type { Logger } from '../../ops/log.ts';
import type { AttachedFile } from '../channel.ts';
import { createAlert } from './alert.ts';
import { meaningOf, type Refused } from './codes.ts';

export type WhatsappAnswer<T> =
  | { readonly kind: 'ok'; readonly result: T }
  /** `detail` quotes Meta, without the token and without whole phones. `retryAfter`: seconds, where the answer says it. */
  | (Refused & { readonly kind: 'refused'; readonly detail: string; readonly retryAfter: number | null })
  /** `maybeSent` false: provably never left. */
  | { readonly kind: 'no_answer'; readonly detail: string; readonly maybeSent: boolean };

export interface CallOptions {
  readonly timeoutMs: number;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

export interface WhatsappNumber {
  readonly display_phone_number: string;
  readonly verified_name?: string | undefined;
  readonly quality_rating?: string | undefined;
}

export interface MediaAddress {
  readonly url: string;
  readonly bytes: number | null;
}

type Json = Readonly<Record<string, unknown>>;

export interface WhatsappApi {
  /** `body`: everything but `messaging_product`. Answers the message's id (wamid). */
  send(body: Json, options: CallOptions): Promise<WhatsappAnswer<string>>;
  /** Answers the media id, which lives 30 days. */
  upload(file: AttachedFile['file'], options: CallOptions): Promise<WhatsappAnswer<string>>;
  /** An address that lives 5 minutes and wants the token. */
  media(id: string, options: CallOptions): Promise<WhatsappAnswer<MediaAddress>>;
  /** The raw answer of such an address; its faults are thrown. */
  open(url: string, options: CallOptions): Promise<Response>;
  /** Our own number: at start, and for `doctor`. */
  number(options: CallOptions): Promise<WhatsappAnswer<WhatsappNumber>>;
}

export interface WhatsappApiDeps {
  readonly accessToken: string;
  readonly phoneNumberId: string;
  /** With the version and without a slash at the end. */
  readonly apiRoot: string;
  readonly fetch: typeof fetch;
  readonly log: Logger;
}

const id = z.string().min(1);
const sent = z.object({ messages: z.array(z.object({ id })).min(1) });
const uploaded = z.object({ id });
const found = z.object({ url: z.string(), file_size: z.coerce.number().optional() });
const number = z.object({
  display_phone_number: z.string(),
  verified_name: z.string().optional(),
  quality_rating: z.string().optional(),
});
const refusal = z.object({
  error: z.object({
    message: z.string().default(''),
    code: z.number(),
    error_subcode: z.number().optional(),
    error_data: z.object({ details: z.string().optional() }).optional().catch(undefined),
  }),
});

export function createWhatsappApi(deps: WhatsappApiDeps): WhatsappApi {
  const alert = createAlert(deps.log);
  const own = encodeURIComponent(deps.phoneNumberId);

  async function call<T>(
    path: string,
    init: RequestInit,
    schema: z.ZodType<T>,
    options: CallOptions,
  ): Promise<WhatsappAnswer<T>> {
    const answer = await ask(deps, path, init, schema, options);
    // Only a message proves it: a locked account still takes files.
    if (answer.kind === 'ok' && path === `${own}/messages`) alert.works();
    if (answer.kind !== 'ok') deps.log.debug({ path: path.split('?')[0], answer }, 'WhatsApp did not do it');
    if (answer.kind !== 'refused') return answer;
    const meaning = meaningOf(answer);
    // A media id that is gone says nothing about our number.
    if (meaning === 'token' || path.split(/[/?]/)[0] === own) alert.refused(meaning, answer.detail);
    return answer;
  }

  return {
    send: async (body, options) => {
      const whole = { messaging_product: 'whatsapp', ...body };
      const answer = await call(`${own}/messages`, json(whole), sent, options);
      return mapOk(answer, ({ messages }) => messages[0]?.id ?? '');
    },
    upload: async (file, options) => {
      const form = new FormData();
      form.set('messaging_product', 'whatsapp');
      form.set('type', file.mimeType);
      form.set('file', new File([Buffer.from(file.base64, 'base64')], file.name, { type: file.mimeType }));
      const answer = await call(`${own}/media`, { method: 'POST', body: form }, uploaded, options);
      return mapOk(answer, (media) => media.id);
    },
    media: async (mediaId, options) => {
      const answer = await call(encodeURIComponent(mediaId), {}, found, options);
      return mapOk(answer, ({ url, file_size: bytes }) => ({ url, bytes: bytes ?? null }));
    },
    open: (url, options) => deps.fetch(url, request(deps, {}, options)),
    number: (options) =>
      call(`${own}?fields=display_phone_number,verified_name,quality_rating`, {}, number, options),
  };
}

function mapOk<T, U>(answer: WhatsappAnswer<T>, map: (result: T) => U): WhatsappAnswer<U> {
  return answer.kind === 'ok' ? { kind: 'ok', result: map(answer.result) } : answer;
}

function json(body: Json): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function request(deps: WhatsappApiDeps, init: RequestInit, { timeoutMs, signal }: CallOptions): RequestInit {
  const timeout = AbortSignal.timeout(timeoutMs);
  return {
    ...init,
    // Meta's media server refuses callers without a name.
    headers: { ...init.headers, authorization: `Bearer ${deps.accessToken}`, 'user-agent': 'malipo' },
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    // A redirect would carry the token to another host.
    redirect: 'error',
  };
}

async function ask<T>(
  deps: WhatsappApiDeps,
  path: string,
  init: RequestInit,
  schema: z.ZodType<T>,
  options: CallOptions,
): Promise<WhatsappAnswer<T>> {
  try {
    const response = await deps.fetch(`${deps.apiRoot}/${path}`, request(deps, init, options));
    return readAnswer(deps, response, await response.text(), schema);
  } catch (err) {
    const code = faultCode(err);
    return { kind: 'no_answer', detail: code, maybeSent: !neverLeft.has(code) };
  }
}

function readAnswer<T>(
  deps: WhatsappApiDeps,
  response: Response,
  text: string,
  schema: z.ZodType<T>,
): WhatsappAnswer<T> {
  const { status } = response;
  const body = parse(text);
  const refused = refusal.safeParse(body);
  if (refused.success) {
    const { code, message, error_subcode: subcode, error_data: data } = refused.data.error;
    const said = [`#${code}`, message.replace(/^\(#\d+\) ?/, ''), data?.details].filter(Boolean).join(' ');
    const detail = faultText(said.replaceAll(deps.accessToken, '<token>'));
    return {
      kind: 'refused',
      status,
      code,
      subcode: subcode ?? null,
      detail,
      retryAfter: retryAfterOf(response),
    };
  }
  const answer = schema.safeParse(body);
  if (response.ok && answer.success) return { kind: 'ok', result: answer.data };
  const detail = `HTTP ${status} without an answer of the Cloud API`;
  // A proxy's page in front of Meta.
  if (status >= 400)
    return { kind: 'refused', status, code: null, subcode: null, detail, retryAfter: retryAfterOf(response) };
  return { kind: 'no_answer', detail, maybeSent: true };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function retryAfterOf(response: Response): number | null {
  const given = response.headers.get('retry-after') ?? '';
  return /^\d{1,5}$/.test(given) ? Number(given) : null;
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

/** fetch wraps the system's code; messages may quote more than a log should hold, so only codes and names are told. */
export function faultCode(err: unknown): string {
  const inner = err instanceof Error && err.cause instanceof Error ? err.cause : err;
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
  return inner instanceof Error ? inner.name : 'fault';
}
