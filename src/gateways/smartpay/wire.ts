import type { Clock } from '../../domain/clock.ts';
import { type GatewayAnswer, type GatewayHttp, type GatewayRequest, gatewayUrl, redact } from '../http.ts';
import { type Body, readBody, readCode, readFlag, readText } from '../stk-values.ts';
import type { SmartpayConfig } from './config.ts';
import { createLimits } from './limits.ts';

/** SmartPay's HTTP with an account's key and its limits in it. */
export interface SmartpayWire {
  call(call: SmartpayCall): Promise<SmartpayOutcome>;
}

export interface SmartpayCall {
  readonly method: GatewayRequest['method'];
  /** Behind `/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The SMS endpoints take the same key in another header; the ping takes none. */
  readonly auth?: 'bearer' | 'sms' | 'none';
}

export interface SmartpayAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** null: the answer is no JSON object. */
  readonly body: Body | null;
  /** A list as the whole answer is no documented shape, but is read where a list is asked for. */
  readonly json: unknown;
  readonly success: boolean | null;
  readonly errorCode: string | null;
  /** `errorCode`, or the status: "http_500". */
  readonly rawCode: string;
  /** SmartPay's own sentence, fit for a detail. */
  readonly said: string;
  /** Set for a 429: so long SmartPay takes no further call. */
  readonly waitSeconds: number | null;
}

export type SmartpayOutcome =
  | SmartpayAnswer
  | { readonly kind: 'not_sent' | 'unknown'; readonly detail: string }
  /** Nothing was sent: SmartPay has told that it would refuse it. */
  | { readonly kind: 'held'; readonly seconds: number; readonly detail: string };

export function createSmartpayWire(config: SmartpayConfig, http: GatewayHttp, clock: Clock): SmartpayWire {
  const limits = createLimits(clock);
  const credentials = {
    bearer: { authorization: `Bearer ${config.apiKey}` },
    sms: { 'x-api-key': config.apiKey },
    none: {},
  } as const;
  return {
    async call({ method, path, query, body, auth = 'bearer' }) {
      const seconds = limits.held();
      if (seconds > 0)
        return { kind: 'held', seconds, detail: `SmartPay takes no call of this key for ${seconds} s.` };
      const outcome = await http.request({
        method,
        url: gatewayUrl(config.baseUrl, path, query),
        headers: {
          ...credentials[auth],
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (outcome.kind !== 'answer') return outcome;
      const read = readAnswer(outcome, config.apiKey);
      return { ...read, waitSeconds: limits.heard(outcome, read.errorCode) };
    },
  };
}

function readAnswer(answer: GatewayAnswer, apiKey: string): Omit<SmartpayAnswer, 'waitSeconds'> {
  const body = readBody(answer.json);
  const errorCode = readCode(body?.error_code);
  return {
    kind: 'answer',
    status: answer.status,
    body,
    json: answer.json,
    success: body === null ? null : readFlag(body.success),
    errorCode,
    rawCode: errorCode ?? `http_${answer.status}`,
    said: body === null ? 'The answer is no JSON object.' : sentence(body, apiKey),
  };
}

function sentence(body: Body, apiKey: string): string {
  const said = [body.message, body.error].find((each) => typeof each === 'string' && each.trim() !== '');
  // Another key of the business is as secret as this one.
  return typeof said === 'string'
    ? redact(said.replace(/[0-9a-f]{64}/gi, '[secret]'), [apiKey])
    : 'no message';
}

/** A refusal in SmartPay's own words. A page of a firewall in front of it is none. */
export function saysNo(answer: SmartpayAnswer): boolean {
  return answer.success === false && answer.status < 500;
}

/** The key itself is not taken. */
export function refusesKey(answer: SmartpayAnswer): boolean {
  return saysNo(answer) && (answer.status === 401 || answer.status === 403);
}

/** `code: sentence`, for an operator. */
export function detailOf(answer: SmartpayAnswer): string {
  return `SmartPay (${answer.rawCode}): ${answer.said}`;
}

/** The object that a SmartPay answer keeps under one of these names, or the answer itself. */
export function partOf(body: Body, ...names: readonly string[]): Body {
  for (const name of names) {
    const part = readBody(body[name]);
    if (part !== null) return part;
  }
  return body;
}

/** The first of these fields that is printed at all. */
export function fieldOf(body: Body, ...names: readonly string[]): unknown {
  return names
    .map((name) => body[name])
    .find((value) => value !== undefined && value !== null && value !== '');
}

export const textOf = (body: Body, ...names: readonly string[]) => readText(fieldOf(body, ...names));
