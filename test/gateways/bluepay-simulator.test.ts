// Protects the adapter and the simulated BluePay from agreeing with themselves only: each was read out of the document
// on its own, and here they meet over real HTTP.

import type { IncomingHttpHeaders } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { type LookupKeys, noIds, type OpenGateway } from '../../src/gateways/gateway.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { createBluepay } from '../../src/sandbox/bluepay/index.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTestRandom } from '../support/clock.ts';
import { has, request } from './bluepay.support.ts';
import { openHttp, says, serve } from './loopback.ts';

const msisdn = '254712345678' as Msisdn;

async function openHouse(settings: Record<string, unknown> = {}) {
  const scheduler = createManualScheduler();
  const random = createTestRandom();
  const mpesa = createMpesa({ scheduler, random });
  mpesa.addSubscriber({ msisdn, pin: '1234', balanceCents: 5000_00n });
  const bluepay = createBluepay({ scheduler, random, mpesa });
  await bluepay.listen();
  onTestFinished(() => bluepay.close());
  const account = bluepay.control.addAccount();
  const hook = await serve(says(200, '{"ok":true}'));
  const gateway = open(bluepay.url, { apiSecret: account.apiSecret, shortCode: '123456', ...settings });
  const completed = await has(gateway.complete)();
  if (completed.kind !== 'completed') throw new Error(completed.detail);
  const asked = { ...request, msisdn, callbackUrl: `${hook.url}/cb/aa/bb` };
  return { scheduler, mpesa, bluepay, account, hook, asked, gateway: open(bluepay.url, completed.config) };
}

function open(baseUrl: string, config: Readonly<Record<string, unknown>>): OpenGateway {
  const opening = openGateway(
    'bluepay',
    { baseUrl, ...config },
    openHttp({ timeoutMs: 5000 }).http,
    systemClock,
  );
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  return opening.gateway;
}

function pay(house: Awaited<ReturnType<typeof openHouse>>): void {
  const [prompt] = house.mpesa.prompts(msisdn);
  if (prompt === undefined) throw new Error('no prompt on the phone');
  house.mpesa.enterPin(prompt.id, '1234');
}

const plain = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

const byReference: LookupKeys = { ...noIds, reference: request.reference };

test('set-up, prompt, PIN, webhook and look-up tell the same payment', async () => {
  const house = await openHouse();
  const { gateway, hook, scheduler, bluepay } = house;
  expect(await has(gateway.check)()).toMatchObject({ kind: 'checked', label: 'Paybill 123456' });
  const outcome = await gateway.collect(house.asked);
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  const lookup = has(gateway.lookup);
  const allKeys = { ...outcome.ids, reference: request.reference };
  expect(await lookup.lookup(allKeys)).toMatchObject({ evidence: { verdict: 'pending' } });
  pay(house);
  scheduler.advance(1);
  await bluepay.control.idle();
  const [delivered] = hook.seen;
  if (delivered === undefined) throw new Error('no webhook');
  const received = { body: Buffer.from(delivered.body), headers: plain(delivered.headers) };
  const callback = has(gateway.callback);
  expect(callback.authenticate(received)).toBe('genuine');
  expect(callback.idempotencyKey(received)).toContain('mpesa.payment.received');
  const paid = { verdict: 'paid', amountCents: 100_00n, reference: request.reference };
  const told = callback.read(received);
  expect(told).toMatchObject({
    kind: 'collect',
    evidence: { ...paid, ids: { correlationId: outcome.ids.correlationId } },
  });
  const receipt = told.kind === 'collect' ? told.evidence.receipt : null;
  expect(receipt?.final).toBe(true);
  const eachKey = [allKeys, { ...allKeys, correlationId: null }, byReference];
  for (const keys of eachKey)
    expect(await lookup.lookup(keys)).toMatchObject({
      evidence: { ...paid, ids: outcome.ids, receipt, msisdn },
    });
});

test.each(['bearer', 'basic', 'body'])(
  'authentication %s is accepted, and a wrong secret is not',
  async (auth) => {
    const house = await openHouse();
    const { apiSecret, apiUsername, apiPassword, channels } = house.account;
    const config = { auth, apiSecret, channelId: channels[0]?.channelId, apiUsername, apiPassword };
    const gateway = open(house.bluepay.url, config);
    expect((await gateway.collect(house.asked)).kind).toBe('accepted');
    expect(await has(gateway.lookup).lookup(byReference)).toMatchObject({ kind: 'evidence' });
    const wrong = open(house.bluepay.url, { ...config, apiSecret: 'wrong', apiPassword: 'wrong' });
    expect(await wrong.collect(house.asked)).toMatchObject({
      kind: 'refused',
      reason: 'credentials_refused',
    });
    expect(await has(wrong.lookup).lookup(byReference)).toMatchObject({ kind: 'no_answer', stop: true });
    expect((await has(wrong.check)()).kind).toBe('refused');
  },
);

test('an answer that is lost after BluePay took it is found again by our reference', async () => {
  for (const fault of ['drop_after_accept', 'truncated_json', 'html_200', 'oversized'] as const) {
    const house = await openHouse();
    house.bluepay.control.arm(fault);
    expect((await house.gateway.collect(house.asked)).kind).toBe('unknown');
    pay(house);
    house.scheduler.advance(1);
    expect(await has(house.gateway.lookup).lookup(byReference)).toMatchObject({
      kind: 'evidence',
      evidence: { verdict: 'paid', amountCents: 100_00n },
    });
  }
});

test('what never reached BluePay stays unknown, and BluePay has not found it', async () => {
  for (const fault of ['drop_before_accept', 'http_500'] as const) {
    const house = await openHouse();
    house.bluepay.control.arm(fault);
    expect((await house.gateway.collect(house.asked)).kind).toBe('unknown');
    expect((await has(house.gateway.lookup).lookup(byReference)).kind).toBe('not_found');
  }
});

test('a 502 gives the id to look up by', async () => {
  const house = await openHouse();
  house.bluepay.control.arm('http_502');
  const outcome = await house.gateway.collect(house.asked);
  if (outcome.kind !== 'unknown') throw new Error(outcome.kind);
  expect(outcome.ids.requestId).not.toBeNull();
  const found = await has(house.gateway.lookup).lookup({ ...outcome.ids, reference: 'unused' });
  expect(found).toMatchObject({ kind: 'evidence', evidence: { reference: request.reference } });
});

test.each([
  ['insufficient_prepaid', 'no_service_tokens'],
  ['channel_inactive', 'channel_inactive'],
  ['unauthorized', 'credentials_refused'],
] as const)('%s is refused as %s', async (fault, reason) => {
  const house = await openHouse();
  house.bluepay.control.arm(fault);
  expect(await house.gateway.collect(house.asked)).toMatchObject({ kind: 'refused', reason });
});

test('a stand-in receipt is not final until the real one comes; a forged webhook is forged', async () => {
  const house = await openHouse();
  house.bluepay.control.arm('pending_receipt');
  house.bluepay.control.arm('callback_forged');
  await house.gateway.collect(house.asked);
  pay(house);
  house.scheduler.advance(1);
  await house.bluepay.control.idle();
  const [forged] = house.hook.seen;
  if (forged === undefined) throw new Error('no webhook');
  const received = { body: Buffer.from(forged.body), headers: plain(forged.headers) };
  expect(has(house.gateway.callback).authenticate(received)).toBe('forged');
  const lookup = has(house.gateway.lookup);
  expect(await lookup.lookup(byReference)).toMatchObject({
    evidence: { verdict: 'paid', receipt: { final: false } },
  });
  expect(house.bluepay.control.completeReceipts()).toBe(1);
  expect(await lookup.lookup(byReference)).toMatchObject({ evidence: { receipt: { final: true } } });
});

test('a customer who cancels is failed without a reason, by webhook and by look-up', async () => {
  const house = await openHouse();
  await house.gateway.collect(house.asked);
  const [prompt] = house.mpesa.prompts(msisdn);
  if (prompt === undefined) throw new Error('no prompt on the phone');
  house.mpesa.cancel(prompt.id);
  house.scheduler.advance(1);
  await house.bluepay.control.idle();
  const failed = { verdict: 'failed', reason: 'not_given' };
  const [told] = house.hook.seen;
  if (told === undefined) throw new Error('no webhook');
  const reading = has(house.gateway.callback).read({
    body: Buffer.from(told.body),
    headers: plain(told.headers),
  });
  expect(reading).toMatchObject({ kind: 'collect', evidence: failed });
  expect(await has(house.gateway.lookup).lookup(byReference)).toMatchObject({ evidence: failed });
});
