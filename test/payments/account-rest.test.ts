/** Protects customers from prompts through a gateway that loses answers, and the shop from the gateway's own limits. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AccountId, PaymentId } from '../../src/domain/ids.ts';
import { noIds } from '../../src/gateways/gateway.ts';
import { draftPayment, sendPrompt } from '../../src/payments/request.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
let account: AccountId;
let accounts = 0;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(async () => {
  account = await desk.addAccount(`Rest ${++accounts}`);
  desk.gateway.collect = async () => ({ kind: 'accepted', ids: noIds });
});
afterEach(async () => {
  while (await desk.submitter.runOnce());
});
afterAll(() => desk.close());

const lost = async () => ({ kind: 'unknown', ids: noIds, rawCode: 'no_answer', detail: '' }) as const;
const ask = (id: PaymentId) => desk.inTx((tx) => sendPrompt(tx, desk.deps, id, desk.cashier));
const asked = async (): Promise<string> => (await ask(await desk.draft(500, account))).kind;
const prompts = async (count: number) => {
  for (let i = 0; i < count; i++) {
    await desk.prompted(500, account);
    desk.clock.advance(1);
  }
};
const messages = async (start: string) =>
  (await desk.db.selectFrom('outbox').select('key').where('key', 'like', `${start}%`).execute()).length;

describe('a gateway that does not answer', () => {
  test('takes no new prompts after four in a row, and takes them again by itself', async () => {
    desk.gateway.collect = lost;
    await prompts(3);
    expect(await asked()).toBe('queued');
    await desk.submitter.runOnce();
    const held = await ask(await desk.draft(500, account));
    expect(held).toMatchObject({ kind: 'held', why: 'resting' });
    expect(await messages(`resting:${account}:`)).toBe(1);
    desk.clock.advance(121);
    expect(await asked()).toBe('queued');
    await desk.submitter.runOnce();
    // It still fails: it rests again, and nobody is told twice.
    expect(await asked()).toBe('held');
    expect(await messages(`resting:${account}:`)).toBe(1);
  });

  test('is forgiven by one answer, whatever that says', async () => {
    desk.gateway.collect = lost;
    await prompts(3);
    desk.gateway.collect = async () => ({
      kind: 'refused',
      reason: 'phone_refused',
      rawCode: '',
      detail: '',
    });
    await prompts(1);
    desk.gateway.collect = lost;
    await prompts(3);
    expect(await asked()).toBe('queued');
  });

  test('does not hold back prompts of another account', async () => {
    const other = await desk.addAccount(`Other ${accounts}`);
    desk.gateway.collect = lost;
    await prompts(4);
    expect(await asked()).toBe('held');
    expect((await ask(await desk.draft(500, other))).kind).toBe('queued');
    await desk.submitter.runOnce();
  });
});

describe('what the gateway asks for', () => {
  test('a rest of the account is kept to the second', async () => {
    desk.gateway.collect = async () => ({
      kind: 'refused',
      reason: 'gateway_busy',
      rawCode: 'RATE_LIMIT_MINUTE',
      detail: '',
      wait: { seconds: 40, scope: 'account' },
    });
    await prompts(1);
    desk.clock.advance(38);
    expect(await asked()).toBe('held');
    desk.clock.advance(2);
    expect(await asked()).toBe('queued');
    await desk.submitter.runOnce();
    expect(await messages(`resting:${account}:`)).toBe(0);
  });

  test('a rest of a phone holds back that phone only', async () => {
    desk.gateway.collect = async () => ({
      kind: 'refused',
      reason: 'gateway_busy',
      rawCode: 'PHONE_RATE_LIMIT',
      detail: '',
      wait: { seconds: 300, scope: 'phone' },
    });
    const { id } = await desk.prompted(500, account);
    desk.gateway.collect = async () => ({ kind: 'accepted', ids: noIds });
    desk.clock.advance(130);
    const held = await ask(id);
    expect(held).toMatchObject({ kind: 'held', why: 'often' });
    expect(await asked()).toBe('queued');
    await desk.submitter.runOnce();
    desk.clock.advance(171);
    expect((await ask(id)).kind).toBe('queued');
    await desk.submitter.runOnce();
  });

  test('its documented limit for a phone is kept before it must refuse', async () => {
    const smartpay = await desk.addAccount(`SmartPay ${accounts}`, 'smartpay');
    const msisdn = desk.newPhone();
    const draft = (kes: number) =>
      desk.inTx((tx) =>
        draftPayment(tx, desk.deps, {
          businessId: desk.businessId,
          accountId: smartpay,
          requestedBy: desk.cashier,
          amountCents: BigInt(kes) * 100n,
          msisdn,
          note: '',
          payerName: null,
        }),
      );
    for (const kes of [100, 200, 300]) {
      const attempt = await desk.queue(await draft(kes));
      await desk.submitter.runOnce();
      await desk.failed(attempt);
      desk.clock.advance(61);
    }
    const fourth = await draft(400);
    expect(await ask(fourth)).toMatchObject({ kind: 'held', why: 'often' });
    desk.clock.advance(300 - 3 * 61 + 1);
    expect((await ask(fourth)).kind).toBe('queued');
  });
});
