/** The unguessable address of a receipt: whoever holds the paper can check it, and nobody else finds it. */
import type { Tx } from '../db/tables.ts';
import type { PaymentId } from '../domain/ids.ts';
import { token } from '../domain/random.ts';
import { type PaymentDeps, sealedAs } from './context.ts';

type PageDeps = Pick<PaymentDeps, 'vault' | 'clock' | 'random' | 'publicUrl'>;

/** `PUBLIC_URL/receipt/<code>`, made when it is first asked for. null: the payment is not proved paid, so there is none. */
export async function receiptUrl(tx: Tx, deps: PageDeps, paymentId: PaymentId): Promise<string | null> {
  const known = await codeOf(tx, deps, paymentId);
  if (known !== null) return `${deps.publicUrl}/receipt/${known}`;
  const payment = await tx
    .selectFrom('payment')
    .select('state')
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  if (payment.state !== 'paid') return null;
  const code = token(deps.random);
  await tx
    .insertInto('receipt_page')
    .values({
      payment_id: paymentId,
      code_hmac: deps.vault.hmac('receipt', code),
      code_sealed: deps.vault.seal(code, sealedAs.receiptPage(paymentId)),
      created_at: deps.clock.now(),
    })
    .onConflict((conflict) => conflict.column('payment_id').doNothing())
    .execute();
  return `${deps.publicUrl}/receipt/${await codeOf(tx, deps, paymentId)}`;
}

async function codeOf(tx: Tx, deps: PageDeps, paymentId: PaymentId): Promise<string | null> {
  const page = await tx
    .selectFrom('receipt_page')
    .select('code_sealed')
    .where('payment_id', '=', paymentId)
    .executeTakeFirst();
  return page === undefined ? null : deps.vault.open(page.code_sealed, sealedAs.receiptPage(paymentId));
}

const codeShape = /^[a-f0-9]{32}$/;

/** null: there is no such receipt. */
export async function findReceiptPage(
  tx: Tx,
  deps: Pick<PaymentDeps, 'vault'>,
  code: string,
): Promise<PaymentId | null> {
  if (!codeShape.test(code)) return null;
  const page = await tx
    .selectFrom('receipt_page')
    .select('payment_id')
    .where('code_hmac', '=', deps.vault.hmac('receipt', code))
    .executeTakeFirst();
  return page?.payment_id ?? null;
}
