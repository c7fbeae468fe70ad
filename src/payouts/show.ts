/** One payout with all that is known about it, for an operator: phones masked, times as ISO instants. */
import type { Database } from '../db/tables.ts';
import type { PayoutId } from '../domain/ids.ts';
import { maskPhoneIn } from '../domain/msisdn.ts';
import type { Ref } from '../domain/refs.ts';

/** One round: an approval, and the one call that it allowed. */
export interface ShownRound {
  readonly round: number;
  readonly sentAt: string;
  /** null: its answer was lost, or the call is under way. */
  readonly outcome: string | null;
  readonly gatewayPayoutId: string | null;
}

export interface ShownDecision {
  readonly round: number;
  readonly kind: string;
  readonly by: string;
  readonly at: string;
  readonly why: string | null;
}

export interface ShownPayoutEvidence {
  readonly at: string;
  readonly source: string;
  readonly trust: string;
  readonly verdict: string;
  readonly amountCents: number | null;
  readonly receipt: string | null;
  readonly reason: string | null;
  readonly rawCode: string;
  readonly effect: string;
}

export interface ShownPayoutStep {
  readonly at: string;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

/** Cents are whole numbers that JSON holds exactly. `attempts`: the rounds. */
export interface ShownPayout {
  readonly ref: string;
  readonly state: string;
  readonly amountCents: number;
  readonly chargeCents: number;
  readonly feeCents: number | null;
  /** null while the gateway has not given M-Pesa's own number. */
  readonly receipt: string | null;
  readonly reason: string | null;
  readonly flag: string | null;
  readonly detail: string | null;
  readonly phone: string;
  readonly note: string;
  readonly reference: string;
  readonly business: string;
  readonly account: string;
  readonly requestedBy: string;
  readonly createdAt: string;
  readonly paidAt: string | null;
  readonly nextCheckAt: string | null;
  readonly attempts: readonly ShownRound[];
  readonly approvals: readonly ShownDecision[];
  /** What is set aside, went out or came free, in order. */
  readonly entries: readonly { readonly round: number; readonly kind: string; readonly at: string }[];
  readonly evidence: readonly ShownPayoutEvidence[];
  readonly timeline: readonly ShownPayoutStep[];
}

/** null: no payout has this number. */
export async function showPayout(db: Database, ref: Ref): Promise<ShownPayout | null> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const payout = await findPayout(tx, ref);
      if (payout === undefined) return null;
      const [attempts, approvals] = [await readCalls(tx, payout.id), await readApprovals(tx, payout.id)];
      return {
        ref: payout.ref,
        state: payout.state,
        amountCents: Number(payout.amount_cents),
        chargeCents: Number(payout.charge_cents),
        feeCents: cents(payout.fee_cents),
        receipt: payout.receipt_final === true ? payout.receipt : null,
        reason: payout.reason,
        flag: payout.flag,
        detail: masked(payout.detail),
        phone: payout.phone_masked,
        note: maskPhoneIn(payout.note),
        reference: payout.reference,
        business: payout.business,
        account: payout.account,
        requestedBy: payout.requested_by,
        createdAt: payout.created_at.toISOString(),
        paidAt: iso(payout.paid_at),
        nextCheckAt: iso(payout.next_check_at),
        attempts,
        approvals,
        entries: await readEntries(tx, payout.id),
        evidence: await readEvidence(tx, payout.id),
        timeline: await readSteps(tx, payout.id),
      };
    });
}

function findPayout(db: Database, ref: Ref) {
  return db
    .selectFrom('payout')
    .innerJoin('business', 'business.id', 'payout.business_id')
    .innerJoin('gateway_account', 'gateway_account.id', 'payout.account_id')
    .selectAll('payout')
    .select(['business.name as business', 'gateway_account.label as account'])
    .where('payout.ref', '=', ref)
    .executeTakeFirst();
}

async function readCalls(db: Database, id: PayoutId): Promise<ShownRound[]> {
  const rows = await db
    .selectFrom('payout_call')
    .selectAll()
    .where('payout_id', '=', id)
    .orderBy('round')
    .execute();
  return rows.map((row) => ({
    round: row.round,
    sentAt: row.sent_at.toISOString(),
    outcome: row.outcome,
    gatewayPayoutId: masked(row.gateway_payout_id),
  }));
}

/** A row of a batch was approved with it: then the batch's approval is the one that counts. */
async function readApprovals(db: Database, id: PayoutId): Promise<ShownDecision[]> {
  const rows = await db
    .selectFrom('approval')
    .select(['round', 'kind', 'by_identity', 'at', 'why'])
    .where((eb) =>
      eb.or([
        eb('payout_id', '=', id),
        eb('batch_id', '=', eb.selectFrom('payout').select('batch_id').where('id', '=', id)),
      ]),
    )
    .orderBy('at')
    .execute();
  return rows.map((row) => ({
    round: row.round,
    kind: row.kind,
    by: row.by_identity,
    at: row.at.toISOString(),
    why: masked(row.why),
  }));
}

async function readEntries(db: Database, id: PayoutId): Promise<ShownPayout['entries']> {
  const rows = await db
    .selectFrom('payout_entry')
    .select(['round', 'kind', 'at'])
    .where('payout_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map(({ round, kind, at }) => ({ round, kind, at: at.toISOString() }));
}

async function readEvidence(db: Database, id: PayoutId): Promise<ShownPayoutEvidence[]> {
  const rows = await db
    .selectFrom('payout_evidence')
    .selectAll()
    .where('payout_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    at: row.seen_at.toISOString(),
    source: row.source,
    trust: row.trust,
    verdict: row.verdict,
    amountCents: cents(row.amount_cents),
    receipt: row.receipt,
    reason: row.reason,
    rawCode: row.raw_code,
    effect: row.effect,
  }));
}

async function readSteps(db: Database, id: PayoutId): Promise<ShownPayoutStep[]> {
  const rows = await db
    .selectFrom('payout_event')
    .selectAll()
    .where('payout_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.map((step) => ({ ...step.detail, at: step.at.toISOString(), kind: step.kind }));
}

const cents = (amount: bigint | null): number | null => (amount === null ? null : Number(amount));
const masked = (text: string | null): string | null => (text === null ? null : maskPhoneIn(text));
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
