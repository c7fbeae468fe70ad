import type { Tx } from '../db/tables.ts';
import type { PayoutId } from '../domain/ids.ts';

/** The steps of a payout's time line, in the words of `payout show`. */
export type PayoutEventKind =
  | 'asked'
  | 'changed'
  | 'waiting'
  | 'withdrawn'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'sending'
  | 'accepted'
  | 'refused'
  | 'not_sent'
  | 'answer_lost'
  | 'checked'
  | 'evidence'
  | 'to_review'
  | 'marked'
  | 'sms';

/** Detail is plain JSON without secrets and without a whole phone: it is shown as it is. */
export async function recordPayoutEvent(
  tx: Tx,
  at: Date,
  payoutId: PayoutId,
  kind: PayoutEventKind,
  detail: Record<string, string | number | boolean | null> = {},
): Promise<void> {
  await tx
    .insertInto('payout_event')
    .values({ payout_id: payoutId, kind, detail: JSON.stringify(detail) as never, at })
    .execute();
}
