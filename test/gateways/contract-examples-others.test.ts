// Protects what the documents of BOSMI, the Daraja PHP platform and SayaPay print: each example is sent or parsed exactly so.
import { afterAll, describe, expect, test } from 'vitest';
import { has } from './adapters.support.ts';
import { asked, examplesOf, meet, type Printed, received } from './contract-examples.ts';

const id = 'B0smi_Id2025032121054940609';
const stkIds = { correlationId: 'ws_CO_191220191020363925', requestId: '29115-34620561-1' };
const paidStk = {
  verdict: 'paid',
  ids: stkIds,
  reference: null,
  amountCents: 1200_00n,
  receipt: { number: 'NLJ7RT61SV', final: true },
  msisdn: '254712345678',
  reason: null,
  rawCode: '0',
};

describe('BOSMI', () => {
  const examples = examplesOf('bosmi');
  afterAll(() => expect(examples.unused()).toEqual([]));
  const base = 'https://api.bosmi.org/bsmpay/stkpushquery/v3';
  const account = { apiKey: 'Sd4#k[HFS', username: 'admin', email: 'example@gmail.com' };
  const sample = { apiKey: 'YOUR_API_KEY', username: 'YOUR_USERNAME', email: 'your@email.com' };
  const keys = (requestId: string) => ({ correlationId: null, requestId, reference: 'X' });

  test('STK push: the printed request and its answers', async () => {
    const answers: Printed[] = [
      [200, examples.text('stk-success')],
      [200, examples.text('stk-error')],
    ];
    const { gateway, last, sent } = meet('bosmi', account, ...answers);
    expect(await gateway.collect(asked)).toEqual({
      kind: 'accepted',
      ids: { correlationId: null, requestId: id },
    });
    const [url] = examples.text('stk-request').split('\n');
    expect(last()).toMatchObject({ method: 'POST', url });
    expect(sent()).toEqual(examples.json('stk-request'));
    expect(await gateway.collect(asked)).toMatchObject({ kind: 'refused', reason: 'phone_refused' });
  });

  test('query: the printed request with the user name of its table, and the printed array', async () => {
    const { gateway, last, sent } = meet('bosmi', account, [200, examples.text('query-success')]);
    const shown = await has(gateway.lookup).lookup(keys('B0smi_Id2025110317475720811'));
    expect(shown).toEqual({
      kind: 'evidence',
      evidence: {
        verdict: 'paid',
        ids: { correlationId: null, requestId: 'B0smi_Id2025110317475720811' },
        reference: null,
        amountCents: 1_00n,
        receipt: { number: 'TK3GE944U2', final: true },
        msisdn: '254759446172',
        reason: null,
        rawCode: '0',
      },
    });
    await has(gateway.lookup).lookup(keys(id));
    expect(sent()).toEqual({ ...examples.json('query-request'), username: 'admin' });
    expect(examples.text('query-request')).toContain(`${last().method} ${last().url}\n`);
  });

  test('query: being processed or failed', async () => {
    const { gateway } = meet('bosmi', account, [200, examples.text('query-error')]);
    expect(await has(gateway.lookup).lookup(keys(id))).toMatchObject({ evidence: { verdict: 'pending' } });
  });

  test('the samples in Python and cURL are what encoding "json" sends', async () => {
    const { gateway, last, sent } = meet('bosmi', sample, [200, examples.text('stk-success')]);
    await gateway.collect(asked);
    expect(sent()).toEqual(examples.fields('sample-python-stk'));
    expect(sent()).toEqual(examples.json('sample-curl-stk'));
    for (const name of ['sample-python-stk', 'sample-curl-stk'])
      expect(examples.text(name)).toContain(last().url);
    expect(last().headers.get('content-type')).toBe('application/json');
    await has(gateway.lookup).lookup(keys('BOSMI_TRANSACTION_ID'));
    expect(sent()).toEqual({ ...examples.fields('sample-python-query'), username: 'YOUR_USERNAME' });
  });

  test('the samples in PHP are what encoding "form" sends', async () => {
    const { gateway, last } = meet('bosmi', { ...sample, encoding: 'form' }, [
      200,
      examples.text('stk-success'),
    ]);
    await gateway.collect(asked);
    // The document lost the first key of each array to its `<?php` tag.
    const whole = { api_key: 'YOUR_API_KEY', ...examples.fields('sample-php-stk') };
    expect(last().body).toBe(new URLSearchParams(texts(whole)).toString());
    expect(last().headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    await has(gateway.lookup).lookup(keys('BOSMI_TRANSACTION_ID'));
    expect(Object.fromEntries(new URLSearchParams(last().body))).toEqual({
      ...{ transaction_id: 'BOSMI_TRANSACTION_ID', ...examples.fields('sample-php-query') },
      username: 'YOUR_USERNAME',
    });
    expect(last().url).toBe(`${base}/query`);
  });

  const texts = (fields: object) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
});

describe('the Daraja PHP platform', () => {
  const examples = examplesOf('daraja-php');
  afterAll(() => expect(examples.unused()).toEqual([]));
  const account = { baseUrl: 'https://pay.example', shortCode: '600126' };

  test('token, STK push', async () => {
    const answers: Printed[] = [
      [200, examples.text('token-200')],
      [200, examples.text('stk-200')],
    ];
    const { gateway, calls, last } = meet('daraja-php', account, ...answers);
    expect(await gateway.collect(asked)).toMatchObject({ kind: 'not_sent' });
    expect(await gateway.collect({ ...asked, reference: 'INV001' })).toEqual({
      kind: 'accepted',
      ids: stkIds,
    });
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST https://pay.example/api/generate_token.php',
      'POST https://pay.example/api/stk_push.php',
    ]);
    expect(last().headers.get('authorization')).toBe(`Bearer ${String(examples.json('token-200').token)}`);
  });

  test('C2B confirmation', () => {
    const callback = has(meet('daraja-php', account).gateway.callback);
    expect(callback.read(received(examples.text('c2b-confirmation')))).toEqual({
      kind: 'unasked',
      money: {
        receipt: { number: 'LGR019G3J2', final: true },
        amountCents: 100_00n,
        billReference: 'account123',
        msisdn: '254708374149',
        payerName: 'John',
      },
    });
  });
});

describe('SayaPay', () => {
  const examples = examplesOf('sayapay');
  afterAll(() => expect(examples.unused()).toEqual([]));
  const account = { consumerKey: 'YOUR_KEY', consumerSecret: 'YOUR_SECRET' };
  const sandbox = { ...account, baseUrl: 'https://sandbox.sayapay.co.ke/api/v1' };
  const answers: Printed[] = [
    [200, examples.text('token-200')],
    [200, examples.text('stk-200')],
  ];

  test('token', async () => {
    const { gateway, last } = meet('sayapay', sandbox, ...answers);
    await gateway.check?.();
    expect(last()).toMatchObject({ method: 'GET', body: '' });
    const printed = examples.text('token-curl');
    expect(printed).toContain(`${last().url} `);
    const pair = /echo -n '([^']+)'/.exec(printed)?.[1] ?? '';
    expect(last().headers.get('authorization')).toBe(`Basic ${Buffer.from(pair).toString('base64')}`);
  });

  test.each([
    ['stk-node', sandbox, 'https://sandbox.sayapay.co.ke/api/v1/stkpush/process'],
    ['sdk-stk', account, 'https://api.sayapay.co.ke/api/v1/stkpush/process'],
  ])('STK push: %s', async (name, config, url) => {
    const { gateway, last, sent } = meet('sayapay', config, ...answers);
    const outcome = await gateway.collect({ ...asked, amountCents: 1200_00n });
    expect(outcome).toEqual({ kind: 'accepted', ids: stkIds });
    const { phone, amount, reference, description } = examples.fields(name);
    // "max 13 chars": ours is the reference, since a member's words may be longer.
    expect(String(description)).toHaveLength(13);
    expect(sent()).toEqual({
      ...{ phone, amount, reference, description: reference },
      callbackUrl: asked.callbackUrl,
    });
    expect(last()).toMatchObject({ method: 'POST', url });
    expect(last().headers.get('authorization')).toBe(
      `Bearer ${String(examples.json('token-200').access_token)}`,
    );
  });

  test('the callback, and what its handler answers', () => {
    const callback = has(meet('sayapay', account).gateway.callback);
    const delivery = received(JSON.stringify(examples.json('stk-callback')));
    expect(callback.read(delivery)).toEqual({ kind: 'collect', evidence: paidStk });
    const { ResultCode, ResultDesc } = callback.answer;
    const printed = examples.text('callback-express').match(/res\.json\(.*\)/g);
    expect(new Set(printed)).toEqual(
      new Set([`res.json({ ResultCode: ${String(ResultCode)}, ResultDesc: '${String(ResultDesc)}' })`]),
    );
  });

  const { payout } = meet('sayapay', { ...account, paths: { b2c: '/b2c/payout' } }).gateway;
  const printedPayout = examples.fields('sdk-b2c');

  test('a payout has its three fields, and needs a path that the document does not print', async () => {
    expect(printedPayout).toEqual({ phone: '254712345678', amount: 5000, remarks: 'Salary payment' });
    expect(meet('sayapay', account).gateway.payout).toBeUndefined();
  });

  test.runIf(payout !== undefined)('a payout: the printed fields', async () => {
    const config = { ...account, paths: { b2c: '/b2c/payout' } };
    const { gateway, sent } = meet('sayapay', config, ...answers);
    await has(gateway.payout).send({
      ...{ reference: 'X1', amountCents: 5000_00n, msisdn: asked.msisdn, callbackUrl: asked.callbackUrl },
      description: 'Salary payment',
    });
    expect(sent()).toMatchObject({ phone: printedPayout.phone, amount: printedPayout.amount });
  });
});
