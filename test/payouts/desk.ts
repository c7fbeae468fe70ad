/** A shop that pays out: its people, a gateway of the test's own, and the services below the chat. */
import type { IdentityId, PaymentId, PayoutId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Trust } from '../../src/domain/payment.ts';
import { defaultLimits, type PayoutLimits } from '../../src/domain/payout-limits.ts';
import type { Role } from '../../src/domain/roles.ts';
import type { PayoutFact, PayoutLookup, PayoutOrder, PayoutOutcome } from '../../src/gateways/abilities.ts';
import { addMember } from '../../src/payments/businesses.ts';
import { findOrAddIdentity } from '../../src/payments/identities.ts';
import { type Approved, approvePayout } from '../../src/payouts/approve.ts';
import type { PayoutDeps } from '../../src/payouts/context.ts';
import { draftPayout } from '../../src/payouts/draft.ts';
import { createPayoutReconciler } from '../../src/payouts/reconcile.ts';
import { askApproval } from '../../src/payouts/request.ts';
import { writeLimits } from '../../src/payouts/reserve.ts';
import { markPayout } from '../../src/payouts/review.ts';
import { settlePayout } from '../../src/payouts/settle.ts';
import { createPayoutSubmitter } from '../../src/payouts/submit.ts';
import { openDesk } from '../payments/desk.ts';

export type PayoutDesk = Awaited<ReturnType<typeof openPayoutDesk>>;

export interface Asked {
  readonly kes?: number;
  /** How much of it is the withdrawal charge. */
  readonly charge?: number;
  readonly phone?: Msisdn;
  readonly by?: IdentityId;
  readonly refundOf?: PaymentId;
}
export interface Told extends Partial<PayoutFact> {
  readonly hint?: PayoutId | null;
  readonly trust?: Trust;
}
export const code = (number: string, final = true) => ({ number, final });

export async function openPayoutDesk() {
  const desk = await openDesk();
  const { db, inTx, businessId, accountId, boss, gateway, gateways, clock } = desk;
  const told: PayoutId[] = [];
  const tellPayout = {
    payout: async (_tx: unknown, id: PayoutId) => void told.push(id),
    batch: async () => undefined,
    freeze: async () => undefined,
  };
  const deps: PayoutDeps = { ...desk.deps, tellPayout };
  const member = async (externalId: string, role: Role): Promise<IdentityId> => {
    const who = { channel: 'telegram', externalId } as const;
    await inTx((tx) => addMember(tx, deps, businessId, who, role));
    return inTx((tx) => findOrAddIdentity(tx, deps, who));
  };
  const asha = await member('2001', 'manager');
  const brian = await member('2002', 'manager');

  const orders: PayoutOrder[] = [];
  let names = 0;
  const newName = () => `bp-${++names}`;
  const bank = {
    send: (async () => ({ kind: 'accepted', payoutId: newName(), feeCents: 25_00n })) as (
      order: PayoutOrder,
    ) => Promise<PayoutOutcome>,
    lookup: (async () => ({ kind: 'not_found', detail: '' })) as (
      id: string | null,
      reference: string,
    ) => Promise<PayoutLookup>,
  };
  const asked: (string | null)[] = [];
  gateway.more = {
    payout: {
      leastCents: 10_00n,
      mostCents: 250_000_00n,
      perMinute: 60_000_000,
      send: (order) => {
        orders.push(order);
        return bank.send(order);
      },
      lookup: ({ payoutId, reference }) => {
        asked.push(payoutId);
        return bank.lookup(payoutId, reference);
      },
    },
  };
  const submitterOf = (over: typeof db) =>
    createPayoutSubmitter({
      ...deps,
      tell: desk.deps.tell,
      db: over,
      gateways,
      pause: async () => undefined,
    });
  const submitter = submitterOf(db);
  const reconciler = createPayoutReconciler({ ...deps, db, gateways });

  const row = (id: PayoutId) =>
    db.selectFrom('payout').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  /** How often the gateway was called for it. */
  const calls = async (id: PayoutId): Promise<number> => {
    const { reference } = await row(id);
    return orders.filter((order) => order.reference === reference).length;
  };
  const draft = ({
    kes = 500,
    charge = 0,
    phone = desk.newPhone(),
    by = asha,
    refundOf,
  }: Asked = {}): Promise<PayoutId> =>
    inTx((tx) =>
      draftPayout(tx, deps, {
        businessId,
        accountId,
        requestedBy: by,
        amountCents: BigInt(kes) * 100n,
        chargeCents: BigInt(charge) * 100n,
        msisdn: phone,
        payeeName: null,
        note: 'wages',
        ...(refundOf !== undefined && { refundOf }),
      }),
    );
  /** So much came in. */
  const payment = async (kes: number): Promise<PaymentId> => {
    const id = await desk.draft(kes);
    const nothing = { attempt_id: null, receipt: null, evidence_id: null };
    await db
      .insertInto('ledger')
      .values({
        ...{
          business_id: businessId,
          account_id: accountId,
          payment_id: id,
          direction: 'in',
          trust: 'signed',
        },
        ...{ ...nothing, payout_id: null, payout_evidence_id: null },
        ...{ amount_cents: BigInt(kes) * 100n, posted_at: clock.now() },
      })
      .execute();
    return id;
  };
  const ask = (id: PayoutId, by = asha, why: string | null = null) =>
    inTx((tx) => askApproval(tx, deps, id, by, why));
  const waiting = async (what: Asked = {}): Promise<PayoutId> => {
    const id = await draft(what);
    const asking = await ask(id, what.by ?? asha, 'asked for again');
    if (asking.kind !== 'waiting') throw new Error(asking.kind);
    return id;
  };
  const approve = async (
    id: PayoutId,
    by = brian,
    over: { digits?: string | null; version?: number } = {},
  ): Promise<Approved> => {
    const { version } = await row(id);
    const approval = { payoutId: id, by, version, digits: null, ...over };
    return inTx((tx) => approvePayout(tx, deps, approval));
  };
  const approved = async (what: Asked = {}): Promise<PayoutId> => {
    const id = await waiting(what);
    const outcome = await approve(id);
    if (outcome.kind !== 'approved') throw new Error(outcome.kind);
    return id;
  };
  /** Approved, and its one call made. */
  const sent = async (what: Asked = {}): Promise<PayoutId> => {
    const id = await approved(what);
    while (await submitter.runOnce());
    return id;
  };
  const tell = async (id: PayoutId, { hint = id, trust = 'signed', ...fact }: Told = {}) =>
    inTx((tx) =>
      settlePayout(tx, deps, {
        accountId,
        source: trust === 'lookup' ? 'lookup' : 'callback',
        trust,
        hint,
        inboxId: null,
        byIdentity: null,
        fact: {
          verdict: 'paid',
          payoutId: null,
          reference: null,
          amountCents: null,
          receipt: null,
          msisdn: null,
          feeCents: null,
          reason: null,
          rawCode: '',
          ...fact,
        },
      }),
    );
  /** `of`: the round that the person was asked about; else the newest. */
  const mark = async (
    id: PayoutId,
    by: IdentityId,
    verdict: 'paid' | 'failed',
    receipt: string | null = null,
    of?: number,
  ) => {
    const round = of ?? (await row(id)).round;
    return inTx((tx) => markPayout(tx, deps, { payoutId: id, round, by, verdict, receipt }));
  };
  const entries = async (id: PayoutId) => {
    const rows = await db
      .selectFrom('payout_entry')
      .select(['round', 'kind'])
      .where('payout_id', '=', id)
      .orderBy('id')
      .execute();
    return rows.map(({ round, kind }) => `${round} ${kind}`);
  };
  const ledger = (id: PayoutId) =>
    db
      .selectFrom('ledger')
      .select(['amount_cents', 'receipt', 'trust', 'direction'])
      .where('payout_id', '=', id)
      .execute();
  const limit = (over: Partial<PayoutLimits>) =>
    db
      .updateTable('business')
      .set({ payout_limits: JSON.stringify(writeLimits({ ...defaultLimits, ...over })) as never })
      .where('id', '=', businessId)
      .execute();
  /** Everything that is due now is looked up. */
  const reconcile = async (seconds: number): Promise<void> => {
    clock.advance(seconds);
    while (await reconciler.runOnce());
  };
  return {
    ...{ db, clock, inTx, businessId, accountId, boss, cashier: desk.cashier, asha, brian, member, deps },
    ...{ vault: desk.vault, gateway, gateways, waitingLocks: desk.waiting, newPhone: desk.newPhone },
    ...{ orders, asked, bank, told, submitter, submitterOf, reconciler, reconcile, newName },
    ...{
      row,
      calls,
      draft,
      payment,
      ask,
      waiting,
      approve,
      approved,
      sent,
      tell,
      mark,
      entries,
      ledger,
      limit,
    },
    close: () => desk.close(),
  };
}

/** For tests in which every payout must fit. */
export const wideLimits: PayoutLimits = {
  single: 70_000_00n,
  day: 100_000_000_00n,
  memberDay: 100_000_000_00n,
  payeeDay: 100_000_000_00n,
  digitsAbove: 20_000_00n,
  aloneDay: 100_000_000_00n,
};
