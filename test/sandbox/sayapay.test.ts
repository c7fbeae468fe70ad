/** Protects the simulated SayaPay: tokens, pushes with a URL of their own, and what its menu only names. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSayapay } from '../../src/sandbox/sayapay/index.ts';
import { paidCallback, phone, startGateway, type Wire } from './gateway-kit.ts';

const basic = (pair: string) => ({ authorization: `Basic ${btoa(pair)}` });
const printed = { phone: '254712345678', amount: 1200, reference: 'INV-001', description: 'Internet bill' };

async function start() {
  const world = await startGateway(createSayapay);
  const account = world.control.addAccount({
    consumerKey: 'YOUR_KEY',
    consumerSecret: 'YOUR_SECRET',
    merchantName: 'MAMA NJERI SHOP',
    callbackUrl: `${world.receiver.url}/default`,
  });
  const giveToken = (headers: Record<string, string> = basic('YOUR_KEY:YOUR_SECRET')) =>
    world.send('/oauth/token', { headers });
  const post = async (path: string, body: unknown) => {
    const { access_token } = (await giveToken()).body;
    return world.send(path, { headers: { authorization: `Bearer ${access_token}` }, body });
  };
  return {
    ...world,
    account,
    giveToken,
    post,
    push: (over: Wire = {}) => post('/stkpush/process', { ...printed, ...over }),
  };
}

let world: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  world = await start();
});
afterEach(() => world.close());

const badRequest = { status: 400, body: { errorCode: '400.002.02', errorMessage: expect.any(String) } };
const unauthorized = { status: 401, body: { errorCode: '401.003.01' } };

describe('a token', () => {
  it('is given as printed', async () => {
    expect(new URL(world.gateway.url).pathname).toBe('/api/v1');
    const { status, body } = await world.giveToken();
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        access_token: expect.stringMatching(/^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.[\w-]+\.[\w-]+$/),
        token_type: 'Bearer',
        expires_in: 3599,
      },
    });
    expect(JSON.stringify(world.control.requests())).not.toContain(String(body.access_token));
  });

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['a wrong secret', basic('YOUR_KEY:nope')],
    ['another scheme', { authorization: 'Bearer YOUR_KEY:YOUR_SECRET' }],
  ])('is refused with %s', async (_name, headers) => {
    expect(await world.giveToken(headers)).toMatchObject({ status: 401, body: { errorCode: '401.002.01' } });
  });

  it('is refused to an account that is not active', async () => {
    world.control.setAccount(world.account.accountId, { isActive: false });
    expect((await world.giveToken()).status).toBe(401);
  });

  it('dies with its time, early, by hand, or by the next one', async () => {
    const call = (token: unknown) =>
      world.send('/stkpush/process', { headers: { authorization: `Bearer ${token}` }, body: {} });
    const fresh = async () => (await world.giveToken()).body.access_token;
    const hour = await fresh();
    world.scheduler.advance(3_598_999);
    expect((await call(hour)).status).toBe(400);
    world.scheduler.advance(1);
    expect(await call(hour)).toMatchObject(unauthorized);
    world.control.setSwitches({ tokenLifeMs: 10_000 });
    const short = await fresh();
    world.scheduler.advance(10_000);
    expect((await call(short)).status).toBe(401);
    const ended = await fresh();
    world.control.endTokens();
    expect((await call(ended)).status).toBe(401);
    world.control.setSwitches({ newTokenEndsOld: true });
    const [old, next] = [await fresh(), await fresh()];
    expect([(await call(old)).status, (await call(next)).status]).toEqual([401, 400]);
  });

  it('is got, not posted', async () => {
    expect((await world.send('/oauth/token', { body: {} })).status).toBe(405);
    expect((await world.send('/oauth')).status).toBe(404);
  });
});

describe('a push', () => {
  it('is taken and answered as printed', async () => {
    const { status, body } = await world.push();
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        ResponseCode: '0',
        ResponseDescription: 'Success. Request accepted for processing',
        MerchantRequestID: expect.stringMatching(/^\d{5}-\d{8}-1$/),
        CheckoutRequestID: expect.stringMatching(/^ws_CO_21112026143100\d{4}$/),
        CustomerMessage: 'Success. Request accepted for processing',
      },
    });
    expect(world.mpesa.prompts(phone)).toMatchObject([
      { amountCents: 120_000n, merchant: 'MAMA NJERI SHOP', account: 'INV-001' },
    ]);
  });

  it.each<[string, Wire]>([
    ['a phone as people write it', { phone: '0712345678' }],
    ['a phone as a number', { phone: 254712345678 }],
    ['nothing', { amount: 0 }],
    ['cents', { amount: 1.5 }],
    ['an amount as text', { amount: '1200' }],
    ['more than M-Pesa takes', { amount: 250_001 }],
    ['no reference', { reference: undefined }],
    ['no description', { description: undefined }],
    ['14 characters of description', { description: 'Internet bills' }],
    ['plain HTTP', { callbackUrl: 'http://shop.ke/' }],
    ['a field that is not printed', { callback_url: 'https://shop.ke/' }],
  ])('is refused with %s', async (_name, over) => {
    expect(await world.push(over)).toMatchObject(badRequest);
    expect(world.control.pushes()).toEqual([]);
  });

  it('needs a token and JSON', async () => {
    expect(await world.send('/stkpush/process', { body: printed })).toMatchObject(unauthorized);
    expect(await world.post('/stkpush/process', '[]')).toMatchObject(badRequest);
    const { access_token } = (await world.giveToken()).body;
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'text/plain' };
    expect(await world.send('/stkpush/process', { headers, body: printed })).toMatchObject(badRequest);
  });

  it('is called back at the default URL, as printed', async () => {
    const { body } = await world.push();
    await world.pay();
    const ids = { checkout: body.CheckoutRequestID, merchant: body.MerchantRequestID };
    expect(world.receiver.bodies()).toEqual([paidCallback(ids, 1200)]);
    expect(world.receiver.heard[0]?.path).toBe('/default');
  });

  it('is called back at its own URL', async () => {
    await world.push({ callbackUrl: `${world.receiver.url}/own` });
    await world.cancel();
    expect(world.receiver.heard.map((one) => one.path)).toEqual(['/own']);
    expect(world.receiver.bodies()).toMatchObject([{ Body: { stkCallback: { ResultCode: 1032 } } }]);
  });

  it('is called back nowhere without a URL', async () => {
    world.control.setAccount(world.account.accountId, { callbackUrl: null });
    await world.push();
    await world.pay();
    expect(world.control.webhooks()).toEqual([]);
  });
});

describe('what the menu only names', () => {
  it('is not there', async () => {
    expect((await world.post('/stkpush/query', {})).status).toBe(404);
    expect((await world.post('/b2c/payout', {})).status).toBe(404);
  });

  it('a query, under the path that is set', async () => {
    world.control.setPaths({ stkQuery: '/stkpush/query' });
    const { CheckoutRequestID } = (await world.push()).body;
    const query = (id: unknown = CheckoutRequestID) =>
      world.post('/stkpush/query', { CheckoutRequestID: id });
    expect(await query()).toMatchObject({
      status: 500,
      body: { errorCode: '500.001.1001', errorMessage: 'The transaction is being processed' },
    });
    await world.pay();
    expect(await query()).toMatchObject({ status: 200, body: { CheckoutRequestID, ResultCode: '0' } });
    expect(await query('ws_CO_0')).toMatchObject(badRequest);
  });

  it('a payout, under the path that is set', async () => {
    world.control.setPaths({ b2c: '/b2c/payout' });
    const body = { phone: '254712345678', amount: 5000, remarks: 'Salary payment' };
    const answer = await world.post('/b2c/payout', body);
    expect(answer).toMatchObject({ status: 200, body: { ResponseCode: '0' } });
    const [movement] = world.mpesa.paidOut();
    expect(movement).toMatchObject({ msisdn: phone, amountCents: 500_000n });
    await world.later(2_000);
    const { ConversationID } = answer.body;
    const result = { ConversationID, ResultCode: 0, TransactionID: movement?.receipt };
    expect(world.receiver.bodies()).toMatchObject([{ Result: result }]);
    await world.post('/b2c/payout', { ...body, phone: '254722000000' });
    await world.later(2_000);
    expect(world.receiver.bodies()[1]).toMatchObject({ Result: { ResultCode: 2040 } });
    for (const over of [{ amount: 9 }, { phone: '0712345678' }, { remarks: undefined }, { x: 1 }])
      expect(await world.post('/b2c/payout', { ...body, ...over })).toMatchObject(badRequest);
    expect(world.control.payouts()).toHaveLength(2);
  });
});
