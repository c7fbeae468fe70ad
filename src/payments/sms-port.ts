/** How the SMS channel reaches the gateway of an account, and the program's own SMS where that one sends none. */
import type { Database } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';
import type { SmsAbility, SmsOutcome } from '../gateways/abilities.ts';
import type { OpenGateway } from '../gateways/gateway.ts';
import { faultText } from '../ops/fault-text.ts';
import type { Gateways } from './gateways.ts';
import type { SmsPayload } from './sms.ts';

export interface SmsPortDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly gateways: Gateways;
}

/** It came to its end before, and nothing was done now. */
type Over = {
  readonly kind: 'refused';
  readonly reason: 'over';
  readonly rawCode: string;
  readonly detail: string;
};

export type SmsCall = {
  /** Sent again, the same reference stays one message. */
  readonly idempotent: boolean;
  readonly outcome: SmsOutcome | Over;
  /** The account's gateway did not carry it, and the program's own SMS was called: why, and what is left there. */
  readonly passed?: { readonly reason: string; readonly balanceCents: bigint | null };
};

export function createSmsPort(deps: SmsPortDeps) {
  return {
    async send(message: SmsPayload): Promise<SmsCall> {
      const row = await deps.db
        .selectFrom('sms')
        .select(['state', 'called_at'])
        .where('id', '=', message.sms)
        .executeTakeFirst();
      // An operator who tries dead rows again must not send a message again whose fate is known, or never will be.
      if (row?.state !== 'waiting') return over;
      // A call without a key was begun, and its answer was lost: no other way may send it again either.
      if (row.called_at !== null) return lost;
      if (message.account === null) return await byOwn(deps, message, null);
      const sms = (await open(deps, message.account))?.sms;
      if (sms === undefined) return await byOwn(deps, message, noAbility);
      if (!sms.idempotent && !(await claimOnce(deps, message))) return lost;
      const outcome = await call(sms, message);
      const { idempotent } = sms;
      if (outcome.kind !== 'refused' || deps.gateways.ownSms === undefined) return { idempotent, outcome };
      const { reason, balanceCents = null } = outcome;
      return await byOwn(deps, message, { reason, balanceCents, claimed: !idempotent });
    },
  };
}

/** Why not through the account; `claimed`: for its call, which sent nothing. */
interface Passed {
  readonly reason: string;
  readonly balanceCents: bigint | null;
  readonly claimed: boolean;
}

const noAbility: Passed = { reason: 'no_sms', balanceCents: null, claimed: false };

async function byOwn(deps: SmsPortDeps, message: SmsPayload, past: Passed | null): Promise<SmsCall> {
  const { ownSms: own } = deps.gateways;
  if (own === undefined)
    return { idempotent: true, outcome: { kind: 'not_sent', detail: 'Its account sends no SMS now.' } };
  const claimed = past?.claimed === true || own.idempotent || (await claimOnce(deps, message));
  if (!claimed) return lost;
  const called = { idempotent: own.idempotent, outcome: await call(own, message) };
  if (past === null) return called;
  return { ...called, passed: { reason: past.reason, balanceCents: past.balanceCents } };
}

const over: SmsCall = {
  idempotent: false,
  outcome: { kind: 'refused', reason: 'over', rawCode: 'over', detail: 'It came to its end before.' },
};

const lost: SmsCall = {
  idempotent: false,
  outcome: { kind: 'unknown', detail: 'The program ended between the call and its answer.' },
};

/** What an adapter throws is a fault of ours, which says nothing about what it sent. */
async function call(sms: SmsAbility, { to: msisdn, text, reference }: SmsPayload): Promise<SmsOutcome> {
  try {
    return await sms.send({ msisdn, text, reference });
  } catch (err) {
    return { kind: 'unknown', detail: faultText(err) };
  }
}

async function open(deps: SmsPortDeps, account: AccountId): Promise<OpenGateway | null> {
  return await deps.gateways.open(deps.db, account).catch(() => null);
}

/** Committed before the call: a message without a key is never called for twice, whatever dies in between. */
async function claimOnce(deps: SmsPortDeps, message: SmsPayload): Promise<boolean> {
  const { numUpdatedRows } = await deps.db
    .updateTable('sms')
    .set({ called_at: deps.clock.now() })
    .where('id', '=', message.sms)
    .where('state', '=', 'waiting')
    .where('called_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
