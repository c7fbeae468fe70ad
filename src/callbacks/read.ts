/** Turns a stored callback into evidence, in the transaction that marks its inbox row done. */
import type { Tx } from '../db/tables.ts';
import type { Trust } from '../domain/payment.ts';
import type { CallbackTrust, ReceivedCallback } from '../gateways/gateway.ts';
import type { InboxRow } from '../inbox/claim.ts';
import type { PaymentDeps } from '../payments/context.ts';
import type { Gateways } from '../payments/gateways.ts';
import { settle } from '../payments/settle.ts';

export interface CallbackReaderDeps extends PaymentDeps {
  readonly gateways: Gateways;
  readonly settled?: (effect: string) => void;
}

/** A hint never credits; a capability URL was accepted by name when the account was opened. */
const trustOf = {
  signed: 'signed',
  lookup: 'hint',
  capability: 'accepted_unsigned',
} as const satisfies Record<CallbackTrust, Trust>;

export function createCallbackReader(deps: CallbackReaderDeps) {
  return async (tx: Tx, row: InboxRow): Promise<void> => {
    if (row.accountId === null) throw new Error('A gateway row without an account.');
    const gateway = await deps.gateways.open(tx, row.accountId);
    if (gateway.callback === undefined) throw new Error(`${gateway.kind} takes no callbacks.`);
    const reading = gateway.callback.read(receivedFrom(row.body));
    if (reading.kind !== 'collect') {
      deps.log.warn({ inbox: String(row.id), account: row.accountId, reading }, 'callback kept, not settled');
      return;
    }
    const { effect, paymentId } = await settle(tx, deps, {
      accountId: row.accountId,
      source: 'callback',
      trust: trustOf[gateway.callback.trust],
      evidence: reading.evidence,
      attemptHint: row.attemptId,
      inboxId: row.id,
      byIdentity: null,
    });
    deps.settled?.(effect);
    deps.log.info(
      { inbox: String(row.id), payment: paymentId, reference: reading.evidence.reference, effect },
      'callback settled',
    );
  };
}

function receivedFrom(stored: string): ReceivedCallback {
  const { headers, body } = JSON.parse(stored) as { headers: Record<string, string>; body: string };
  return { headers, body: Buffer.from(body, 'base64') };
}
