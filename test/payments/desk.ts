/** A shop with a gateway of the test's own, on a real database and a clock that the test moves. */
import { sql } from 'kysely';
import { renderPaymentCard } from '../../src/bot/cards/payment-card.ts';
import { loadPaymentView } from '../../src/bot/cards/payment-view.ts';
import { createTell } from '../../src/bot/cards/tell.ts';
import { createWords } from '../../src/bot/words.ts';
import type { Tx } from '../../src/db/tables.ts';
import { type AccountId, type AttemptId, newId, type PaymentId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Receipt } from '../../src/domain/payment.ts';
import { token } from '../../src/domain/random.ts';
import type {
  CollectOutcome,
  GatewayEvidence,
  LookupOutcome,
  OpenGateway,
} from '../../src/gateways/gateway.ts';
import { noIds } from '../../src/gateways/gateway.ts';
import { silentLog } from '../../src/ops/log.ts';
import { addBusiness, addMember } from '../../src/payments/businesses.ts';
import { sealedAs } from '../../src/payments/context.ts';
import type { Finding } from '../../src/payments/finding.ts';
import { findOrAddIdentity } from '../../src/payments/identities.ts';
import { createReconciler } from '../../src/payments/reconcile.ts';
import { draftPayment, sendPrompt } from '../../src/payments/request.ts';
import { settle } from '../../src/payments/settle.ts';
import { createSubmitter } from '../../src/payments/submit.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import { openTestDatabase } from '../support/database.ts';

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Evidence that M-Pesa moved the money, unless said otherwise. */
export interface Told extends Partial<GatewayEvidence> {
  readonly hint?: AttemptId | null;
  readonly trust?: Finding['trust'];
}

export const code = (number: string): Receipt => ({ number, final: true });

export async function openDesk() {
  const database = await openTestDatabase({ max: 20 });
  const { db, vault } = database;
  const clock = createTestClock();
  const random = createTestRandom();
  const words = createWords();
  const publicUrl = 'https://shop.example';
  const tell = createTell({ vault, clock, random, words, publicUrl });
  const deps = { vault, clock, random, tell, log: silentLog, words, publicUrl };
  const inTx = <T>(run: (tx: Tx) => Promise<T>): Promise<T> => db.transaction().execute(run);

  const { businessId } = await inTx((tx) =>
    addBusiness(tx, deps, {
      name: 'Mama Njeri',
      owner: { channel: 'telegram', externalId: '1002' },
      locale: 'en',
    }),
  );
  const person = (externalId: string) =>
    inTx((tx) => findOrAddIdentity(tx, deps, { channel: 'telegram', externalId }));
  const boss = await person('1002');
  await inTx((tx) => addMember(tx, deps, businessId, { channel: 'telegram', externalId: '1001' }, 'cashier'));
  const cashier = await person('1001');

  async function addAccount(name: string, kind = 'bluepay'): Promise<AccountId> {
    const id = newId<AccountId>(clock, random);
    const callback = token(random);
    await db
      .insertInto('gateway_account')
      .values({
        id,
        business_id: businessId,
        kind,
        name,
        label: name,
        config_sealed: vault.seal('{}', sealedAs.accountConfig(id)),
        callback_hmac: vault.hmac('callback', callback),
        callback_sealed: vault.seal(callback, sealedAs.accountCallback(id)),
        accepts_unsigned: false,
        state: 'active',
        stopped_reason: null,
        next_lookup_slot: clock.now(),
        created_at: clock.now(),
      })
      .execute();
    return id;
  }
  const accountId = await addAccount('Till 1');

  const sent: string[] = [];
  const asked: string[] = [];
  const gateway = {
    collect: (async () => ({ kind: 'accepted', ids: noIds })) as () => Promise<CollectOutcome>,
    lookup: (async () => ({ kind: 'not_found', detail: '' })) as (
      reference: string,
      account: AccountId,
    ) => Promise<LookupOutcome>,
    opens: (_account: AccountId): boolean => true,
    /** What it can do beside collecting and looking up. */
    more: {} as Partial<OpenGateway>,
  };
  const gateways = {
    open: async (_db: unknown, account: AccountId): Promise<OpenGateway> => {
      if (!gateway.opens(account)) throw new Error('does not open');
      return {
        kind: 'bluepay',
        ...gateway.more,
        collect: (request) => {
          sent.push(request.reference);
          return gateway.collect();
        },
        lookup: {
          budgetPerMinute: 600,
          lookup: ({ reference }) => {
            asked.push(reference);
            return gateway.lookup(reference, account);
          },
        },
      };
    },
  };
  const pauses: number[] = [];
  const submitterOf = (over: typeof db) =>
    createSubmitter({
      ...deps,
      db: over,
      gateways,
      pause: async (ms) => void pauses.push(ms),
    });
  const submitter = submitterOf(db);
  const reconciler = createReconciler({ ...deps, db, gateways });

  let phones = 0;
  const newPhone = (): Msisdn => `2547${String(30_000_000 + ++phones)}` as Msisdn;

  async function draft(amountKes = 500, account = accountId): Promise<PaymentId> {
    return inTx((tx) =>
      draftPayment(tx, deps, {
        businessId,
        accountId: account,
        requestedBy: cashier,
        amountCents: BigInt(amountKes) * 100n,
        msisdn: newPhone(),
        note: 'lunch',
        payerName: null,
      }),
    );
  }
  async function queue(id: PaymentId): Promise<AttemptId> {
    const outcome = await inTx((tx) => sendPrompt(tx, deps, id, cashier));
    if (outcome.kind !== 'queued') throw new Error(outcome.kind);
    return outcome.attemptId;
  }
  /** A draft with its prompt on the phone. */
  async function prompted(amountKes = 500, account = accountId) {
    const id = await draft(amountKes, account);
    const attempt = await queue(id);
    await submitter.runOnce();
    return { id, attempt };
  }
  const attemptOf = (id: AttemptId) =>
    db.selectFrom('attempt').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  /** What a callback to the attempt's own address, or a look-up, told about it. */
  async function told(attempt: AttemptId, what: Told = {}) {
    const { hint = attempt, trust = 'signed', ...evidence } = what;
    const { account_id } = await attemptOf(attempt);
    return inTx((tx) =>
      settle(tx, deps, {
        accountId: account_id,
        source: trust === 'lookup' ? 'lookup' : 'callback',
        trust,
        attemptHint: hint,
        inboxId: null,
        byIdentity: null,
        evidence: {
          verdict: 'paid',
          ids: noIds,
          reference: null,
          amountCents: null,
          receipt: null,
          msisdn: null,
          reason: null,
          rawCode: '',
          ...evidence,
        },
      }),
    );
  }
  const failed = (attempt: AttemptId) => told(attempt, { verdict: 'failed', reason: 'cancelled' });

  /** A second prompt of a payment whose first one ended without money. */
  async function again(id: PaymentId): Promise<AttemptId> {
    clock.advance(125);
    const attempt = await queue(id);
    await submitter.runOnce();
    return attempt;
  }
  /** The newest attempt has been looked up for the last time, and nothing was proved. */
  async function unproved(): Promise<void> {
    clock.advance(3700);
    while (await reconciler.runOnce()) clock.advance(1);
  }
  const payment = (id: PaymentId) =>
    db
      .selectFrom('payment')
      .select(['state', 'reason', 'flag'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  const ledger = (id: PaymentId) =>
    db
      .selectFrom('ledger')
      .select(['attempt_id', 'amount_cents', 'receipt', 'trust'])
      .where('payment_id', '=', id)
      .orderBy('id')
      .execute();
  const card = (id: PaymentId) =>
    inTx(async (tx) =>
      renderPaymentCard(await loadPaymentView(tx, vault, id), {
        words,
        locale: 'en',
        now: clock.now(),
        kind: 'request',
        namesBusiness: false,
        held: null,
      }),
    );
  /** The connections that wait for a lock of another one. */
  const waiting = () =>
    sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    );
  return {
    waiting,
    ...{ db, vault, clock, deps, inTx, businessId, boss, cashier, accountId, addAccount },
    ...{ sent, asked, gateway, gateways, pauses, submitter, submitterOf, reconciler, newPhone },
    ...{ draft, queue, prompted, attemptOf, told, failed, again, unproved, payment, ledger, card },
    close: () => database.close(),
  };
}
