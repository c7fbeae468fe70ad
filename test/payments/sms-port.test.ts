/**
 * Protects the customer from two SMS where there are two ways to send one: the account's gateway, and the program's own
 * where that one sends none. Between them a message goes out once, whatever dies in between.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AccountId, newId, type SmsId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { SmsAbility, SmsOutcome } from '../../src/gateways/abilities.ts';
import { noIds, type OpenGateway } from '../../src/gateways/gateway.ts';
import type { Gateways } from '../../src/payments/gateways.ts';
import type { SmsPayload } from '../../src/payments/sms.ts';
import { smsCarrier } from '../../src/payments/sms-account.ts';
import { createSmsPort } from '../../src/payments/sms-port.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
/** Who was called, in order. */
const calls: string[] = [];
let answers: { gateway: SmsOutcome | Promise<SmsOutcome>; own: SmsOutcome | Promise<SmsOutcome> };
/** null: no ability. */
let keyed: boolean | null;
let hasOwn: boolean;

const accepted: SmsOutcome = {
  kind: 'accepted',
  messageId: '1',
  parts: 1,
  costCents: 80n,
  balanceCents: null,
};
const noTokens = {
  kind: 'refused',
  reason: 'no_balance',
  rawCode: 'NO',
  detail: 'none',
  balanceCents: 100n,
} as const;

const ability = (who: 'gateway' | 'own', idempotent: boolean): SmsAbility => ({
  idempotent,
  longest: 480,
  send: async () => {
    calls.push(who);
    return answers[who];
  },
});

const gateways = (): Gateways => ({
  ...(hasOwn && { ownSms: ability('own', false) }),
  open: async (): Promise<OpenGateway> => ({
    kind: 'bluepay',
    collect: async () => ({ kind: 'accepted', ids: noIds }),
    ...(keyed !== null && { sms: ability('gateway', keyed) }),
  }),
});

beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());
beforeEach(() => {
  calls.length = 0;
  answers = { gateway: accepted, own: accepted };
  keyed = true;
  hasOwn = true;
});

async function queued(account: AccountId | null = desk.accountId): Promise<SmsPayload> {
  const { id: paymentId } = await desk.prompted();
  const sms = newId<SmsId>(desk.clock, desk.deps.random);
  const to = '254712345678' as Msisdn;
  await desk.db
    .insertInto('sms')
    .values({
      ...{ id: sms, business_id: desk.businessId, account_id: account, payment_id: paymentId },
      ...{ payout_id: null, kind: 'customer', reference: sms, phone_masked: '2547****678' },
      ...{ state: 'waiting', created_at: desk.clock.now() },
    })
    .execute();
  return { sms, account, to, text: 'KES 500 paid', reference: sms, until: desk.clock.now().toISOString() };
}

const send = (message: SmsPayload) =>
  createSmsPort({ db: desk.db, clock: desk.clock, gateways: gateways() }).send(message);

describe('who carries it', () => {
  const carrier = (state: 'active' | 'stopped') =>
    desk.inTx(async (tx) => {
      await tx.updateTable('gateway_account').set({ state }).execute();
      return smsCarrier(tx, gateways(), { business_id: desk.businessId, account_id: desk.accountId });
    });
  afterAll(() => carrier('active'));

  test('is the account that can; without one the program itself, where the operator set that up', async () => {
    expect(await carrier('active')).toEqual({ kind: 'account', id: desk.accountId });
    expect(await carrier('stopped')).toEqual({ kind: 'account', id: null });
    keyed = null;
    expect(await carrier('active')).toEqual({ kind: 'account', id: null });
    hasOwn = false;
    expect(await carrier('active')).toEqual({ kind: 'never' });
    keyed = true;
    expect(await carrier('stopped')).toEqual({ kind: 'no_account' });
  });
});

describe('by the program itself', () => {
  test('goes what no account carries', async () => {
    expect(await send(await queued(null))).toEqual({ idempotent: false, outcome: accepted });
    keyed = null;
    expect(await send(await queued())).toEqual({
      idempotent: false,
      outcome: accepted,
      passed: { reason: 'no_sms', balanceCents: null },
    });
    expect(calls).toEqual(['own', 'own']);
  });

  test.each([true, false])(
    'goes what the gateway refused, with what it said (with a key: %s)',
    async (withKey) => {
      keyed = withKey;
      answers.gateway = noTokens;
      expect(await send(await queued())).toEqual({
        idempotent: false,
        outcome: accepted,
        passed: { reason: 'no_balance', balanceCents: 100n },
      });
      expect(calls).toEqual(['gateway', 'own']);
    },
  );

  test.each(['later', 'not_sent', 'unknown'] as const)(
    'goes nothing that the gateway may yet send: %s',
    async (kind) => {
      answers.gateway = { kind, detail: 'd', afterSeconds: null };
      expect(await send(await queued())).toEqual({ idempotent: true, outcome: answers.gateway });
      expect(calls).toEqual(['gateway']);
    },
  );

  test('goes nothing where the operator has set none up', async () => {
    hasOwn = false;
    answers.gateway = noTokens;
    expect(await send(await queued())).toEqual({ idempotent: true, outcome: noTokens });
    expect((await send(await queued(null))).outcome.kind).toBe('not_sent');
    expect(calls).toEqual(['gateway']);
  });
});

describe('a crash in its call', () => {
  test('is the end of it: the gateway is not asked again either, though it would send now', async () => {
    const message = await queued();
    answers.gateway = noTokens;
    answers.own = new Promise<never>(() => undefined);
    void send(message);
    await expect.poll(() => calls).toEqual(['gateway', 'own']);
    answers = { gateway: accepted, own: accepted };
    expect(await send(message)).toMatchObject({ idempotent: false, outcome: { kind: 'unknown' } });
    expect(calls).toHaveLength(2);
  });

  test('is not called twice by two at once', async () => {
    const message = await queued(null);
    const outcomes = await Promise.all([send(message), send(message)]);
    expect(outcomes.map(({ outcome }) => outcome.kind).sort()).toEqual(['accepted', 'unknown']);
    expect(calls).toEqual(['own']);
  });
});
