/** Whose evidence is it? Finds and locks the payout that a finding is about. */
import type { Tx } from '../db/tables.ts';
import type { PayoutId } from '../domain/ids.ts';
import type { PayoutFinding } from './finding.ts';
import { lockPayout } from './hash.ts';
import type { PayoutRow } from './reserve.ts';

/** By the gateway's id and our reference; the hint serves where they name nothing that we know, or agrees. */
export async function lockPayoutMatch(tx: Tx, finding: PayoutFinding): Promise<PayoutRow | null> {
  const { payoutId, reference } = finding.fact;
  const found = new Set<PayoutId>();
  const names: (readonly ['gateway_payout_id' | 'reference', string | null])[] = [
    ['gateway_payout_id', payoutId],
    ['reference', reference],
  ];
  for (const [column, value] of names) {
    if (value === null) continue;
    const row = await tx
      .selectFrom('payout')
      .select('id')
      .where('account_id', '=', finding.accountId)
      .where(column, '=', value)
      .executeTakeFirst();
    if (row !== undefined) found.add(row.id);
  }
  const [id, ...others] = found;
  if (others.length > 0) return null;
  if (id === undefined) {
    // It names what we do not know: the hint alone serves only where it names nothing at all.
    const unnamed = payoutId === null && reference === null;
    return unnamed && finding.hint !== null ? lockPayout(tx, finding.hint) : null;
  }
  if (finding.hint !== null && finding.hint !== id) return null;
  return lockPayout(tx, id);
}
