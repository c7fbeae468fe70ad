/** What some gateways can do beside collecting: SMS, balances, where money lands, and what only an operator does there. */
import type { z } from 'zod';
import type { Msisdn } from '../domain/msisdn.ts';
import type { Reason, Receipt } from '../domain/payment.ts';

/** Kinds of callback that have a URL of their own, beside that of each prompt. */
export type CallbackOperation = 'confirmation' | 'validation';

export type SmsRefusal =
  /** Not a phone of this provider's network, or no phone. */
  | 'phone_refused'
  | 'no_balance'
  | 'text_refused'
  | 'not_configured'
  | 'credentials_refused'
  | 'provider_refused';

export type SmsOutcome =
  | {
      readonly kind: 'accepted';
      /** The gateway's own word for where the message is, such as "SENT". */
      readonly status?: string;
      readonly messageId: string | null;
      readonly parts: number | null;
      readonly costCents: bigint | null;
      /** What is left of the prepaid balance, where the answer tells it in money. */
      readonly balanceCents: bigint | null;
    }
  | {
      readonly kind: 'refused';
      readonly reason: SmsRefusal;
      readonly rawCode: string;
      readonly detail: string;
      /** As with `accepted`, where a refusal tells it. */
      readonly balanceCents?: bigint | null;
    }
  /** It is under way under this reference, or the provider is busy: later, with the same reference. */
  | { readonly kind: 'later'; readonly detail: string; readonly afterSeconds: number | null }
  | { readonly kind: 'not_sent'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

export interface SmsMessage {
  readonly msisdn: Msisdn;
  /** GSM-7. */
  readonly text: string;
  /** At most 64 of letters, digits, dot, hyphen and underscore; one for each message, for ever. */
  readonly reference: string;
}

export interface SmsAbility {
  /** true: the same reference never becomes two messages, so that a lost answer may be sent again. */
  readonly idempotent: boolean;
  readonly longest: number;
  send(message: SmsMessage): Promise<SmsOutcome>;
}

/** One balance that the gateway names; `cents` or `units` (messages, calls). */
export interface Balance {
  readonly of: 'service' | 'float' | 'wallet' | 'sms' | 'calls';
  readonly cents: bigint | null;
  readonly units: number | null;
}

export type BalancesOutcome =
  | { readonly kind: 'balances'; readonly balances: readonly Balance[] }
  | { readonly kind: 'refused' | 'no_answer'; readonly detail: string };

/** Where the account lands the money that it collects. */
export type SetupOutcome =
  /** `summary` is shown to owners and compared with what was seen before: "Paybill 123456, account ACC001". */
  | {
      readonly kind: 'setup';
      readonly summary: string;
      /** The same unmasked: compared by a keyed hash, and never stored. */
      readonly whole: string;
    }
  | { readonly kind: 'refused' | 'no_answer'; readonly detail: string };

/** What only an operator does at a gateway (`gateway do ACTION`). */
export interface OperatorAction {
  readonly summary: string;
  /** The shape of `--config`; absent: it takes none. */
  readonly config?: z.ZodType;
  /** It changes something there: an intent is committed before the call. */
  readonly changes: boolean;
  run(config: unknown, around: OperatorAround): Promise<OperatorOutcome>;
}

/** What an action may need to know about us. */
export interface OperatorAround {
  /** The account's own callback URL. */
  readonly callbackUrl: string;
  /** URLs of callbacks that are of one kind. */
  readonly operationUrl: (operation: CallbackOperation) => string;
}

export type OperatorOutcome =
  | {
      readonly kind: 'done';
      readonly text: string;
      readonly json: Readonly<Record<string, unknown>>;
      /** A credential that the gateway tells only once: kept sealed, and printed to the operator alone. */
      readonly secret?: string;
    }
  | { readonly kind: 'refused'; readonly detail: string }
  /** It may have happened. */
  | { readonly kind: 'unknown'; readonly detail: string };

export interface PayoutOrder {
  /** Ours, one and the same for the payout's whole life: at most 12 letters and digits. */
  readonly reference: string;
  /** Whole shillings, in cents. */
  readonly amountCents: bigint;
  readonly msisdn: Msisdn;
  readonly description: string;
  /** An unguessable URL of this payout. */
  readonly callbackUrl: string;
}

/** `detail` is for the operator: no secret, no whole phone. */
export type PayoutOutcome =
  /** Taken on, not paid. `payoutId`: the gateway's name for it; `feeCents`: what it takes for it. */
  | { readonly kind: 'accepted'; readonly payoutId: string | null; readonly feeCents: bigint | null }
  /** Provably nothing was sent. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly rawCode: string; readonly detail: string }
  | { readonly kind: 'not_sent'; readonly detail: string }
  /** It may be under way: never sent again by the program. */
  | {
      readonly kind: 'unknown';
      readonly payoutId: string | null;
      readonly rawCode: string;
      readonly detail: string;
    };

/** A fact about money sent, as the gateway states it. */
export interface PayoutFact {
  readonly verdict: 'paid' | 'failed' | 'pending' | 'reversed';
  readonly payoutId: string | null;
  readonly reference: string | null;
  readonly amountCents: bigint | null;
  readonly receipt: Receipt | null;
  readonly msisdn: Msisdn | null;
  readonly feeCents: bigint | null;
  readonly reason: Reason | 'unmapped' | null;
  readonly rawCode: string;
}

export type PayoutLookup =
  | { readonly kind: 'fact'; readonly fact: PayoutFact }
  | { readonly kind: 'not_found'; readonly detail: string }
  | {
      readonly kind: 'no_answer';
      readonly detail: string;
      readonly stop: boolean;
      readonly waitSeconds?: number;
    };

export interface PayoutAbility {
  readonly leastCents: bigint;
  readonly mostCents: bigint;
  /** Calls of `send` that the gateway takes in a minute. */
  readonly perMinute: number;
  send(order: PayoutOrder): Promise<PayoutOutcome>;
  /** Absent, or without the gateway's id: only the callback or a person tells. */
  lookup?(keys: { readonly payoutId: string | null; readonly reference: string }): Promise<PayoutLookup>;
}
