/** Protects what an operator reads of a payment when somebody says that it took their money: complete, and masked. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { AccountId, BusinessId, IdentityId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { addBusiness } from '../../src/payments/businesses.ts';
import type { PaymentDeps } from '../../src/payments/context.ts';
import { draftPayment, sendPrompt } from '../../src/payments/request.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createQuickOperator, environmentOf, type Operator } from './operator.ts';

const msisdn = '254712345678' as Msisdn;
const accountId = '0192f0c1-5a3b-7c4d-8e5f-001122334455' as AccountId;
const paidAt = new Date('2026-11-21T11:32:00Z');

let database: TestDatabase;
let operator: Operator;
let ref: string;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  operator = await createQuickOperator(environmentOf(database));
  ref = await addPaidPayment();
});
afterAll(async () => {
  await operator.close();
  await database.close();
});

async function addAccount(businessId: BusinessId): Promise<void> {
  const sealed = Buffer.from('sealed');
  await database.db
    .insertInto('gateway_account')
    .values({
      id: accountId,
      business_id: businessId,
      kind: 'bluepay',
      name: 'Paybill',
      label: 'Paybill 123456',
      config_sealed: sealed,
      callback_hmac: sealed,
      callback_sealed: sealed,
      accepts_unsigned: false,
      state: 'active',
      stopped_reason: null,
      next_lookup_slot: paidAt,
      created_at: paidAt,
    })
    .execute();
}

/** Asked and queued by the program's own functions; then what a prompt and a signed callback leave behind. */
async function addPaidPayment(): Promise<string> {
  const quiet = async (): Promise<void> => undefined;
  const tell = {
    payment: quiet,
    accountStopped: quiet,
    askedByLink: quiet,
    accountReady: quiet,
    accountResting: quiet,
    setupChanged: quiet,
    toppedUp: quiet,
    balances: quiet,
    unasked: quiet,
  };
  const deps: PaymentDeps = {
    vault: database.vault,
    clock: systemClock,
    random: systemRandom,
    tell,
    log: silentLog,
    publicUrl: 'https://shop.example',
  };
  const owner = { channel: 'telegram', externalId: '1001' } as const;
  const business = await database.db
    .transaction()
    .execute((tx) => addBusiness(tx, deps, { name: 'Duka', owner, locale: 'en' }));
  await addAccount(business.businessId);
  const id = await database.db.transaction().execute(async (tx) => {
    const drafted = await draftPayment(tx, deps, draftOf(business.businessId, business.identityId));
    expect(await sendPrompt(tx, deps, drafted, business.identityId)).toMatchObject({ kind: 'queued' });
    return drafted;
  });
  await database.db
    .updateTable('attempt')
    .set({
      state: 'paid',
      correlation_id: 'ws_CO_21112026143100712345678',
      receipt: 'TFH774CBH1',
      receipt_final: true,
      ended_at: paidAt,
    })
    .where('payment_id', '=', id)
    .execute();
  const attempt = await database.db
    .selectFrom('attempt')
    .select('id')
    .where('payment_id', '=', id)
    .executeTakeFirstOrThrow();
  await database.db
    .insertInto('evidence')
    .values({
      account_id: accountId,
      attempt_id: attempt.id,
      source: 'callback',
      trust: 'signed',
      verdict: 'paid',
      reference: null,
      correlation_id: null,
      request_id: null,
      amount_cents: 120_000n,
      receipt: 'TFH774CBH1',
      receipt_final: true,
      phone_hmac: null,
      reason: null,
      raw_code: 'success',
      effect: 'paid',
      inbox_id: null,
      by_identity: null,
      digest: Buffer.from('digest'),
      seen_at: paidAt,
    })
    .execute();
  const row = await database.db
    .updateTable('payment')
    .set({ state: 'paid', paid_at: paidAt })
    .where('id', '=', id)
    .returning('ref')
    .executeTakeFirstOrThrow();
  return row.ref;
}

function draftOf(businessId: BusinessId, requestedBy: IdentityId) {
  return {
    businessId,
    accountId,
    requestedBy,
    amountCents: 120_000n,
    msisdn,
    note: 'lunch',
    payerName: null,
  };
}

it('payment show tells state, attempts, evidence and time line as one object', async () => {
  const shown = await operator.json(['payment', 'show', ref]);
  expect(shown).toMatchObject({
    ref,
    state: 'paid',
    amountCents: 120_000,
    receipt: 'TFH774CBH1',
    reason: null,
    flag: null,
    phone: '2547****678',
    note: 'lunch',
    paidAt: paidAt.toISOString(),
    business: 'Duka',
    account: 'Paybill 123456',
    attempts: [
      {
        number: 1,
        reference: `${ref.replace('-', '')}1`,
        state: 'paid',
        amountCents: 120_000,
        receipt: 'TFH774CBH1',
        receiptFinal: true,
      },
    ],
    evidence: [{ attempt: 1, source: 'callback', trust: 'signed', verdict: 'paid', effect: 'paid' }],
  });
  expect(shown.timeline).toMatchObject([
    { kind: 'asked', attempt: null, amountCents: 120_000 },
    { kind: 'queued', attempt: 1 },
  ]);
});

it('payment show takes the number as people type it, and tells it as text', async () => {
  const ran = await operator.run(['payment', 'show', ref.toLowerCase().replace('-', ' ')]);
  expect(ran.status).toBe(0);
  expect(ran.stdout).toContain(`${ref}  paid\nKES 1,200 from 2547****678 to Duka, Paybill 123456\n`);
});

it('payment show holds no whole phone, also where an id of M-Pesa ends in one', async () => {
  for (const args of [
    ['payment', 'show', ref],
    ['payment', 'show', ref, '--json'],
  ]) {
    const { stdout } = await operator.run(args);
    expect(stdout).toContain(ref);
    expect(stdout).not.toContain('712345678');
  }
});

it('payment show says where there is none', async () => {
  const other = ref === 'P-00000' ? 'P-00001' : 'P-00000';
  const ran = await operator.run(['payment', 'show', other, '--json']);
  expect(ran).toEqual({ status: 1, stdout: '', stderr: `There is no payment ${other}.\n` });
});
