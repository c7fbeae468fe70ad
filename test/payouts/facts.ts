/** What a gateway says of a payout, where a test cares for little of it. */
import type { PayoutFact } from '../../src/gateways/abilities.ts';

export const fact = (verdict: PayoutFact['verdict'], payoutId: string | null): PayoutFact => ({
  ...{ verdict, payoutId, reference: null, amountCents: 500_00n, receipt: null, msisdn: null },
  ...{ feeCents: null, reason: verdict === 'failed' ? 'not_given' : null, rawCode: verdict },
});

/** The answer to a look-up. */
export const says = (verdict: PayoutFact['verdict']) => async (payoutId: string | null) =>
  ({ kind: 'fact', fact: fact(verdict, payoutId) }) as const;

/** No answer to the call: nobody knows. */
export const lost = async () =>
  ({ kind: 'unknown', payoutId: null, rawCode: 'no_answer', detail: '' }) as const;
