// Protects wages from a second payout of SayaPay, whose B2C has no key, no look-up and no printed answer.
import { describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { has, openAs } from './adapters.support.ts';
import { closedPort, says, serve } from './loopback.ts';

const account = { consumerKey: 'YOUR_KEY', consumerSecret: 'YOUR_SECRET', paths: { b2c: '/b2c/payout' } };
const tokenPath = '/api/v1/oauth/token';
/** Its SDK's sample: client.b2c({ phone: '254712345678', amount: 5000, remarks: 'Salary payment' }). */
const order = {
  reference: 'W3F9TD',
  amountCents: 5000_00n,
  msisdn: '254712345678' as Msisdn,
  description: 'Salary payment',
  callbackUrl: 'https://shop.example/cb/aa/bb',
};
const acknowledged = {
  ConversationID: 'AG_20191219_00005797af5d7d75f652',
  OriginatorConversationID: '16740-34861180-1',
  ResponseCode: '0',
  ResponseDescription: 'Accept the service request successfully.',
};

async function sendAgainst(status: number, body: unknown) {
  const server = await serve((response, { path }) =>
    path === tokenPath
      ? says(200, '{"access_token":"tok","expires_in":3599}')(response)
      : says(status, typeof body === 'string' ? body : JSON.stringify(body))(response),
  );
  const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
  const outcome = await has(gateway.payout).send(order);
  return { outcome, posts: server.seen.filter(({ path }) => path !== tokenPath) };
}

test('without its path there are no payouts; there is never a look-up', () => {
  const { paths, ...plain } = account;
  expect(openAs('sayapay', plain).gateway.payout).toBeUndefined();
  expect(openAs('sayapay', { ...plain, paths }).gateway.payout?.lookup).toBeUndefined();
});

test('the fields of the printed sample; our reference stands in the statement', async () => {
  const { outcome, posts } = await sendAgainst(200, acknowledged);
  expect(outcome).toEqual({ kind: 'accepted', payoutId: acknowledged.ConversationID, feeCents: null });
  expect(posts).toHaveLength(1);
  expect(posts[0]).toMatchObject({ method: 'POST', path: '/api/v1/b2c/payout' });
  expect(JSON.parse(posts[0]?.body ?? '')).toEqual({
    phone: '254712345678',
    amount: 5000,
    remarks: 'W3F9TD',
  });
});

describe('what the answer proves', () => {
  test.each([
    ['400 in JSON', 400, { error: 'Invalid phone' }, 'refused'],
    ['422 in JSON', 422, {}, 'refused'],
    ['400 that names a payout', 400, acknowledged, 'unknown'],
    ['200 without an acknowledgement', 200, { success: true }, 'unknown'],
    ['200 with another code', 200, { ...acknowledged, ResponseCode: '1' }, 'unknown'],
    ['500', 500, { error: 'down' }, 'unknown'],
    ['400 in HTML', 400, '<html>', 'unknown'],
    ['409', 409, {}, 'unknown'],
  ])('%s: %s → %s', async (_name, status, body, kind) => {
    const { outcome, posts } = await sendAgainst(status, body);
    expect(outcome.kind).toBe(kind);
    expect(posts).toHaveLength(1);
  });
});

test('nothing is sent outside the limits, or where nobody listens', async () => {
  const { gateway } = openAs('sayapay', { baseUrl: await closedPort(), ...account });
  for (const amountCents of [9_00n, 10_50n, 250_001_00n])
    expect((await has(gateway.payout).send({ ...order, amountCents })).kind).toBe('not_sent');
  expect((await has(gateway.payout).send(order)).kind).toBe('not_sent');
});
