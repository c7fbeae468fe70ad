// Protects set-up: credentials and channel are proved by a read-only call before a shop relies on them.
import { describe, expect, test } from 'vitest';
import { channelId, has, openBluepay } from './bluepay.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const printed = `{
"ok": true,
"payment_channels": [{ "channel_id": "550e8400-e29b-41d4-a716-446655440000", "channel_type": "paybill", "short_code": "123456", "is_active": true }]
}`;
const unauthorized =
  '{ "ok": false, "error": "Unauthorized", "message": "Authenticate with Authorization: Bearer … or Basic …" }';

const channel = (id: string, shortCode: string | number, active: unknown = true, type = 'till') => ({
  channel_id: id,
  channel_type: type,
  short_code: shortCode,
  is_active: active,
});
const listing = (...channels: unknown[]) => JSON.stringify({ ok: true, payment_channels: channels });
const byShortCode = { channelId: undefined, shortCode: '123456' };

async function opened(status: number, text: string, config: Record<string, unknown> = {}) {
  const server = await serve(says(status, text));
  return { server, gateway: openBluepay(server.url, config).gateway };
}

test('check asks once, read-only, and names the channel for members', async () => {
  const { server, gateway } = await opened(200, printed);
  expect(await has(gateway.check)()).toMatchObject({ kind: 'checked', label: 'Paybill 123456' });
  expect(server.seen).toHaveLength(1);
  expect(server.seen[0]).toMatchObject({ method: 'GET', path: '/api/payment_channels.php', query: {} });
  const inBody = await opened(200, printed, { auth: 'body' });
  expect(await has(inBody.gateway.check)()).toMatchObject({ kind: 'checked' });
  expect(inBody.server.seen[0]).toMatchObject({
    method: 'POST',
    body: '{"api_key":"bp_live_5f2e9c_secret"}',
  });
});

describe('check refuses, and says what the account has', () => {
  test.each<[string, string, Record<string, unknown>, RegExp]>([
    [
      'another id',
      listing(channel('other-id', '555111')),
      {},
      /No channel .* has: Till 555111, channel id other-id\./,
    ],
    [
      'an inactive channel',
      listing(channel(channelId, 123456, '0')),
      {},
      /inactive.*Till 123456 \(inactive\)/,
    ],
    ['activity left out', listing(channel(channelId, '123456', null)), {}, /inactive/],
    ['no channels', listing(), {}, /The account has no channels\./],
    ['an id of another short code', printed, { shortCode: '654321' }, /another short code than 654321/],
  ])('%s', async (_name, text, config, detail) => {
    const { gateway } = await opened(200, text, config);
    const outcome = await has(gateway.check)();
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(outcome.detail).toMatch(detail);
  });

  test('refused credentials', async () => {
    const { gateway } = await opened(401, unauthorized);
    const outcome = await has(gateway.check)();
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(outcome.detail).toMatch(/refused the credentials \(401\)/);
  });

  test.each([
    ['a page', 200, '<html></html>'],
    ['a wrong base URL', 404, 'Not Found'],
    ['an outage', 503, '{"ok":false}'],
    ['no list', 200, '{"ok":true}'],
  ])('%s is no answer', async (_name, status, text) => {
    const { gateway } = await opened(status, text);
    expect(await has(gateway.check)()).toMatchObject({ kind: 'no_answer' });
  });
});

describe('complete', () => {
  test('a short code becomes the channel id, and the configuration is whole', async () => {
    const { gateway, server } = await opened(200, printed, byShortCode);
    expect(await has(gateway.complete)()).toEqual({
      kind: 'completed',
      config: {
        baseUrl: server.url,
        apiSecret: 'bp_live_5f2e9c_secret',
        auth: 'bearer',
        shortCode: '123456',
        channelId,
      },
    });
  });

  test('an inactive twin does not make a short code ambiguous', async () => {
    const text = listing(channel('old', '123456', false), channel('new', '123456'));
    const { gateway } = await opened(200, text, byShortCode);
    expect(await has(gateway.complete)()).toMatchObject({ kind: 'completed', config: { channelId: 'new' } });
  });

  test('a given channel id costs no call', async () => {
    const { gateway, server } = await opened(200, printed);
    expect(await has(gateway.complete)()).toMatchObject({ kind: 'completed', config: { channelId } });
    expect(server.seen).toHaveLength(0);
  });

  test.each<[string, number, string, RegExp]>([
    [
      'none',
      200,
      listing(channel('a', '555111'), 'noise'),
      /No channel .* short code 123456\. .*Till 555111/,
    ],
    ['inactive', 200, listing(channel('a', '123456', false)), /is inactive\..*Till 123456 \(inactive\)/],
    [
      'two',
      200,
      listing(channel('a', '123456'), channel('b', 123456)),
      /Several.*channel id a; .*channel id b\./,
    ],
    ['credentials', 403, unauthorized, /refused the credentials/],
    ['no answer', 500, 'x', /BluePay \(500\)/],
  ])('refused: %s', async (_name, status, text, detail) => {
    const { gateway } = await opened(status, text, byShortCode);
    const outcome = await has(gateway.complete)();
    expect(outcome.kind === 'refused' && outcome.detail).toMatch(detail);
  });

  test('refused when nobody is there', async () => {
    const { gateway } = openBluepay(await closedPort(), byShortCode);
    const outcome = await has(gateway.complete)();
    expect(outcome.kind === 'refused' && outcome.detail).toMatch(/ECONNREFUSED/);
  });
});
