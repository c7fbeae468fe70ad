/** Gives money back: whole or part, never more than is left, to the phone that paid, and with another member's yes. */
import type { PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { parseRef } from '../../domain/refs.ts';
import { leastRoleFor, may } from '../../domain/roles.ts';
import { findByRef } from '../../payments/queries.ts';
import { payoutAccount } from '../../payouts/accounts.ts';
import { membersWith } from '../../payouts/people.ts';
import { refundBasis } from '../../payouts/refund.ts';
import { beginPayout } from '../cards/payout-draft.ts';
import { connectWith } from '../commands/connect.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Option, type Read, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { readGiven } from './request-read.ts';

export const refundId = 'refund@1';

export interface RefundStart {
  /** null: which payment is asked. */
  readonly paymentId: PaymentId | null;
  /** One of two payments of the same thing is to go back; once it has, the doubt is settled. */
  readonly one: boolean;
}

export function refundConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: RefundStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const paymentId = start.paymentId ?? (await askWhich(kit));
    if (paymentId === null) return;
    const ready = await kit.act((turn) => look(deps, turn, paymentId));
    if (ready.kind === 'refused') return kit.tell({ key: ready.key, values: { ...ready.values } });
    const cents = await askAmount(kit, ready, start.one);
    if (cents === null) return;
    const done = await kit.act((turn) => finish(deps, turn, paymentId, cents));
    if (done !== 'posted') await kit.tell({ key: done });
  };
}

async function askWhich(kit: Kit): Promise<PaymentId | null> {
  const ref = await kit.ask<string>({
    id: 'refund-which',
    say: { key: 'refund-which' },
    read: (answer) => {
      const parsed = answer.kind === 'text' ? parseRef(answer.text) : null;
      if (parsed?.startsWith('P-') === true) return { value: parsed };
      const text = answer.kind === 'text' ? [...answer.text].slice(0, 40).join('') : '';
      return { again: { key: 'unread', values: { text, eg: 'P-7KQ4M' } } };
    },
  });
  if (ref === null) return null;
  const found = await kit.act(async ({ tx, membership }) => ({
    id: membership === null ? null : await findByRef(tx, membership.businessId, ref),
    shop: membership?.businessName ?? 'Malipo',
  }));
  if (found.id === null) await kit.tell({ key: 'no-ref', values: { ref, shop: found.shop } });
  return found.id;
}

interface Ready {
  readonly kind: 'ready';
  readonly ref: string;
  readonly paid: string;
  readonly done: string;
  /** In cents. */
  readonly left: string;
  readonly one: string | null;
  readonly least: string;
  readonly [more: string]: string | null;
}
type Refused = {
  readonly kind: 'refused';
  readonly key: string;
  readonly values: { readonly [name: string]: string };
};
const refused = (key: string, values: Refused['values'] = {}): Refused => ({ kind: 'refused', key, values });

async function look(deps: BotDeps, turn: Turn, id: PaymentId): Promise<Ready | Refused> {
  const basis = await refundBasis(turn.tx, deps, id);
  const membership = turn.memberships.find(({ businessId }) => businessId === basis?.businessId);
  if (basis === null || membership === undefined) return refused('not-yours');
  if (!may(membership.role, 'request_payout')) {
    const role = deps.words.say(turn.locale, `role-${leastRoleFor('request_payout')}`);
    const [holder] = await membersWith(turn.tx, membership.businessId, 'request_payout');
    return refused('role', { role, who: holder?.name ?? role });
  }
  const account = await payoutAccount(turn.tx, deps.gateways, membership.businessId);
  if (account === null) return refused('po-no-gateway', connectWith(membership));
  if (basis.leftCents < account.leastCents)
    return refused(basis.leftCents === 0n ? 'refund-none-left' : 'refund-too-little', { ref: basis.ref });
  return {
    kind: 'ready',
    ref: basis.ref,
    paid: showMoney(basis.paidCents),
    done: showMoney(basis.doneCents),
    left: String(basis.leftCents),
    one: basis.oneCents === null ? null : String(basis.oneCents),
    least: String(account.leastCents),
  };
}

/** In cents, as text. null: too many tries. */
async function askAmount(kit: Kit, ready: Ready, one: boolean): Promise<string | null> {
  const left = BigInt(ready.left);
  if (one && ready.one !== null && BigInt(ready.one) <= left) return ready.one;
  const least = BigInt(ready.least);
  const whole: Option<string>[] = [{ label: showMoney(left), value: ready.left }];
  const range: Say = { key: 'refund-range', values: { min: showMoney(least), max: showMoney(left) } };
  return kit.ask<string>({
    id: 'refund-amount',
    say: { key: 'give-back', values: { ref: ready.ref, paid: ready.paid, done: ready.done } },
    options: whole,
    read: (answer): Read<string> => {
      const read = readGiven(answer);
      if (!('value' in read)) return read.again.key === 'range' ? { again: range } : read;
      const [cents, ...others] = read.value.cents.filter((sum) => sum >= least && sum <= left);
      return cents === undefined || others.length > 0 ? { again: range } : { value: String(cents) };
    },
  });
}

/** Everything is asked again: the role, and what is left, may have changed while the question stood open. */
async function finish(
  deps: BotDeps,
  turn: Turn,
  id: PaymentId,
  cents: string,
): Promise<'posted' | 'not-yours' | 'cannot-yet' | 'po-not-refundable'> {
  const basis = await refundBasis(turn.tx, deps, id);
  const membership = turn.memberships.find(({ businessId }) => businessId === basis?.businessId);
  if (basis === null || membership === undefined || !may(membership.role, 'request_payout'))
    return 'not-yours';
  if (BigInt(cents) > basis.leftCents) return 'po-not-refundable';
  const begun = await beginPayout(deps, turn, {
    businessId: basis.businessId,
    netCents: BigInt(cents),
    chargeCents: 0n,
    msisdn: basis.msisdn,
    payeeName: basis.payerName,
    note: deps.words.say(turn.locale, 'refund-note', { ref: basis.ref }),
    refundOf: id,
  });
  if (begun === null) return 'cannot-yet';
  return 'posted';
}
