/** Protects the rest of the simulated BluePay's document: pay links, SMS and B2C. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Payout } from '../../src/sandbox/bluepay/store.ts';
import type { World } from './bluepay-kit.ts';
import { channelId, isSigned, nextChange, phone, startWorld } from './bluepay-kit.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

describe('pay links', () => {
  const pay = (path: string, body: unknown) => world.post(`/api/${path}`, body, {});

  it('collects the fixed amount with the token alone', async () => {
    const { t } = world.control.addPayLink('BP-1001', { channelId, amountKes: 250 });
    const answer = await pay('stk_push_paylink.php', { t, phone });
    expect(answer).toMatchObject({ status: 200, body: { ok: true, stk_request_id: 1 } });
    expect(answer.body.account_reference).toMatch(/^BPLINK-/);
    expect(world.mpesa.prompts(phone)).toMatchObject([{ amountCents: 25_000n }]);
    expect((await pay('stk_push_paylink.php', { t, phone, amount: 1 })).status).toBe(422);
  });

  it('collects what a default link’s request names', async () => {
    const { t } = world.control.addPayLink('BP-1001', null);
    const body = { t, phone, channel_id: channelId, amount: 100 };
    expect((await pay('stk_push_paydefault.php', body)).status).toBe(200);
    const { amount, ...short } = body;
    expect((await pay('stk_push_paydefault.php', short)).body.error_code).toBe('STK_VALIDATION_FAILED');
    expect((await pay('stk_push_paydefault.php', { ...body, phone: '1' })).body.error_code).toBe(
      'INVALID_PHONE',
    );
  });

  it('refuses an unknown token, and a token of the other kind', async () => {
    const { t } = world.control.addPayLink('BP-1001', null);
    expect((await pay('stk_push_paylink.php', { t: 'nope', phone })).status).toBe(422);
    expect((await pay('stk_push_paylink.php', { t, phone })).status).toBe(422);
  });
});

describe('SMS', () => {
  const sms = { phone, message: 'Your order #8821 is ready for pickup.', reference: 'ORDER-8821-SMS' };
  const send = (over: object = {}) => world.post('/api/v1/sms/send', { ...sms, ...over });

  it('is delivered and answered as printed', async () => {
    expect(await send()).toEqual({
      status: 200,
      body: {
        ok: true,
        success: true,
        reference: 'ORDER-8821-SMS',
        phone,
        status: 'SENT',
        fee_kes: 2.5,
        segments: 1,
        message_id: 12345,
        sender_name: 'FULL_CIRCLE',
        balance_kes: 97.5,
        sms_id: 1,
      },
    });
    expect(world.mpesa.smsInbox(phone)).toMatchObject([{ from: 'FULL_CIRCLE', text: sms.message }]);
  });

  it('answers a sent reference with the same result and sends nothing', async () => {
    const first = await send();
    expect(await send({ message: 'Another text' })).toEqual(first);
    expect(world.mpesa.smsInbox(phone)).toHaveLength(1);
    expect(world.control.account('BP-1001').serviceTokenKes).toBe(97.5);
  });

  it.each([
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    ['€'.repeat(81), 2],
    ['ŋ'.repeat(70), 1],
    ['ŋ'.repeat(71), 2],
    ['a'.repeat(480), 4],
  ])('counts segments (%#)', async (message, segments) => {
    expect((await send({ message })).body).toMatchObject({ segments, fee_kes: 2.5 * segments });
  });

  it.each([
    ['an Airtel number', { phone: '0733123456' }],
    ['a local 011 number', { phone: '0110123456' }],
    ['a long text', { message: 'a'.repeat(481) }],
    ['a reference with a space', { reference: 'a b' }],
    ['no reference', { reference: undefined }],
    ['a sender name', { sender_name: 'SHOP' }],
  ])('refuses %s', async (_name, over) => {
    expect(await send(over)).toMatchObject({ status: 422, body: { error_code: 'SMS_VALIDATION_FAILED' } });
  });

  it.each(['0712345678', '254712345678', '254110345678'])('takes %s', async (given) => {
    expect((await send({ phone: given })).status).toBe(200);
  });

  it('needs service tokens', async () => {
    world.control.setAccount('BP-1001', { serviceTokenKes: 2 });
    expect(await send()).toMatchObject({ status: 402, body: { required_kes: 2.5, balance_kes: 2 } });
  });

  it('holds a reference while it is pending', async () => {
    world.control.arm('sms_slow', 10_000);
    const arrived = nextChange(world.control.onChange);
    const first = send();
    await arrived;
    expect(await send()).toMatchObject({ status: 409, body: { error_code: 'REFERENCE_IN_USE' } });
    world.scheduler.advance(10_000);
    expect((await first).status).toBe(200);
    expect(world.mpesa.smsInbox(phone)).toHaveLength(1);
  });

  it.each([
    ['sms_rejected' as const, 502, 'SMS_PROVIDER_REJECTED'],
    ['sms_not_configured' as const, 503, 'SMS_NOT_CONFIGURED'],
  ])('%s → %i, and the reference may be used again', async (fault, status, code) => {
    world.control.arm(fault);
    expect(await send()).toMatchObject({ status, body: { error_code: code } });
    expect((await send()).status).toBe(200);
  });
});

describe('B2C', () => {
  const payout = {
    amount: 500,
    phone: '0712345678',
    reference: 'WD-2024-001',
    description: 'Commission payout',
  };
  const send = (over: object = {}) => world.post('/api/v1/b2c/payouts', { ...payout, ...over });
  const only = (): Readonly<Payout> | undefined => world.control.payouts()[0];
  const wallets = async () => (await world.get('/api/v1/b2c/wallet/balance')).body;
  beforeEach(() => world.control.setAccount('BP-1001', { b2cWalletKes: 1_000 }));

  it('sends the money once and tells it as printed', async () => {
    const callbackUrl = `${world.receiver.url}/b2c`;
    const created = await send({ callbackUrl });
    const id = only()?.id;
    expect(created).toMatchObject({
      status: 200,
      body: { ok: true, data: { payout: { id, status: 'PENDING' } } },
    });
    expect(await wallets()).toEqual({
      ok: true,
      success: true,
      b2c_wallet: { balance_kes: 500 },
      service_wallet: { balance_kes: 75 },
    });
    world.scheduler.advance(2_000);
    await world.control.idle();
    expect(world.mpesa.paidOut()).toMatchObject([{ msisdn: phone, amountCents: 50_000n }]);
    const data = {
      id,
      type: 'B2C',
      status: 'SUCCESS',
      amount: 500,
      phone_number: phone,
      external_reference: 'WD-2024-001',
      mpesa_receipt: world.mpesa.paidOut()[0]?.receipt,
      transaction_fee: 25,
    };
    expect(world.receiver.heard[0]?.body).toEqual({ event: 'mpesa.b2c.success', data });
    expect(world.receiver.paths).toEqual(['/b2c']);
    expect(isSigned(world.receiver.heard[0])).toBe(true);
    const status = await world.get(`/api/v1/b2c/payout_status?payout_id=${id}`);
    expect(status.body).toMatchObject({ ok: true, data: { payout: data } });
  });

  it('gives the principal back when M-Pesa fails, not the fee, and frees the reference', async () => {
    world.control.arm('b2c_failed');
    await send();
    world.scheduler.advance(2_000);
    await world.control.idle();
    expect(world.receiver.heard[0]?.body).toMatchObject({
      event: 'mpesa.b2c.failed',
      data: { status: 'FAILED' },
    });
    expect(await wallets()).toMatchObject({
      b2c_wallet: { balance_kes: 1_000 },
      service_wallet: { balance_kes: 75 },
    });
    expect((await send()).status).toBe(200);
  });

  it('holds a reference while it is pending and once it was paid', async () => {
    await send();
    expect(await send()).toMatchObject({ status: 409, body: { error_code: 'REFERENCE_IN_USE' } });
    world.scheduler.advance(2_000);
    expect(await send()).toMatchObject({ status: 409, body: { error_code: 'REFERENCE_IN_USE' } });
    expect(world.mpesa.paidOut()).toHaveLength(1);
    await world.control.idle();
  });

  it('can be reversed afterwards, and no event tells', async () => {
    world.control.arm('b2c_callback_lost');
    await send();
    const id = only()?.id ?? '';
    expect(world.control.reversePayout(id)).toBe(false);
    world.scheduler.advance(2_000);
    expect(world.control.reversePayout(id)).toBe(true);
    const status = await world.get(`/api/v1/b2c/payout_status?payout_id=${id}`);
    expect(status.body).toMatchObject({ data: { payout: { status: 'REVERSED' } } });
    expect(world.control.webhooks()).toEqual([]);
  });

  it('names what is short', async () => {
    expect(await send({ amount: 1_001 })).toEqual({
      status: 409,
      body: {
        ok: false,
        success: false,
        error: '409 Insufficient B2C wallet balance',
        message: '409 Insufficient B2C wallet balance',
        error_code: 'INSUFFICIENT_B2C_BALANCE',
        required_kes: 1_001,
        balance_kes: 1_000,
      },
    });
    world.control.setAccount('BP-1001', { serviceTokenKes: 10 });
    expect(await send()).toMatchObject({
      status: 402,
      body: {
        error_code: 'INSUFFICIENT_PREPAID',
        required_kes: 25,
        balance_kes: 10,
        transaction_fee_kes: 25,
      },
    });
  });

  it.each([
    ['too little', { amount: 9 }, 'B2C_VALIDATION_FAILED'],
    ['too much', { amount: 1_000_001 }, 'B2C_VALIDATION_FAILED'],
    ['the other casing', { callback_url: 'https://shop.example/b2c' }, 'B2C_VALIDATION_FAILED'],
    ['plain http to elsewhere', { callbackUrl: 'http://shop.example/b2c' }, 'B2C_VALIDATION_FAILED'],
    ['no reference', { reference: undefined }, 'B2C_VALIDATION_FAILED'],
    ['a foreign phone', { phone: '+255712345678' }, 'INVALID_PHONE'],
  ])('refuses %s', async (_name, over, code) => {
    expect(await send(over)).toMatchObject({ status: 422, body: { error_code: code } });
    expect(world.control.payouts()).toEqual([]);
  });

  it.each([
    ['isActive' as const, 'MERCHANT_INACTIVE'],
    ['isB2cEnabled' as const, 'B2C_DISABLED'],
  ])('is closed without %s', async (setting, code) => {
    world.control.setAccount('BP-1001', { [setting]: false });
    expect(await send()).toMatchObject({ status: 403, body: { error_code: code } });
  });

  it('breaks after accepting', async () => {
    world.control.arm('b2c_drop_after_accept');
    await expect(send()).rejects.toThrow();
    world.control.arm('b2c_gateway_error');
    const broken = await send({ reference: 'WD-2' });
    expect(broken).toMatchObject({ status: 502, body: { error_code: 'B2C_GATEWAY_ERROR' } });
    world.scheduler.advance(2_000);
    await world.control.idle();
    expect(world.mpesa.paidOut()).toHaveLength(2);
  });

  it('may be unavailable', async () => {
    world.control.arm('b2c_unavailable');
    expect(await send()).toMatchObject({ status: 503, body: { error_code: 'B2C_UNAVAILABLE' } });
    expect(world.control.payouts()).toEqual([]);
  });
});
