/** Protects the access token, and the difference between not sent, refused and not known. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWhatsappApi } from '../../../src/channels/whatsapp/api.ts';
import { accessToken, amina, type Cloud, memoryLog, phoneNumberId, startCloud } from './cloud.ts';
import { type PlainBehaviour, startPlainServer } from './plain-server.ts';

const options = { timeoutMs: 5000 };
const body = { to: amina, type: 'text', text: { body: 'x' } };

describe('with the Cloud API', () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  test('a message answers with its id', async () => {
    expect(await cloud.api.send(body, options)).toEqual({ kind: 'ok', result: cloud.seen()[0]?.wamid });
  });

  test('our own number, for whoever starts or checks the program', async () => {
    expect(await cloud.api.number(options)).toMatchObject({
      kind: 'ok',
      result: { display_phone_number: '+254 20 1234567', verified_name: expect.any(String) },
    });
  });

  test('a refusal carries code and details, and no whole phone', async () => {
    const long = { ...body, text: { body: 'x'.repeat(4097) } };
    expect(await cloud.api.send(long, options)).toMatchObject({
      ...{ kind: 'refused', status: 400, code: 100, subcode: null, retryAfter: null },
      detail: expect.stringMatching(/^#100 .*4096/),
    });
    const masked = await cloud.api.media('254712345678', options);
    expect(masked).toMatchObject({ kind: 'refused', code: 100, subcode: 33 });
    expect(JSON.stringify(masked)).not.toContain(amina);
  });

  test('a media id that is gone does not alarm the operator, a wrong number does', async () => {
    await cloud.api.media('1', options);
    expect(cloud.lines.filter(({ level }) => level >= 40)).toEqual([]);
    const { log, lines } = memoryLog();
    const api = createWhatsappApi({ accessToken, phoneNumberId: '1', apiRoot: cloud.server.url, fetch, log });
    await api.send(body, options);
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { msg: expect.stringContaining('WHATSAPP_PHONE_NUMBER_ID') },
    ]);
  });
});

describe('in bad company', () => {
  let server: Awaited<ReturnType<typeof startPlainServer>>;
  beforeAll(async () => {
    server = await startPlainServer();
  });
  afterAll(() => server.close());

  function api(apiRoot = server.root) {
    const { log, lines } = memoryLog();
    return { api: createWhatsappApi({ accessToken, phoneNumberId, apiRoot, fetch, log }), lines };
  }

  async function send(behaviour: PlainBehaviour, timeoutMs = 5000) {
    server.behave(behaviour);
    return await api().api.send(body, { timeoutMs });
  }

  test('the token is in the header and nowhere else', async () => {
    const { api: own, lines } = api();
    server.behave({
      status: 400,
      text: JSON.stringify({ error: { code: 190, message: `Bad ${accessToken}` } }),
    });
    const answer = await own.send(body, options);
    const request = server.requests.at(-1);
    expect(request?.headers.authorization).toBe(`Bearer ${accessToken}`);
    expect(request?.url).toBe(`/${phoneNumberId}/messages`);
    expect(answer).toMatchObject({ kind: 'refused', detail: '#190 Bad <token>' });
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain(accessToken);
  });

  test('it does not follow a redirect', async () => {
    const before = server.requests.length;
    expect(await send({ status: 307, headers: { location: `${server.root}/elsewhere` } })).toMatchObject({
      kind: 'no_answer',
    });
    expect(server.requests.length - before).toBe(1);
  });

  test("a proxy's page is a refusal by status, and may say when to come back", async () => {
    expect(await send({ status: 502, text: '<html>' })).toMatchObject({
      kind: 'refused',
      code: null,
      status: 502,
    });
    expect(await send({ status: 429, headers: { 'retry-after': '37' } })).toMatchObject({ retryAfter: 37 });
  });

  test.each(['', '{}', '{"messages":[]}', '{"messages":[{}]}'])('200 with %j is not known', async (text) => {
    expect(await send({ text })).toMatchObject({ kind: 'no_answer', maybeSent: true });
  });

  test('silence and a broken connection may have been sent', async () => {
    expect(await send('hold', 20)).toEqual({ kind: 'no_answer', detail: 'TimeoutError', maybeSent: true });
    expect(await send('hang_up')).toMatchObject({ kind: 'no_answer', maybeSent: true });
  });

  test('nobody there was not sent', async () => {
    const away = await startPlainServer();
    await away.close();
    const answer = await api(away.root).api.send(body, options);
    expect(answer).toEqual({ kind: 'no_answer', detail: 'ECONNREFUSED', maybeSent: false });
  });
});
