/** Protects the simulated BluePay's webhooks: body, headers and signature as printed, once each, and every way they go wrong. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from './bluepay-kit.ts';
import { isSigned, phone, startWorld } from './bluepay-kit.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

describe('a callback', () => {
  it('tells of the payment as printed, signed over the raw body', async () => {
    const { body } = await world.stk({ account_reference: 'BPINV-001' });
    await world.pay();
    const [heard] = world.receiver.heard;
    expect(world.receiver.heard).toHaveLength(1);
    expect(world.receiver.paths).toEqual(['/hook']);
    expect(heard?.body).toEqual({
      event: 'mpesa.payment.received',
      api_version: '1',
      livemode: true,
      data: {
        payment_id: 1,
        amount: 100,
        mpesa_receipt_number: world.mpesa.moved()[0]?.receipt,
        account_reference: 'BPINV-001',
        checkout_request_id: body.checkout_request_id,
        phone,
        status: 'success',
      },
    });
    expect(heard?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-bluepay-event': 'mpesa.payment.received',
      'idempotency-key': expect.stringMatching(/./),
    });
    expect(isSigned(heard)).toBe(true);
    expect(isSigned(heard, 'pass word')).toBe(false);
  });

  it.each([
    ['a wrong PIN', () => world.pay('0000')],
    [
      'too little money',
      () => {
        world.mpesa.setBalance(phone, 0n);
        return world.pay();
      },
    ],
    [
      'no PIN in time',
      () => {
        world.scheduler.advance(60_000);
        return world.control.idle();
      },
    ],
  ])('tells of %s without a reason', async (_name, end) => {
    const { body } = await world.stk({ account_reference: 'BPINV-001' });
    await end();
    const [heard] = world.receiver.heard;
    expect(heard?.headers['x-bluepay-event']).toBe('mpesa.payment.failed');
    expect(heard?.body).toEqual({
      event: 'mpesa.payment.failed',
      api_version: '1',
      livemode: true,
      data: {
        payment_id: null,
        amount: 100,
        mpesa_receipt_number: null,
        account_reference: 'BPINV-001',
        checkout_request_id: body.checkout_request_id,
        phone,
        status: 'failed',
      },
    });
    expect(isSigned(heard)).toBe(true);
  });

  it('goes to the URL of the STK push where it names one', async () => {
    await world.stk({ callback_url: `${world.receiver.url}/one/payment` });
    await world.pay();
    expect(world.receiver.paths).toEqual(['/one/payment']);
  });

  it('goes nowhere without a URL', async () => {
    world.control.setAccount('BP-1001', { callbackUrl: null });
    await world.stk();
    await world.pay();
    expect(world.control.webhooks()).toEqual([]);
    expect(world.mpesa.moved()).toHaveLength(1);
  });

  it('carries livemode of the account', async () => {
    world.control.setAccount('BP-1001', { livemode: false });
    await world.stk();
    await world.pay();
    expect(world.receiver.heard[0]?.body.livemode).toBe(false);
  });

  it('is not sent again when nobody took it', async () => {
    world.control.setAccount('BP-1001', { callbackUrl: 'http://127.0.0.1:1/closed' });
    await world.stk();
    await world.pay();
    world.scheduler.advance(86_400_000);
    await world.control.idle();
    expect(world.control.webhooks()).toMatchObject([{ status: null, failure: expect.any(String) }]);
    expect((await world.status({ stk_request_id: 1 })).body.paid).toBe(true);
  });

  it('is given up when the receiver does not answer', async () => {
    await world.stk({ callback_url: `${world.receiver.url}/silent` });
    const paid = world.pay();
    await world.receiver.hears(1);
    world.scheduler.advance(10_000);
    await paid;
    expect(world.control.webhooks()).toMatchObject([{ status: null, failure: 'no answer in time' }]);
  });

  it('of a top-up of the B2C wallet has its own event', async () => {
    await world.stk({ account_reference: 'B2CTOPUP-1' });
    await world.pay();
    expect(world.receiver.heard[0]?.body.event).toBe('mpesa.b2c_wallet_topup.received');
    expect(world.control.account('BP-1001').b2cWalletKes).toBe(100);
  });
});

describe('callback faults', () => {
  it('callback_lost: nothing is sent, the look-up knows', async () => {
    world.control.arm('callback_lost');
    await world.stk();
    await world.pay();
    expect(world.control.webhooks()).toEqual([]);
    expect((await world.status({ stk_request_id: 1 })).body.paid).toBe(true);
  });

  it('callback_late: sent when its time has come', async () => {
    world.control.arm('callback_late', 90_000);
    await world.stk();
    await world.pay();
    world.scheduler.advance(89_999);
    expect(world.control.webhooks()).toEqual([]);
    world.scheduler.advance(1);
    await world.control.idle();
    expect(world.receiver.heard).toHaveLength(1);
  });

  it.each([
    ['callback_twice' as const, 1],
    ['callback_twice_new_key' as const, 2],
  ])('%s: the same body under %i key(s)', async (fault, keys) => {
    world.control.arm(fault);
    await world.stk();
    await world.pay();
    const { heard } = world.receiver;
    expect(heard).toHaveLength(2);
    expect(new Set(heard.map((one) => one.raw)).size).toBe(1);
    expect(new Set(heard.map((one) => one.headers['idempotency-key'])).size).toBe(keys);
    expect(heard.every((one) => isSigned(one))).toBe(true);
    expect(world.mpesa.moved()).toHaveLength(1);
  });

  it('callback_forged: well formed, signed with another key', async () => {
    world.control.arm('callback_forged');
    await world.stk();
    await world.pay();
    const [heard] = world.receiver.heard;
    expect(heard?.headers['x-bluepay-signature']).toMatch(/^v1=[a-f0-9]{64}$/);
    expect(isSigned(heard)).toBe(false);
  });

  it('callback_before_answer: the callback was taken before the STK answer came', async () => {
    world.control.arm('callback_before_answer');
    const { body } = await world.stk();
    expect(body.ok).toBe(true);
    expect(world.receiver.heard[0]?.body.data).toMatchObject({
      checkout_request_id: body.checkout_request_id,
    });
  });

  it.each([
    [undefined, 101],
    [90, 90],
  ])('wrong_amount (%s): callback and look-up tell %i, the phone paid 100', async (setting, told) => {
    world.control.arm('wrong_amount', setting);
    await world.stk();
    await world.pay();
    expect(world.receiver.heard[0]?.body.data).toMatchObject({ amount: told });
    const { body } = await world.status({ stk_request_id: 1 });
    expect(body).toMatchObject({ amount: told, payment: { amount: told }, order: { amount: told } });
    expect(world.mpesa.moved()).toMatchObject([{ amountCents: 10_000n }]);
  });

  it('pending_receipt: a stand-in first, the receipt once it is completed', async () => {
    world.control.arm('pending_receipt');
    await world.stk();
    await world.pay();
    const standIn = { mpesa_receipt_number: expect.stringMatching(/^RCHK-/) };
    expect(world.receiver.heard[0]?.body.data).toMatchObject(standIn);
    const before = await world.status({ stk_request_id: 1 });
    expect(before.body).toMatchObject({ paid: true, payment: { ...standIn, pending_confirmation: true } });
    expect(world.control.completeReceipts()).toBe(1);
    expect(world.control.completeReceipts()).toBe(0);
    const after = await world.status({ stk_request_id: 1 });
    const receipt = world.mpesa.moved()[0]?.receipt;
    expect(after.body.payment).toMatchObject({ mpesa_receipt_number: receipt, pending_confirmation: false });
    expect(world.receiver.heard).toHaveLength(1);
  });

  it('strikes the next prompt only, as often as armed, and not once cleared', async () => {
    const { control } = world;
    control.arm('callback_lost', undefined, 2);
    control.arm('pending_receipt');
    control.clear('pending_receipt');
    expect(control.armed()).toEqual([{ fault: 'callback_lost', setting: 0, times: 2 }]);
    for (const amount of [1, 2, 3]) {
      await world.stk({ amount });
      await world.pay();
    }
    expect(world.receiver.heard.map((one) => one.body.data)).toMatchObject([{ amount: 3 }]);
    control.arm('http_500');
    control.clearAll();
    expect(control.armed()).toEqual([]);
  });

  it('waits for a prompt when a request is refused before one is made', async () => {
    world.control.arm('callback_lost');
    expect((await world.stk({ amount: 0 })).status).toBe(422);
    expect(world.control.armed()).toHaveLength(1);
  });
});

describe('phones that act by themselves', () => {
  it.each([
    ['pay' as const, 'completed'],
    ['cancel' as const, 'failed'],
    ['wrong_pin' as const, 'failed'],
    ['ignore' as const, 'pending'],
  ])('%s → %s', async (outcome, orderStatus) => {
    world.control.auto('*', outcome);
    await world.stk();
    // The phone acts once the answer has left, so that its webhook cannot overtake it by design.
    if (outcome !== 'ignore') await world.receiver.hears(1);
    expect((await world.status({ stk_request_id: 1 })).body.order).toMatchObject({ status: orderStatus });
  });

  it('prefers a phone’s own habit', async () => {
    world.control.auto('*', 'pay');
    world.control.auto(phone, 'cancel');
    await world.stk();
    await world.receiver.hears(1);
    expect(world.mpesa.moved()).toEqual([]);
    world.control.auto(phone, null);
    await world.stk({ amount: 2 });
    await world.receiver.hears(2);
    expect(world.mpesa.moved()).toHaveLength(1);
  });
});

describe('a snapshot', () => {
  it('goes on in another process: live prompt, late callback, armed fault', async () => {
    world.control.arm('callback_late', 90_000);
    await world.stk({ account_reference: 'LATE1' });
    await world.pay();
    const live = await world.stk({ amount: 7, account_reference: 'LIVE1' });
    world.control.arm('status_not_found');
    world.control.auto(phone, 'ignore');
    const stored = JSON.parse(JSON.stringify([world.mpesa.snapshot(), world.control.snapshot()]));
    await world.bluepay.close();

    const later = await startWorld();
    later.mpesa.restore(stored[0]);
    later.control.restore(stored[1]);
    expect(later.control.snapshot()).toEqual(stored[1]);
    expect((await later.status({ account_reference: 'LIVE1' })).body.found).toBe(false);
    expect((await later.status({ account_reference: 'LIVE1' })).body).toMatchObject({
      checkout_request_id: live.body.checkout_request_id,
      stk_status: 'PENDING',
    });
    await later.pay();
    later.scheduler.advance(90_000);
    await later.control.idle();
    const told = world.receiver.heard.map((one) => one.body.data);
    expect(told).toMatchObject([{ account_reference: 'LIVE1' }, { account_reference: 'LATE1' }]);
    expect((await later.stk({ amount: 9 })).body.stk_request_id).toBe(3);
    await later.close();
  });

  it('put back in the same process sends a late callback once', async () => {
    world.control.arm('callback_late', 5_000);
    await world.stk();
    await world.pay();
    world.control.restore(world.control.snapshot());
    world.scheduler.advance(5_000);
    await world.control.idle();
    expect(world.receiver.heard).toHaveLength(1);
  });

  it('is not needed to stop and listen again', async () => {
    world.control.arm('callback_late', 5_000);
    await world.stk();
    await world.pay();
    await world.bluepay.close();
    await expect(world.stk({ amount: 2 })).rejects.toThrow();
    world.scheduler.advance(60_000);
    expect(world.receiver.heard).toEqual([]);
    await world.bluepay.listen();
    world.scheduler.advance(0);
    await world.control.idle();
    expect(world.receiver.heard).toHaveLength(1);
  });
});
