/** What each outcome of a call makes of the attempt, and how the time line says it. Pure. */
import { lostAnswerCheckSeconds, nextCheck } from '../domain/checks.ts';
import { plusSeconds } from '../domain/clock.ts';
import { maskPhoneIn } from '../domain/msisdn.ts';
import { promptLifeSeconds, type Reason } from '../domain/payment.ts';
import type { CollectOutcome } from '../gateways/gateway.ts';
import type { EventKind } from './events.ts';

export const eventOf = {
  accepted: 'accepted',
  refused: 'refused',
  not_sent: 'not_sent',
  unknown: 'answer_lost',
} as const satisfies Record<CollectOutcome['kind'], EventKind>;

export function detailOf(outcome: CollectOutcome): Record<string, string | null> {
  switch (outcome.kind) {
    case 'accepted':
      return { correlationId: outcome.ids.correlationId && maskPhoneIn(outcome.ids.correlationId) };
    case 'refused':
      return { reason: outcome.reason, rawCode: outcome.rawCode, detail: outcome.detail };
    case 'not_sent':
      return { detail: outcome.detail };
    case 'unknown':
      return { rawCode: outcome.rawCode, detail: outcome.detail };
  }
}

/** Why there is no prompt; null: there is, or may be one. */
export function reasonOf(outcome: CollectOutcome): Reason | null {
  if (outcome.kind === 'refused') return outcome.reason;
  return outcome.kind === 'not_sent' ? 'gateway_unreachable' : null;
}

const released = { lease_token: null, lease_until: null };

/** The columns of `attempt` that change. */
export function changeBy(outcome: CollectOutcome, sentAt: Date, now: Date) {
  switch (outcome.kind) {
    case 'accepted':
      return {
        ...released,
        state: 'prompted' as const,
        prompted_at: now,
        live_until: plusSeconds(now, promptLifeSeconds),
        next_check_at: nextCheck(sentAt, now).at,
      };
    case 'refused':
      return {
        ...released,
        state: 'refused' as const,
        reason: reasonOf(outcome),
        raw_code: outcome.rawCode,
        detail: outcome.detail,
        wait_until: outcome.wait?.scope === 'phone' ? plusSeconds(now, outcome.wait.seconds) : null,
        ended_at: now,
        next_check_at: null,
      };
    case 'not_sent':
      return {
        ...released,
        state: 'not_sent' as const,
        reason: reasonOf(outcome),
        detail: outcome.detail,
        ended_at: now,
        next_check_at: null,
      };
    case 'unknown':
      return {
        ...released,
        state: 'unknown' as const,
        raw_code: outcome.rawCode,
        detail: outcome.detail,
        // The prompt may have been made as late as this answer was lost.
        live_until: plusSeconds(now, promptLifeSeconds),
        next_check_at: plusSeconds(now, lostAnswerCheckSeconds),
      };
  }
}
