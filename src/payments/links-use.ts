/** One use of a link, as the customer follows it: an address of its own, which nobody can make up. */
import { timingSafeEqual } from 'node:crypto';
import type { Tx } from '../db/tables.ts';
import type { LinkId, PaymentId } from '../domain/ids.ts';
import type { PaymentState, Reason } from '../domain/payment.ts';
import type { PaymentDeps } from './context.ts';
import { linkUrl } from './links.ts';
import { receiptUrl } from './receipt-pages.ts';

type UseDeps = Pick<PaymentDeps, 'vault' | 'clock' | 'random' | 'publicUrl'>;

const macHex = 32;
const codeShape = /^[a-f0-9]{64}$/;

/** The payment's id and 128 bits that only we can make, as lower-case hex. */
export function useCode(deps: Pick<PaymentDeps, 'vault'>, paymentId: PaymentId): string {
  const id = paymentId.replaceAll('-', '');
  return id + deps.vault.hmac('pay_link', `use:${id}`).toString('hex').slice(0, macHex);
}

/** Where the customer sees what became of it. */
export function useUrl(deps: Pick<PaymentDeps, 'vault' | 'publicUrl'>, code: string, id: PaymentId): string {
  return `${linkUrl(deps, code)}/${useCode(deps, id)}`;
}

export interface UseView {
  readonly ref: string;
  readonly state: PaymentState;
  readonly reason: Reason | null;
  readonly amountCents: bigint;
  readonly phoneMasked: string;
  /** When the gateway is asked next, while the outcome is not known. */
  readonly nextCheckAt: Date | null;
  /** Once it is proved paid. */
  readonly receiptUrl: string | null;
}

/** null: it is no use of this link. */
export async function lookAtUse(
  tx: Tx,
  deps: UseDeps,
  linkId: LinkId,
  code: string,
): Promise<UseView | null> {
  const paymentId = readUseCode(deps, code);
  if (paymentId === null) return null;
  const payment = await tx
    .selectFrom('payment')
    .select(['ref', 'state', 'reason', 'amount_cents', 'phone_masked'])
    .where('id', '=', paymentId)
    .where('link_id', '=', linkId)
    .executeTakeFirst();
  if (payment === undefined) return null;
  const last = await tx
    .selectFrom('attempt')
    .select('next_check_at')
    .where('payment_id', '=', paymentId)
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return {
    ref: payment.ref,
    state: payment.state,
    reason: payment.reason,
    amountCents: payment.amount_cents,
    phoneMasked: payment.phone_masked,
    nextCheckAt: last?.next_check_at ?? null,
    receiptUrl: payment.state === 'paid' ? await receiptUrl(tx, deps, paymentId) : null,
  };
}

function readUseCode(deps: Pick<PaymentDeps, 'vault'>, code: string): PaymentId | null {
  if (!codeShape.test(code)) return null;
  const hex = code.slice(0, 32);
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  );
  const genuine = Buffer.from(useCode(deps, id as PaymentId));
  return timingSafeEqual(genuine, Buffer.from(code)) ? (id as PaymentId) : null;
}
