/** All that a card of a payout can show. */
import type { Selectable } from 'kysely';
import type { BusinessTable, Tx } from '../../db/tables.ts';
import type { PayoutEvidenceTable } from '../../db/tables-payouts.ts';
import type { Vault } from '../../db/vault.ts';
import type { IdentityId, PayoutId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';
import type { PayoutLimits } from '../../domain/payout-limits.ts';
import { bandOf } from '../../domain/tariff.ts';
import { seenBalances } from '../../payments/balances.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { type Approvers, approversOf } from '../../payouts/people.ts';
import { lastFee, type OpenBefore, openBefore, type PaidBefore, paidBefore } from '../../payouts/queries.ts';
import { type PayoutRow, readLimits } from '../../payouts/reserve.ts';

export interface PayoutView {
  readonly payout: PayoutRow;
  readonly business: Selectable<BusinessTable>;
  /** What members call the account, such as "Paybill 123456". */
  readonly account: string;
  readonly msisdn: Msisdn;
  readonly requester: string;
  /** Of this round. */
  readonly decided: {
    readonly kind: 'approved' | 'rejected' | 'alone';
    readonly by: IdentityId;
    readonly who: string;
    readonly why: string;
    readonly at: Date;
  } | null;
  /**
   * Who took it back; or who said yes, or asked, and may do so no longer, or said yes too long ago (`left`). null: it stands, or
   * nobody knows.
   */
  readonly dropped: {
    readonly by: IdentityId;
    readonly who: string;
    readonly left: 'approver' | 'approval' | 'asker' | null;
  } | null;
  /** What the first of two persons found on the statement. */
  readonly marked: {
    readonly by: IdentityId;
    readonly who: string;
    readonly verdict: 'paid' | 'failed';
    readonly receipt: string | null;
  } | null;
  readonly approvers: Approvers;
  readonly limits: PayoutLimits;
  /** Cents, as the gateway told last. null: it did not. */
  readonly float: bigint | null;
  /** What the gateway took, or took for the last one like it. null: not known before sending. */
  readonly fee: bigint | null;
  readonly before: PaidBefore | null;
  /** What went to the same phone, or may have, and nobody knows yet. */
  readonly open: OpenBefore | null;
  /** Evidence that nobody took as it is, or that money came back. */
  readonly told: Selectable<PayoutEvidenceTable> | null;
}

export async function loadPayoutView(tx: Tx, vault: Vault, id: PayoutId): Promise<PayoutView> {
  const payout = await tx.selectFrom('payout').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const business = await tx
    .selectFrom('business')
    .selectAll()
    .where('id', '=', payout.business_id)
    .executeTakeFirstOrThrow();
  const account = await tx
    .selectFrom('gateway_account')
    .select(['label', 'balances_seen'])
    .where('id', '=', payout.account_id)
    .executeTakeFirstOrThrow();
  const requester = await tx
    .selectFrom('identity')
    .select('name')
    .where('id', '=', payout.requested_by)
    .executeTakeFirstOrThrow();
  const band = bandOf(payout.amount_cents);
  return {
    payout,
    business,
    account: account.label,
    msisdn: openPhone(vault, payout.phone_sealed, sealedAs.payoutPhone(id)),
    requester: requester.name ?? '–',
    decided: await decisionOf(tx, payout),
    dropped: payout.state === 'void' ? await dropOf(tx, payout) : null,
    marked: await markOf(tx, payout),
    approvers: await approversOf(tx, business, payout.requested_by),
    limits: readLimits(business.payout_limits),
    float: seenBalances(account.balances_seen).find(({ of }) => of === 'float')?.cents ?? null,
    fee: payout.fee_cents ?? (band === null ? null : await lastFee(tx, payout.account_id, band)),
    before: await paidBefore(tx, payout),
    open: await openBefore(tx, payout),
    told: await doubtOf(tx, payout),
  };
}

async function decisionOf(tx: Tx, payout: PayoutRow): Promise<PayoutView['decided']> {
  const row = await tx
    .selectFrom('approval')
    .innerJoin('identity', 'identity.id', 'approval.by_identity')
    .select(['approval.kind', 'approval.by_identity', 'approval.why', 'approval.at', 'identity.name'])
    .where((eb) =>
      payout.batch_id === null
        ? eb('approval.payout_id', '=', payout.id).and('approval.round', '=', payout.round)
        : // The rest of a file may have been approved anew, after this row was sent.
          eb('approval.batch_id', '=', payout.batch_id).and(
            'approval.at',
            '<=',
            payout.sent_at ?? payout.updated_at,
          ),
    )
    .orderBy('approval.round', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { kind: row.kind, by: row.by_identity, who: row.name ?? '–', why: row.why ?? '', at: row.at };
}

async function dropOf(tx: Tx, payout: PayoutRow): Promise<PayoutView['dropped']> {
  const event = await tx
    .selectFrom('payout_event')
    .select('detail')
    .where('payout_id', '=', payout.id)
    .where('kind', '=', 'withdrawn')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { approverLeft, approvalLapsed, askerLeft, by: dropper } = event?.detail ?? {};
  const by = approverLeft ?? approvalLapsed ?? askerLeft ?? dropper;
  if (typeof by !== 'string') return null;
  const yes = approverLeft !== undefined ? 'approver' : approvalLapsed !== undefined ? 'approval' : null;
  const left = yes ?? (askerLeft !== undefined ? 'asker' : null);
  const person = await tx
    .selectFrom('identity')
    .select(['id', 'name'])
    .where('id', '=', by as IdentityId)
    .executeTakeFirst();
  return person === undefined ? null : { by: person.id, who: person.name ?? '–', left };
}

async function markOf(tx: Tx, payout: PayoutRow): Promise<PayoutView['marked']> {
  const row = await tx
    .selectFrom('payout_mark')
    .innerJoin('identity', 'identity.id', 'payout_mark.by_identity')
    .select(['payout_mark.verdict', 'payout_mark.receipt', 'payout_mark.by_identity', 'identity.name'])
    .where('payout_mark.payout_id', '=', payout.id)
    .where('payout_mark.round', '=', payout.round)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { by: row.by_identity, who: row.name ?? '–', verdict: row.verdict, receipt: row.receipt };
}

async function doubtOf(tx: Tx, payout: PayoutRow): Promise<PayoutView['told']> {
  const { flag } = payout;
  const reversed = payout.state === 'reversed';
  const evident = flag !== null && flag !== 'unproved';
  if (!reversed && !evident) return null;
  const row = await tx
    .selectFrom('payout_evidence')
    .selectAll()
    .where('payout_id', '=', payout.id)
    .where('effect', '=', reversed || !evident ? 'reversed' : flag)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}
