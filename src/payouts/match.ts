/** Whose evidence is it, and of which of its calls? Finds and locks the payout that a finding is about. */
import type { Selectable } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { PayoutCallTable } from '../db/tables-payouts.ts';
import type { PayoutId } from '../domain/ids.ts';
import type { PayoutFinding } from './finding.ts';
import { lockPayout, lockRefunded } from './hash.ts';
import type { PayoutRow } from './reserve.ts';

/**
 * Every round has the same reference, so that only the gateway's id tells them apart. current: the newest round, or the only
 * one that can be meant. earlier: one that had ended when a person asked again. either: nobody can tell. another: a payout of
 * the gateway's that no call of ours made, as far as anybody knows.
 */
export interface PayoutMatch {
  readonly payout: PayoutRow;
  readonly about: 'current' | 'earlier' | 'either' | 'another';
  /** With `either`, the earlier one that it may be. */
  readonly round: number;
  /** The newest round may have moved money too. */
  readonly sentSince: boolean;
}

/**
 * By the gateway's id and our reference; the hint serves where they name nothing at all, or agrees: what comes to one
 * payout's URL and names another belongs to neither. An unsigned word names the very id that the gateway gave us.
 */
export async function lockPayoutMatch(tx: Tx, finding: PayoutFinding): Promise<PayoutMatch | null> {
  const { payoutId, reference } = finding.fact;
  // Before anything is read: the gateway's own answer may be teaching us its id right now.
  if (finding.hint !== null) {
    await lockRefunded(tx, finding.hint);
    await lockPayout(tx, finding.hint);
  }
  const found = new Set<PayoutId>();
  if (payoutId !== null) for (const id of await byGatewayId(tx, finding, payoutId)) found.add(id);
  if (reference !== null) {
    const row = await tx
      .selectFrom('payout')
      .select('id')
      .where('account_id', '=', finding.accountId)
      .where('reference', '=', reference)
      .executeTakeFirst();
    if (row !== undefined) found.add(row.id);
  }
  const unnamed = payoutId === null && reference === null;
  if (unnamed && finding.hint !== null) found.add(finding.hint);
  const [id, ...others] = found;
  if (id === undefined || others.length > 0) return null;
  if (finding.hint !== null && finding.hint !== id) return null;
  await lockRefunded(tx, id);
  const match = await matchOf(tx, await lockPayout(tx, id), finding);
  const unsigned = finding.trust === 'accepted_unsigned';
  return unsigned && (payoutId === null || match.about !== 'current' || !(await knows(tx, match, payoutId)))
    ? null
    : match;
}

async function byGatewayId(tx: Tx, finding: PayoutFinding, payoutId: string): Promise<PayoutId[]> {
  const rows = await tx
    .selectFrom('payout_call')
    .innerJoin('payout', 'payout.id', 'payout_call.payout_id')
    .select('payout.id')
    .where('payout.account_id', '=', finding.accountId)
    .where('payout_call.gateway_payout_id', '=', payoutId)
    .execute();
  return rows.map((row) => row.id);
}

async function knows(tx: Tx, { payout, round }: PayoutMatch, payoutId: string): Promise<boolean> {
  const call = await tx
    .selectFrom('payout_call')
    .select('gateway_payout_id')
    .where('payout_id', '=', payout.id)
    .where('round', '=', round)
    .executeTakeFirst();
  return call?.gateway_payout_id === payoutId;
}

/** The caller holds the payout's row. */
export async function matchOf(tx: Tx, payout: PayoutRow, finding: PayoutFinding): Promise<PayoutMatch> {
  const current = { payout, about: 'current', round: payout.round, sentSince: true } as const;
  const { payoutId } = finding.fact;
  if (finding.trust === 'person' ? payout.state !== 'waiting' : payout.round === 1 && payoutId === null)
    return current;
  const calls = await tx
    .selectFrom('payout_call')
    .selectAll()
    .where('payout_id', '=', payout.id)
    .orderBy('round', 'desc')
    .execute();
  const newest = calls.find((call) => call.round === payout.round);
  const sentSince = newest !== undefined && mayHaveArrived(newest);
  const before = (of: typeof calls) => of.find((call) => call.round < payout.round && mayHaveArrived(call));
  // Persons mark what stands open now: of one that waits, the doubt about the round before.
  if (finding.trust === 'person')
    return { payout, about: 'earlier', round: before(calls)?.round ?? payout.round, sentSince: false };
  const named = payoutId === null ? undefined : calls.find((call) => call.gateway_payout_id === payoutId);
  if (named !== undefined)
    return named.round === payout.round
      ? current
      : { payout, about: 'earlier', round: named.round, sentSince };
  // A call whose own id is known is not the one that another id names.
  const nameless = payoutId === null ? calls : calls.filter((call) => call.gateway_payout_id === null);
  const arrived = calls.filter(mayHaveArrived);
  if (arrived.length > 0 && !arrived.some((call) => nameless.includes(call)))
    return { payout, about: 'another', round: payout.round, sentSince };
  const earlier = before(nameless);
  if (earlier === undefined) return current;
  const either = sentSince && newest !== undefined && nameless.includes(newest);
  return { payout, about: either ? 'either' : 'earlier', round: earlier.round, sentSince };
}

/** What the gateway refused, or what never left, left nothing behind that it could tell of. */
function mayHaveArrived(call: Selectable<PayoutCallTable>): boolean {
  return call.outcome !== 'refused' && call.outcome !== 'not_sent';
}
