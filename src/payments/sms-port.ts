/** How the SMS channel reaches the gateway of an account. */
import type { Database } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
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
};

export function createSmsPort(deps: SmsPortDeps) {
  return {
    async send(message: SmsPayload): Promise<SmsCall> {
      const row = await deps.db
        .selectFrom('sms')
        .select(['state'])
        .where('id', '=', message.sms)
        .executeTakeFirst();
      // An operator who tries dead rows again must not send a message again whose fate is known, or never will be.
      if (row?.state !== 'waiting') return over;
      const gateway = await open(deps, message);
      if (gateway?.sms === undefined)
        return { idempotent: true, outcome: { kind: 'not_sent', detail: 'Its account sends no SMS now.' } };
      const { sms } = gateway;
      if (!sms.idempotent && !(await claimOnce(deps, message)))
        return {
          idempotent: false,
          outcome: { kind: 'unknown', detail: 'The program ended between the call and its answer.' },
        };
      return { idempotent: sms.idempotent, outcome: await call(sms, message) };
    },
  };
}

const over: SmsCall = {
  idempotent: false,
  outcome: { kind: 'refused', reason: 'over', rawCode: 'over', detail: 'It came to its end before.' },
};

/** What an adapter throws is a fault of ours, which says nothing about what it sent. */
async function call(sms: SmsAbility, { to: msisdn, text, reference }: SmsPayload): Promise<SmsOutcome> {
  try {
    return await sms.send({ msisdn, text, reference });
  } catch (err) {
    return { kind: 'unknown', detail: faultText(err) };
  }
}

async function open(deps: SmsPortDeps, message: SmsPayload): Promise<OpenGateway | null> {
  return await deps.gateways.open(deps.db, message.account).catch(() => null);
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
