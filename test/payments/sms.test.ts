/**
 * Protects the customer from two SMS and the shop from silence: which SMS follow from a payment, through whom, what is
 * kept of them, and what a crash between the call and its commit leaves behind.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSmsDeliverer } from '../../src/app-sms.ts';
import { createTell } from '../../src/bot/cards/tell.ts';
import type { AccountId, PaymentId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Ref } from '../../src/domain/refs.ts';
import type { SmsMessage, SmsOutcome } from '../../src/gateways/abilities.ts';
import { noIds, type OpenGateway } from '../../src/gateways/gateway.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { requeueDead } from '../../src/ops/queues.ts';
import { openPhone, sealedAs } from '../../src/payments/context.ts';
import { findOrAddIdentity } from '../../src/payments/identities.ts';
import { linkPhone } from '../../src/payments/phone-links.ts';
import { settle } from '../../src/payments/settle.ts';
import { showPayment } from '../../src/payments/show.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
let second: AccountId;
/** What each account's gateway can do with SMS: true and false are with and without a key. */
let abilities: Map<AccountId, boolean>;
let answer: (message: SmsMessage) => SmsOutcome | Promise<SmsOutcome>;
const calls: { account: AccountId; message: SmsMessage }[] = [];

const accepted: SmsOutcome = {
  kind: 'accepted',
  status: 'SENT',
  messageId: '12345',
  parts: 1,
  costCents: 250n,
  balanceCents: 90_000n,
};
const refused: SmsOutcome = { kind: 'refused', reason: 'phone_refused', rawCode: 'NO', detail: 'not ours' };

const gateways = {
  open: async (_db: unknown, account: AccountId): Promise<OpenGateway> => {
    const idempotent = abilities.get(account);
    return {
      kind: 'bluepay',
      collect: async () => ({ kind: 'accepted', ids: noIds }),
      ...(idempotent !== undefined && {
        sms: {
          idempotent,
          longest: 480,
          send: async (message: SmsMessage) => {
            calls.push({ account, message });
            return answer(message);
          },
        },
      }),
    };
  },
};

beforeAll(async () => {
  desk = await openDesk();
  second = await desk.addAccount('Till 2');
});
afterAll(() => desk.close());
beforeEach(async () => {
  await desk.db.deleteFrom('outbox').execute();
  await desk.db.updateTable('gateway_account').set({ state: 'active', low_balance_told_at: null }).execute();
  await desk.db
    .updateTable('business')
    .set({ customer_sms: true, merchant_sms_phone_sealed: null })
    .execute();
  abilities = new Map([[desk.accountId, true]]);
  answer = () => accepted;
  calls.length = 0;
});

const house = () => ({ ...desk.deps, tell: createTell({ ...desk.deps, gateways }) });

function deliverer() {
  const { db } = desk;
  const metrics = createMetrics(async () => ({
    inbox: { pending: 0, dead: 0 },
    outbox: { pending: 0, dead: 0 },
  }));
  return createSmsDeliverer({ ...house(), db, gateways, metrics, log: silentLog });
}

async function deliver(): Promise<void> {
  const sms = deliverer();
  while (await sms.runOnce());
}

let receipts = 0;
async function paid(options: { chat?: boolean; before?: () => Promise<unknown> } = {}): Promise<PaymentId> {
  const { id, attempt } = await desk.prompted();
  if (options.chat === true) await linkChat(id);
  await options.before?.();
  receipts += 1;
  await desk.inTx((tx) =>
    settle(tx, house(), {
      accountId: desk.accountId,
      source: 'callback',
      trust: 'signed',
      attemptHint: attempt,
      inboxId: null,
      byIdentity: null,
      evidence: {
        verdict: 'paid',
        ids: noIds,
        reference: null,
        amountCents: 50_000n,
        receipt: code(`TFH${String(receipts).padStart(7, '0')}`),
        msisdn: null,
        reason: null,
        rawCode: '',
      },
    }),
  );
  return id;
}

async function linkChat(id: PaymentId): Promise<void> {
  await desk.inTx(async (tx) => {
    const who = { channel: 'telegram', externalId: '3001' } as const;
    const identity = await findOrAddIdentity(tx, desk.deps, who);
    const { phone_sealed } = await tx
      .selectFrom('payment')
      .select('phone_sealed')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const msisdn = openPhone(desk.vault, phone_sealed, sealedAs.paymentPhone(id));
    await linkPhone(tx, desk.deps, { id: identity, channel: 'telegram' }, msisdn);
  });
}

const smsRows = (id: PaymentId) =>
  desk.db.selectFrom('sms').selectAll().where('payment_id', '=', id).orderBy('kind').execute();
const said = async (start: string): Promise<string[]> =>
  (await desk.db.selectFrom('outbox').select(['key', 'payload_sealed']).orderBy('id').execute())
    .filter(({ key }) => key.startsWith(start))
    .map(({ key, payload_sealed }) => JSON.parse(desk.vault.open(payload_sealed, `outbox:${key}`)).text);
const undelivered = (id: PaymentId) => said(`payment:${id}:undelivered`);

describe('which SMS follow', () => {
  test('the customer’s, once, however often the payment is told', async () => {
    const id = await paid();
    for (let n = 0; n < 3; n++) await desk.inTx((tx) => house().tell.payment(tx, id));
    await deliver();
    await desk.inTx((tx) => house().tell.payment(tx, id));
    await deliver();
    expect(calls).toHaveLength(1);
    // Its gateway reports no delivery: what it said when it took the message is all that will be known.
    expect(await smsRows(id)).toMatchObject([
      { kind: 'customer', state: 'accepted', detail: 'status SENT', parts: 1, cost_cents: 250n },
    ]);
    expect(await undelivered(id)).toEqual([]);
  });

  test('the merchant’s too, to the number that the owner set', async () => {
    const msisdn = '254722000111' as Msisdn;
    const sealed = desk.vault.seal(msisdn, sealedAs.merchantSmsPhone(desk.businessId));
    await desk.db.updateTable('business').set({ merchant_sms_phone_sealed: sealed }).execute();
    const id = await paid();
    await deliver();
    expect((await smsRows(id)).map(({ kind, phone_masked }) => [kind, phone_masked])).toEqual([
      ['customer', expect.stringMatching(/^2547\*{4}\d{3}$/)],
      ['merchant', '2547****111'],
    ]);
    const merchant = calls.find(({ message }) => message.msisdn === msisdn);
    expect(merchant?.message.text).toMatch(/^KES 500 from 2547\*{4}\d{3} to Mama Njeri, /);
    expect(new Set(calls.map(({ message }) => message.reference)).size).toBe(2);
    for (const { message } of calls) expect(message.reference).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });

  test('through the payment’s own account; through another where it has none', async () => {
    abilities = new Map([
      [second, true],
      [desk.accountId, true],
    ]);
    await paid();
    await deliver();
    const stop = (state: 'active' | 'stopped') =>
      desk.db.updateTable('gateway_account').set({ state }).where('id', '=', desk.accountId).execute();
    await paid({ before: () => stop('stopped') });
    await deliver();
    await stop('active');
    abilities.delete(desk.accountId);
    await paid();
    await deliver();
    expect(calls.map(({ account }) => account)).toEqual([desk.accountId, second, second]);
  });

  test('none where no account can: the shop is told, unless a chat has the receipt', async () => {
    const stop = (state: 'active' | 'stopped') =>
      desk.db.updateTable('gateway_account').set({ state }).execute();
    const alone = await paid({ before: () => stop('stopped') });
    await stop('active');
    expect(await smsRows(alone)).toEqual([]);
    expect(await undelivered(alone)).toEqual([
      expect.stringMatching(
        /^⚠️ <b>KES 500 · .*\nThe customer did not get the receipt\. Show https:\/\/shop\.example\/receipt\/[0-9a-f]{32}$/,
      ),
    ]);
    const chatting = await paid({ chat: true, before: () => stop('stopped') });
    await stop('active');
    expect(await undelivered(chatting)).toEqual([]);
  });

  test('none where no gateway of the business sends any, and nothing is promised', async () => {
    abilities.clear();
    const id = await paid();
    expect([await smsRows(id), await undelivered(id)]).toEqual([[], []]);
  });

  test('none where the setting is off, and nothing is promised', async () => {
    await desk.db.updateTable('business').set({ customer_sms: false }).execute();
    const id = await paid();
    expect([await smsRows(id), await undelivered(id)]).toEqual([[], []]);
  });
});

describe('where it ends without the customer', () => {
  test('a refusal waits for the chat, and is told once the chat refuses too', async () => {
    answer = () => refused;
    const id = await paid({ chat: true });
    await deliver();
    expect(await smsRows(id)).toMatchObject([
      { state: 'refused', reason: 'phone_refused', detail: 'NO: not ours' },
    ]);
    expect(await undelivered(id)).toEqual([]);
    await desk.db
      .updateTable('outbox')
      .set({ state: 'dropped' })
      .where('key', 'like', `payment:${id}:customer:receipt:%`)
      .execute();
    for (let n = 0; n < 2; n++) await desk.inTx((tx) => house().tell.receiptEnded(tx, id));
    expect(await undelivered(id)).toHaveLength(1);
  });

  test('who asked and left is not told; the managers are', async () => {
    answer = () => refused;
    const id = await paid();
    const members = desk.db.updateTable('member').where('identity_id', '=', desk.cashier);
    await members.set({ removed_at: desk.clock.now() }).execute();
    await deliver();
    expect(await said(`payment:${id}:undelivered:${desk.boss}`)).toHaveLength(1);
    await members.set({ removed_at: null }).execute();
    expect(await undelivered(id)).toHaveLength(1);
  });

  test('a balance that runs low is told to the owner once, until it is filled', async () => {
    const told: string[][] = [];
    for (const balanceCents of [4900n, 4600n, 90_000n, 100n]) {
      answer = () => ({ ...accepted, balanceCents });
      await paid();
      await deliver();
      desk.clock.advance(1);
      told.push(await said(`low:${desk.accountId}`));
    }
    const first = '⚠️ Till 1: KES 49 left for SMS and prompts. Buy tokens before they end.';
    expect(told.slice(0, 3)).toEqual([[first], [first], [first]]);
    expect(told[3]).toEqual([first, expect.stringContaining('KES 1 left')]);
  });
});

describe('a crash between the call and its commit', () => {
  /** The call is made, and its answer is never committed: the lease runs out. */
  async function dieInCall(): Promise<void> {
    const called = Promise.withResolvers<void>();
    answer = () => {
      called.resolve();
      return new Promise<never>(() => undefined);
    };
    void deliverer().runOnce();
    await called.promise;
    desk.clock.advance(61);
    answer = () => accepted;
  }

  test('is called again under the same reference where that is the key', async () => {
    const id = await paid();
    await dieInCall();
    await deliver();
    const references = calls.map(({ message }) => message.reference);
    expect(references).toHaveLength(2);
    expect(new Set(references).size).toBe(1);
    expect(await smsRows(id)).toMatchObject([{ state: 'accepted' }]);
  });

  test('is never called again where there is none, not even by an operator who requeues', async () => {
    abilities = new Map([[desk.accountId, false]]);
    const id = await paid();
    await dieInCall();
    await deliver();
    await desk.inTx((tx) => requeueDead(tx, desk.clock));
    await deliver();
    expect(calls).toHaveLength(1);
    expect(await smsRows(id)).toMatchObject([{ state: 'unknown' }]);
    expect(await undelivered(id)).toEqual([expect.stringContaining('We do not know if the customer got')]);
  });

  test('after its hour it is not sent under its key either, whoever requeues it', async () => {
    const id = await paid();
    answer = () => ({ kind: 'unknown', detail: 'lost' });
    desk.clock.advance(3600);
    await deliver();
    expect(await smsRows(id)).toMatchObject([{ state: 'unknown' }]);
    answer = () => accepted;
    await desk.inTx((tx) => requeueDead(tx, desk.clock));
    await deliver();
    expect(calls).toHaveLength(1);
    expect(await smsRows(id)).toMatchObject([{ state: 'unknown' }]);
  });

  test('what was provably not sent is called again without a key too', async () => {
    abilities = new Map([[desk.accountId, false]]);
    const id = await paid();
    answer = () => ({ kind: 'not_sent', detail: 'no connection' });
    await deliver();
    answer = () => accepted;
    desk.clock.advance(60);
    await deliver();
    expect(calls).toHaveLength(2);
    expect(await smsRows(id)).toMatchObject([{ state: 'accepted' }]);
  });

  test('an answer and what it says about the balance commit together, or not at all', async () => {
    const id = await paid();
    answer = () => ({ ...accepted, balanceCents: 0n });
    const tell = {
      receiptEnded: async () => undefined,
      balanceLow: async () => Promise.reject(new Error('fault')),
      unitsLow: async () => undefined,
    };
    const { db } = desk;
    const metrics = createMetrics(async () => ({
      inbox: { pending: 0, dead: 0 },
      outbox: { pending: 0, dead: 0 },
    }));
    const failing = createSmsDeliverer({ ...house(), db, gateways, metrics, tell });
    await expect(failing.runOnce()).rejects.toThrow('fault');
    answer = () => accepted;
    expect(await smsRows(id)).toMatchObject([{ state: 'waiting', cost_cents: null }]);
    desk.clock.advance(61);
    await deliver();
    expect(await smsRows(id)).toMatchObject([{ state: 'accepted', cost_cents: 250n }]);
    expect(new Set(calls.map(({ message }) => message.reference)).size).toBe(1);
  });
});

test('payment show tells each SMS, masked, and the time line has it', async () => {
  const id = await paid();
  await deliver();
  const { ref } = await desk.db
    .selectFrom('payment')
    .select('ref')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const shown = await showPayment(desk.db, ref as Ref);
  expect(shown?.sms).toMatchObject([
    { to: 'customer', state: 'accepted', parts: 1, costCents: 250, messageId: '12345', account: 'Till 1' },
  ]);
  expect(shown?.timeline.filter(({ kind }) => kind === 'sms')).toMatchObject([
    { to: 'customer', state: 'waiting' },
    { to: 'customer', state: 'accepted', parts: 1, costCents: 250 },
  ]);
  expect(JSON.stringify(shown?.sms)).not.toMatch(/254[17]\d{8}/);
});
