/** What the kit must be told about a gateway, each from its own document; everything else is the same for all. */
import type { Reason } from '../../src/domain/payment.ts';
import type { PayoutFact, PayoutOutcome, SmsOutcome } from '../../src/gateways/abilities.ts';
import type {
  CallbackTrust,
  GatewayEvidence,
  GatewayIds,
  GatewayKind,
  LookupKeys,
} from '../../src/gateways/gateway.ts';
import type { Seen } from './loopback.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A body that is a text goes out as it is, anything else as JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

export interface Named {
  readonly name: string;
  readonly reply: Reply;
}

export interface Refusal extends Named {
  readonly reason: Reason;
  readonly rawCode: string;
  /** A token that is not taken is replaced once; nothing else is ever sent twice. */
  readonly twice?: true;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The credentials and the content type, whole. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly these fields; absent: no body. */
  readonly fields?: Fields;
}

export interface GatewayFixture {
  /** The kind, and which of its ways to call. */
  readonly name: string;
  readonly kind: GatewayKind;
  readonly config: (baseUrl: string) => Fields;
  /** Never in a log or a detail. */
  readonly secrets: readonly string[];
  /** How a request of this account carries its fields. */
  readonly readFields?: (seen: Seen) => unknown;
  /** The gateway's own words for an error. */
  readonly error: (status: number, said: string) => unknown;
  readonly token?: TokenFixture;
  readonly collect: CollectFixture;
  readonly callback?: CallbackFixture;
  readonly lookup?: LookupFixture;
  readonly sms?: SmsFixture;
  readonly payout?: PayoutFixture;
  /** A configuration for each of the actions; a new action does not pass until it is here. */
  readonly actions?: Readonly<Record<string, unknown>>;
}

export interface TokenFixture {
  readonly sent: Sent;
  readonly reply: (token: string) => unknown;
  /** How long the document lets a token live. */
  readonly lifeSeconds: number;
}

export interface CollectFixture {
  /** What leaves for `collectRequest`. */
  readonly sent: Sent;
  readonly accepted: Fields;
  readonly ids: GatewayIds;
  /** Each error that the document prints or lists. */
  readonly refusals: readonly (Refusal & {
    readonly wait?: { readonly seconds: number; readonly scope: 'account' | 'phone' };
  })[];
  /** Answers of the gateway itself that prove nothing, beside what the network can do to any. */
  readonly unknowns: readonly (Named & { readonly ids?: GatewayIds })[];
  /** The documented success: nothing else may be taken for accepted. */
  readonly accepts: (body: unknown) => boolean;
}

/** What a callback tells; a value that is undefined is left out of the body. */
export interface Facts {
  readonly correlationId: unknown;
  readonly reference: unknown;
  readonly amount: unknown;
  readonly receipt: unknown;
  readonly phone: unknown;
}

export interface CallbackFixture {
  readonly trust: CallbackTrust;
  readonly answer: Fields;
  readonly paid: (facts: Facts) => Fields;
  readonly failed: readonly {
    readonly name: string;
    readonly body: Fields;
    readonly reason: Reason | 'unmapped';
    readonly rawCode: string;
  }[];
  /** It gives our reference back. */
  readonly namesReference: boolean;
  /** Headers of a genuine delivery; absent: nothing is signed. */
  readonly sign?: (body: string, secret?: string) => Readonly<Record<string, string>>;
  readonly proves: (body: unknown) => boolean;
}

export interface LookupFixture {
  readonly keys: LookupKeys;
  readonly sent: Sent;
  readonly paid: Fields;
  readonly evidence: GatewayEvidence;
  /** The same with another amount; absent: a look-up names none. */
  readonly paidAmount?: (amount: unknown) => Fields;
  readonly pending: readonly Named[];
  readonly failed: readonly (Named & { readonly reason: Reason | 'unmapped'; readonly rawCode: string })[];
  readonly notFound: readonly Named[];
  /** Credentials are refused: a person must act. */
  readonly stop: readonly Named[];
  /** Nothing is learnt, and nobody has to act. */
  readonly noAnswer: readonly Named[];
  readonly proves: (body: unknown) => boolean;
}

export interface SmsFixture {
  readonly sent: Sent;
  readonly accepted: Fields;
  readonly outcome: SmsOutcome;
}

export interface PayoutFixture {
  /** What leaves for `payoutOrder`. */
  readonly sent: Sent;
  readonly accepted: Fields;
  readonly outcome: PayoutOutcome;
  readonly accepts: (body: unknown) => boolean;
  readonly refusals: readonly Refusal[];
  readonly unknowns: readonly Named[];
  readonly lookup?: PayoutLookupFixture;
}

export interface PayoutLookupFixture {
  readonly payoutId: string;
  readonly sent: Sent;
  /** The answer with this status. */
  readonly body: (status: string) => Fields;
  /** With SUCCESS. */
  readonly fact: PayoutFact;
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `data.payment.amount` of any JSON; undefined where there is no such thing. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .filter((name) => name !== '')
    .reduce<unknown>((found, name) => (isObject(found) ? found[name] : undefined), value);
}

/** Yes as PHP prints it. */
export const yes = (value: unknown): boolean =>
  [true, 1, 'true', '1'].includes(typeof value === 'string' ? value.trim().toLowerCase() : (value as number));

/** Zero as text or number, and nothing else. */
export const zero = (value: unknown): boolean =>
  value === 0 || (typeof value === 'string' && value.trim() === '0');

/** Something that a name can be. */
export const named = (value: unknown): boolean =>
  (typeof value === 'number' && value !== 0) || (typeof value === 'string' && value.trim() !== '');

/** Daraja's callback that moved money: every one of these is always there. */
export function stkPaid(body: unknown): boolean {
  const told = at(body, 'Body.stkCallback');
  const items = at(told, 'CallbackMetadata.Item');
  const list: readonly unknown[] = Array.isArray(items) ? items : [items];
  const item = (name: string) =>
    list.filter((each) => at(each, 'Name') === name).map((each) => at(each, 'Value'));
  return (
    zero(at(told, 'ResultCode')) &&
    named(at(told, 'CheckoutRequestID')) &&
    item('Amount').some((value) => /^[\d,]+(\.\d+)?$/.test(String(value).trim())) &&
    item('MpesaReceiptNumber').some(named)
  );
}
