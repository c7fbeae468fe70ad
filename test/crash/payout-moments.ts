/** Every border of a payout's path, and how the program is stopped there. */
import type { PayoutId } from '../../src/domain/ids.ts';
import type { Fault } from '../../src/sandbox/bluepay/faults.ts';
import type { RowGate } from './gate.ts';
import type { PayoutStage } from './payout-stage.ts';

export interface Moment {
  readonly name: string;
  /** The row at which the program is stopped, of this payout and no other. */
  readonly gate?: (id: PayoutId) => RowGate;
  /** Resolves when somebody outside lets the program wait. */
  readonly held?: (stage: PayoutStage) => Promise<void>;
  /** Calls `kill` when somebody outside sees what the program did. */
  readonly seen?: (stage: PayoutStage, kill: () => void) => () => void;
  readonly armed?: Fault;
  /** What the program knows by itself in the end. */
  readonly knows: 'paid' | 'unknown';
  /** What BluePay's statement shows then. */
  readonly moved: 0 | 1;
}

export interface Death {
  /** BluePay's webhooks, which it sends once: come to the program that was started again, or are lost in its death. */
  readonly webhooks: 'held' | 'at once';
  /** Two calls at most are under way at a time. The last may be `seen`. */
  readonly moments: readonly Moment[];
}

/** BluePay has the order: its answer is written after the listeners ran, so that nobody hears it. */
function onPayout({ shop }: PayoutStage, kill: () => void): () => void {
  const before = shop.bluepay.control.payouts().length;
  let done = false;
  return shop.bluepay.control.onChange(() => {
    if (done || shop.bluepay.control.payouts().length === before) return;
    done = true;
    kill();
  });
}

const own = (id: PayoutId): string => `new.payout_id = '${id}'`;

export const deaths: readonly Death[] = [
  {
    webhooks: 'held',
    moments: [
      {
        name: 'the gateway has refused, we have not written it',
        gate: (id) => ({ table: 'payout', on: 'update', when: `new.id = '${id}' and new.state = 'failed'` }),
        armed: 'b2c_unavailable',
        knows: 'unknown',
        moved: 0,
      },
      {
        name: 'in the call, and the webhook finds nobody',
        seen: onPayout,
        armed: 'b2c_callback_lost',
        knows: 'unknown',
        moved: 1,
      },
    ],
  },
  {
    webhooks: 'held',
    moments: [
      {
        name: 'the gateway has accepted, we have not written it',
        gate: (id) => ({
          table: 'payout',
          on: 'update',
          when: `new.id = '${id}' and new.state = 'sent_to_gateway'`,
        }),
        knows: 'paid',
        moved: 1,
      },
      {
        name: 'in the call, and the webhook finds the next program',
        seen: onPayout,
        knows: 'paid',
        moved: 1,
      },
    ],
  },
  {
    webhooks: 'at once',
    moments: [
      {
        name: 'the callback is being stored',
        gate: (id) => ({ table: 'inbox', on: 'insert', when: own(id) }),
        knows: 'paid',
        moved: 1,
      },
      {
        name: 'the callback was answered 200, its money is not in the ledger',
        gate: (id) => ({ table: 'ledger', on: 'insert', when: own(id) }),
        knows: 'paid',
        moved: 1,
      },
      {
        name: 'the settlement is written, not committed',
        gate: (id) => ({ table: 'inbox', on: 'update', when: `${own(id)} and new.state = 'done'` }),
        knows: 'paid',
        moved: 1,
      },
      {
        name: 'between the committed claim and the gateway',
        held: ({ tap }) => tap.loseNext('/api/v1/b2c/payouts'),
        knows: 'unknown',
        moved: 0,
      },
      {
        // After it nobody approves in this death: it holds the business.
        name: 'the claim is written, not committed',
        gate: (id) => ({ table: 'payout_call', on: 'insert', when: own(id) }),
        knows: 'paid',
        moved: 1,
      },
    ],
  },
];
