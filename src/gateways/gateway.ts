/**
 * What a gateway is to the rest of the house. An ability is a member that is there or not; nothing throws "not
 * implemented". Outcomes are values. No field name of any gateway leaves its folder.
 */
import type { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import type { Reason, Receipt } from '../domain/payment.ts';
import type {
  BalancesOutcome,
  OperatorAction,
  PayoutAbility,
  PayoutFact,
  SetupOutcome,
  SmsAbility,
} from './abilities.ts';
import type { GatewayHttp } from './http.ts';

export const gatewayKinds = ['bluepay', 'smartpay', 'bosmi', 'daraja-php', 'sayapay', 'daraja'] as const;
export type GatewayKind = (typeof gatewayKinds)[number];

/**
 * How a callback of this gateway is believed. signed: by its signature. lookup: a hint, confirmed by the gateway's own
 * authenticated look-up. capability: an unguessable URL, which the operator must have accepted by name. No default.
 */
export type CallbackTrust = 'signed' | 'lookup' | 'capability';

/** The gateway's own names for one prompt. `correlationId` is the one that its callbacks carry. */
export interface GatewayIds {
  readonly correlationId: string | null;
  readonly requestId: string | null;
}
export const noIds: GatewayIds = { correlationId: null, requestId: null };

export interface CollectRequest {
  /** Ours, new for every attempt: at most 12 letters and digits. */
  readonly reference: string;
  /** Whole shillings, in cents. */
  readonly amountCents: bigint;
  readonly msisdn: Msisdn;
  readonly description: string;
  /** An unguessable URL of this attempt. */
  readonly callbackUrl: string;
}

/** `detail` is for the operator's log and `payment show`: no secret, no whole phone. */
export type CollectOutcome =
  | { readonly kind: 'accepted'; readonly ids: GatewayIds }
  | {
      readonly kind: 'refused';
      readonly reason: Reason;
      readonly rawCode: string;
      readonly detail: string;
      /** The gateway takes no new prompt of this account, or of this phone, for so long. */
      readonly wait?: { readonly seconds: number; readonly scope: 'account' | 'phone' };
    }
  /** Provably never left: DNS failure, connection refused, own validation. */
  | { readonly kind: 'not_sent'; readonly detail: string }
  /** It may have reached the gateway. Never sent again, never failed, until evidence says. */
  | { readonly kind: 'unknown'; readonly ids: GatewayIds; readonly rawCode: string; readonly detail: string };

/** A fact as the gateway states it, before anybody matched it with an attempt of ours. */
export interface GatewayEvidence {
  readonly verdict: 'paid' | 'failed' | 'pending' | 'reversed';
  readonly ids: GatewayIds;
  /** Our reference, where the gateway gives it back. */
  readonly reference: string | null;
  readonly amountCents: bigint | null;
  readonly receipt: Receipt | null;
  /** Whole number of the payer where it is named unmasked. */
  readonly msisdn: Msisdn | null;
  readonly reason: Reason | 'unmapped' | null;
  readonly rawCode: string;
}

export type LookupOutcome =
  | { readonly kind: 'evidence'; readonly evidence: GatewayEvidence }
  /** The gateway does not know it (yet). Not a failure. */
  | { readonly kind: 'not_found'; readonly detail: string }
  /** No usable answer; nothing was learnt. `stop`: credentials were refused, a person must act. */
  | {
      readonly kind: 'no_answer';
      readonly detail: string;
      readonly stop: boolean;
      /** With `stop`: why, where it is not the credentials. */
      readonly reason?: Reason;
      /** The gateway asked for so long a rest (429). */
      readonly waitSeconds?: number;
    };

export interface LookupKeys extends GatewayIds {
  readonly reference: string;
}

/** One delivery can hold something other than a payment of ours; it is kept and named. */
export type CallbackReading =
  | { readonly kind: 'collect'; readonly evidence: GatewayEvidence }
  /** Money that a customer sent by themselves (C2B): it names no prompt of ours. */
  | { readonly kind: 'unasked'; readonly money: UnaskedMoney }
  | { readonly kind: 'payout'; readonly fact: PayoutFact }
  | { readonly kind: 'topup'; readonly topup: TopUp }
  | { readonly kind: 'other'; readonly event: string }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** Our own balance at the gateway was filled. */
export interface TopUp {
  readonly of: 'service' | 'float';
  readonly amountCents: bigint;
  /** The gateway's own name for it, the same in every delivery; null: it gives none. */
  readonly named: string | null;
}

export interface UnaskedMoney {
  readonly receipt: Receipt;
  readonly amountCents: bigint;
  /** What the customer typed as account number. */
  readonly billReference: string;
  /** null where it is absent, masked or hashed. */
  readonly msisdn: Msisdn | null;
  readonly payerName: string | null;
}

export interface ReceivedCallback {
  /** The bytes as they came: signatures are over these. */
  readonly body: Buffer;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallbackAbility {
  readonly trust: CallbackTrust;
  /**
   * A prompt cannot name a URL of its own here: its result comes to the account's. Absent: it can, and what comes to the
   * account's URL is believed less.
   */
  readonly accountUrlOnly?: true;
  /** Runs before the row is stored. `malformed` answers 400, `forged` 401. */
  authenticate(callback: ReceivedCallback): 'genuine' | 'malformed' | 'forged';
  /** The gateway's idempotency key, or null where it sends none (then the content's hash serves). */
  idempotencyKey(callback: ReceivedCallback): string | null;
  read(callback: ReceivedCallback): CallbackReading;
  /** What the gateway expects as the body of our 200. */
  readonly answer: Readonly<Record<string, unknown>>;
}

export interface LookupAbility {
  readonly budgetPerMinute: number;
  /** Nothing is found without an id that the gateway gave: a lost answer cannot be looked up. */
  readonly needsIds?: true;
  /** After so long the gateway's answer tells nothing new, and a person decides. Absent: the usual plan. */
  readonly giveUpAfterSeconds?: number;
  lookup(keys: LookupKeys): Promise<LookupOutcome>;
}

/** What a read-only call at set-up told. `label` is shown to members ("Paybill 123456"). */
export type CheckOutcome =
  | { readonly kind: 'checked'; readonly label: string; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'no_answer'; readonly detail: string };

/** One business's account, opened with its credentials. */
export interface OpenGateway {
  readonly kind: GatewayKind;
  collect(request: CollectRequest): Promise<CollectOutcome>;
  readonly lookup?: LookupAbility;
  readonly callback?: CallbackAbility;
  readonly payout?: PayoutAbility;
  readonly sms?: SmsAbility;
  balances?(): Promise<BalancesOutcome>;
  setup?(): Promise<SetupOutcome>;
  readonly actions?: Readonly<Record<string, OperatorAction>>;
  /** Absent: the account is "not checked" at set-up. */
  check?(): Promise<CheckOutcome>;
  /**
   * Completes the configuration at set-up (a short code becomes a channel id), so that it is stored whole.
   * Absent: it is stored as given.
   */
  complete?(): Promise<
    | { readonly kind: 'completed'; readonly config: Readonly<Record<string, unknown>> }
    | { readonly kind: 'refused'; readonly detail: string }
  >;
}

export interface PhoneLimit {
  readonly prompts: number;
  readonly seconds: number;
}

/** The static side of an adapter: its name, the shape of its configuration, and how to open it. */
export interface GatewayAdapter<Config = unknown> {
  readonly kind: GatewayKind;
  readonly title: string;
  readonly config: z.ZodType<Config>;
  /** The gateway refuses more prompts to one phone than that; they are held back before it must. */
  readonly phoneLimit?: PhoneLimit;
  open(config: Config, http: GatewayHttp, clock: Clock): OpenGateway;
}
