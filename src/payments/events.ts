import type { Tx } from '../db/tables.ts';
import type { AttemptId, PaymentId } from '../domain/ids.ts';

/** The steps of a payment's time line, in the words of `payment show`. */
export type EventKind =
  | 'asked'
  | 'changed'
  | 'stopped'
  | 'held'
  | 'queued'
  | 'sending'
  | 'accepted'
  | 'refused'
  | 'not_sent'
  | 'answer_lost'
  | 'prompt_life_over'
  | 'checked'
  /** A member asked about a code that may be this payment's: its look-up was brought forward. */
  | 'code_asked'
  | 'callback'
  | 'evidence'
  | 'to_review'
  | 'marked'
  /** The customer answered on the receipt. */
  | 'customer'
  | 'sms';

/** Detail is plain JSON without secrets and without a whole phone: it is shown as it is. */
export async function recordEvent(
  tx: Tx,
  at: Date,
  paymentId: PaymentId,
  attemptId: AttemptId | null,
  kind: EventKind,
  detail: Record<string, string | number | boolean | null> = {},
): Promise<void> {
  await tx
    .insertInto('event')
    .values({
      payment_id: paymentId,
      attempt_id: attemptId,
      kind,
      detail: JSON.stringify(detail) as never,
      at,
    })
    .execute();
}
