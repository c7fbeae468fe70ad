/** Evidence that names a payout by an id that the gateway had not told us yet. */
import type { Tx } from '../db/tables.ts';
import type { PayoutId } from '../domain/ids.ts';
import type { PayoutFact } from '../gateways/abilities.ts';
import type { PayoutDeps } from './context.ts';
import type { PayoutFinding } from './finding.ts';
import { lockPayout } from './hash.ts';
import { matchOf } from './match.ts';
import { settleOne } from './settle.ts';

/** Evidence that came before we knew the gateway's id for this payout is applied now. */
export async function settleUnmatchedPayouts(tx: Tx, deps: PayoutDeps, id: PayoutId): Promise<void> {
  const known = await lockPayout(tx, id);
  if (known.gateway_payout_id === null) return;
  const waiting = await tx
    .selectFrom('payout_evidence')
    .selectAll()
    .where('account_id', '=', known.account_id)
    .where('payout_id', 'is', null)
    .where('gateway_payout_id', '=', known.gateway_payout_id)
    .where((eb) => eb.or([eb('reference', 'is', null), eb('reference', '=', known.reference)]))
    // What came to another payout's URL stays nobody's; an unsigned word counts at this one's URL only.
    .where((eb) => {
      const cameTo = eb
        .selectFrom('inbox')
        .select('inbox.id')
        .whereRef('inbox.id', '=', 'payout_evidence.inbox_id')
        .where('inbox.payout_id', 'is not', null);
      const toAnother = cameTo.where('inbox.payout_id', '!=', id);
      const toThis = cameTo.where('inbox.payout_id', '=', id);
      const proved = eb('trust', 'in', ['signed', 'lookup']);
      return eb.or([eb.and([proved, eb.not(eb.exists(toAnother))]), eb.exists(toThis)]);
    })
    .orderBy('id')
    .execute();
  for (const row of waiting) {
    const finding: PayoutFinding = {
      accountId: row.account_id,
      source: row.source,
      trust: row.trust,
      hint: null,
      inboxId: row.inbox_id,
      byIdentity: row.by_identity,
      fact: {
        verdict: row.verdict,
        payoutId: row.gateway_payout_id,
        reference: row.reference,
        amountCents: row.amount_cents,
        receipt: row.receipt === null ? null : { number: row.receipt, final: row.receipt_final === true },
        msisdn: null,
        feeCents: null,
        reason: row.reason as PayoutFact['reason'],
        rawCode: row.raw_code,
      },
    };
    const match = await matchOf(tx, await lockPayout(tx, id), finding);
    await settleOne(tx, deps, match, finding, row);
  }
}
