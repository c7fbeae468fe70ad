/** What somebody found out about money, on its way to the one settlement. */
import type { EvidenceTable } from '../db/tables.ts';
import type { AccountId, AttemptId, IdentityId } from '../domain/ids.ts';
import type { Trust } from '../domain/payment.ts';
import type { GatewayEvidence } from '../gateways/gateway.ts';

export interface Finding {
  readonly accountId: AccountId;
  readonly source: EvidenceTable['source'];
  readonly trust: Trust;
  readonly evidence: GatewayEvidence;
  /** The attempt that was asked about, or whose own callback URL was used. */
  readonly attemptHint: AttemptId | null;
  readonly inboxId: bigint | null;
  readonly byIdentity: IdentityId | null;
  /** What a person accepted instead of the amount asked: it is what the ledger holds. */
  readonly acceptedCents?: bigint;
}
