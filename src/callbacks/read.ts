/** Turns a stored callback into evidence, in the transaction that marks its inbox row done. */
import type { Tx } from '../db/tables.ts';
import type { Trust } from '../domain/payment.ts';
import type { CallbackOperation } from '../gateways/abilities.ts';
import type {
  CallbackAbility,
  CallbackReading,
  CallbackTrust,
  ReceivedCallback,
} from '../gateways/gateway.ts';
import type { InboxRow } from '../inbox/claim.ts';
import type { PaymentDeps } from '../payments/context.ts';
import type { Gateways } from '../payments/gateways.ts';
import { learnTopUp } from '../payments/service-balance.ts';
import { settle } from '../payments/settle.ts';
import { keepUnclaimed } from '../payments/unclaimed.ts';
import type { PayoutDeps } from '../payouts/context.ts';
import { settlePayout } from '../payouts/settle.ts';

export interface CallbackReaderDeps extends PaymentDeps, PayoutDeps {
  readonly gateways: Gateways;
  readonly settled?: (effect: string) => void;
  readonly settledPayout?: (effect: string) => void;
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
    const { operation, ...received } = storedFrom(row.body);
    const reading = gateway.callback.read(received);
    const trust = await trustFor(tx, row, gateway.callback, reading.kind);
    const { accountId, id: inboxId } = row;
    if (reading.kind === 'unasked' && row.attemptId === null) {
      const kept = await keepUnclaimed(tx, deps, { accountId, trust, inboxId, money: reading.money });
      deps.log.info({ inbox: String(inboxId), account: accountId, kept }, 'money that nobody asked for');
      return;
    }
    // Only a signed word is taken: it calls owners off.
    if (reading.kind === 'topup' && trust === 'signed') {
      await learnTopUp(tx, deps.tell, accountId, reading.topup, String(inboxId));
      deps.log.info({ inbox: String(inboxId), account: accountId, of: reading.topup.of }, 'balance filled');
      return;
    }
    if (reading.kind === 'payout' && operation === undefined) {
      const about = { accountId, trust, inboxId, hint: row.payoutId, fact: reading.fact };
      const { effect, payoutId } = await settlePayout(tx, deps, {
        ...about,
        source: 'callback',
        byIdentity: null,
      });
      deps.settledPayout?.(effect);
      deps.log.info({ inbox: String(inboxId), payout: payoutId, effect }, 'payout callback settled');
      return;
    }
    // An address of confirmations is no address of prompts' results.
    if (reading.kind !== 'collect' || operation !== undefined) {
      const what =
        reading.kind === 'other' || reading.kind === 'unreadable' ? reading : { kind: reading.kind };
      deps.log.warn(
        { inbox: String(inboxId), account: accountId, reading: what },
        'callback kept, not settled',
      );
      return;
    }
    const { effect, paymentId } = await settle(tx, deps, {
      accountId,
      source: 'callback',
      trust,
      evidence: reading.evidence,
      attemptHint: row.attemptId,
      inboxId,
      byIdentity: null,
    });
    deps.settled?.(effect);
    deps.log.info(
      { inbox: String(row.id), payment: paymentId, reference: reading.evidence.reference, effect },
      'callback settled',
    );
  };
}

/**
 * A capability is the URL of one prompt or payout, where the gateway can name one: what comes to the account's URL there was written
 * by somebody who did not have it, and is a hint.
 */
async function trustFor(
  tx: Tx,
  row: InboxRow,
  ability: CallbackAbility,
  kind: CallbackReading['kind'],
): Promise<Trust> {
  const trust = trustOf[ability.trust];
  if (trust !== 'accepted_unsigned') return trust;
  const account = await tx
    .selectFrom('gateway_account')
    .select('accepts_unsigned')
    .where('id', '=', row.accountId)
    .executeTakeFirstOrThrow();
  const own = kind === 'payout' ? row.payoutId : row.attemptId;
  const ownUrl = own !== null || ability.accountUrlOnly === true;
  return ownUrl && account.accepts_unsigned ? trust : 'hint';
}

type Stored = ReceivedCallback & { readonly operation?: CallbackOperation };

function storedFrom(stored: string): Stored {
  const { body, ...rest } = JSON.parse(stored) as Omit<Stored, 'body'> & { body: string };
  return { ...rest, body: Buffer.from(body, 'base64') };
}
