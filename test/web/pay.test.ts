/**
 * Protects who opens a payment link in a browser: what the pages say in every state, that they ring a phone only when their
 * own form was sent, that nothing typed becomes markup, and that a whole phone is on none of them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { PaymentId } from '../../src/domain/ids.ts';
import type { Reason } from '../../src/domain/payment.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createServer } from '../../src/ops/server.ts';
import { closeLink, createLink, lookAtLink } from '../../src/payments/links.ts';
import { linkLimits } from '../../src/payments/links-limits.ts';
import { addressKey } from '../../src/web/pay-origin.ts';
import { webRoutes } from '../../src/web/routes.ts';
import type { WebDeps } from '../../src/web/web.ts';
import { type Desk, openDesk } from '../payments/desk.ts';

let desk: Desk;
let site: { url: string; close(): Promise<void> };
let asked = 0;
beforeAll(async () => {
  desk = await openDesk();
  site = await open({});
});
afterAll(async () => {
  await site.close();
  await desk.close();
});

async function open(change: Partial<WebDeps>) {
  const deps: WebDeps = {
    ...desk.deps,
    db: desk.db,
    asked: () => {
      asked += 1;
    },
    doors: { telegramName: () => 'malipo_bot', whatsappNumber: () => '254700000001' },
    ...change,
  };
  const server = createServer(silentLog, [webRoutes(deps)]);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: () => server.close() };
}

async function link(
  what: { amountCents?: bigint | null; once?: boolean; seconds?: number; note?: string } = {},
) {
  const { amountCents = 50_000n, once = false, seconds = 3600, note = 'lunch' } = what;
  const expiresAt = new Date(desk.clock.now().getTime() + seconds * 1000);
  const made = { businessId: desk.businessId, createdBy: desk.cashier, amountCents, note, once, expiresAt };
  return desk.inTx(async (tx) => lookAtLink(tx, desk.deps, await createLink(tx, desk.deps, made)));
}

type Headers = Record<string, string>;
const own: Headers = { 'sec-fetch-site': 'same-origin', origin: 'null' };

async function get(path: string, headers: Headers = {}, at = site.url) {
  const answer = await fetch(new URL(path, at), { headers, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

let addresses = 0;
async function post(code: string, form: Record<string, string>, headers: Headers = own, at = site.url) {
  // Each visitor from an address of its own, as a proxy on this machine would tell it.
  const from = { 'x-forwarded-for': `198.51.100.${addresses++ % 250}` };
  const answer = await fetch(new URL(`/pay/${code}?lang=en`, at), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...from, ...headers },
    body: new URLSearchParams(form).toString(),
    redirect: 'manual',
  });
  const location = answer.headers.get('location') ?? '';
  return { status: answer.status, headers: answer.headers, location, text: await answer.text() };
}

const shown = (msisdn: string): string => `0${msisdn.slice(3)}`;
const tokenIn = (page: string): string => /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
const paymentsOf = (code: string) =>
  desk.db
    .selectFrom('payment')
    .innerJoin('pay_link', 'pay_link.id', 'payment.link_id')
    .select('payment.id')
    .where('pay_link.code_hmac', '=', desk.vault.hmac('pay_link', code))
    .execute();

/** A use's address begins with the payment's id. */
function idIn(location: string): PaymentId {
  const hex = location.split('/')[3]?.slice(0, 32) ?? '';
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as PaymentId;
}

/** Sends the form, and the prompt stands on the phone. */
async function prompted(code: string, form: Record<string, string> = {}) {
  const msisdn = desk.newPhone();
  const sent = await post(code, { phone: shown(msisdn), ...form });
  expect(sent.status).toBe(303);
  const id = idIn(sent.location);
  await desk.submitter.runOnce();
  const attempt = await desk.db
    .selectFrom('attempt')
    .select('id')
    .where('payment_id', '=', id)
    .executeTakeFirstOrThrow();
  return { path: sent.location, id, msisdn, attempt: attempt.id };
}

test('the form says who asks, for how much and what for, in both languages', async () => {
  const { code } = await link();
  const page = await get(`/pay/${code}`);
  expect(page.status).toBe(200);
  for (const text of [
    'Pay Mama Njeri',
    'KES 500',
    'lunch',
    'Your M-Pesa phone',
    'never here',
    'Open until 15:31.',
  ])
    expect(page.text).toContain(text);
  expect(page.text).toContain(`https://t.me/malipo_bot?start=pay_${code}`);
  expect(page.text).not.toContain('name="amount"');
  expect(page.text).not.toContain('<script');
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  const swahili = await get(`/pay/${code}`, { 'accept-language': 'sw-KE' });
  for (const text of ['<html lang="sw">', 'Lipa Mama Njeri', 'Simu yako ya M-Pesa'])
    expect(swahili.text).toContain(text);
  expect((await get(`/pay/${code}?lang=sw`)).text).toContain('Lipa Mama Njeri');
});

test('without a bot, nothing is said about Telegram', async () => {
  const alone = await open({ doors: { telegramName: () => null, whatsappNumber: () => null } });
  const { code } = await link();
  expect((await get(`/pay/${code}`, {}, alone.url)).text).not.toContain('t.me');
  await alone.close();
});

test('what was typed is text on every page', async () => {
  const note = '<script>alert(1)</script>"\'><img src=x>';
  const { code } = await link({ note, amountCents: null });
  const written = '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x&gt;';
  const amount = '"><script>2';
  const pages = [
    await get(`/pay/${code}`),
    await post(code, { phone: '<script>3</script>', amount }),
    await get((await prompted(code, { amount: '700' })).path),
  ];
  for (const { text } of pages) {
    expect(text).toContain(written);
    expect(text).not.toMatch(/<script|<img|"><s/);
  }
  expect(pages[1]?.text).toContain('value="&quot;&gt;&lt;script&gt;2"');
});

test('a prompt is followed to its receipt, on a page of its own', async () => {
  const { code } = await link();
  const before = asked;
  const { path, msisdn, attempt } = await prompted(code);
  expect(asked).toBe(before + 1);
  expect(path).toMatch(new RegExp(`^/pay/${code}/[a-f0-9]{64}\\?lang=en$`));
  const waiting = await get(path);
  expect(waiting.text).toContain('Waiting for the PIN');
  expect(waiting.text).toContain('Type the PIN there, never here.');
  expect(waiting.text).toContain('http-equiv="refresh"');
  expect(waiting.text).toContain(`${msisdn.slice(0, 4)}****${msisdn.slice(-3)}`);
  expect(waiting.text).not.toContain('/receipt/');
  await desk.told(attempt, { receipt: { number: 'TFH774CBH1', final: true } });
  const paid = await get(path);
  expect(paid.text).toContain('>Paid</span>');
  expect(paid.text).not.toContain('http-equiv="refresh"');
  const receipt =
    /href="https:\/\/shop\.example(\/receipt\/[a-f0-9]{32}\?lang=en)"/.exec(paid.text)?.[1] ?? '';
  expect((await get(receipt)).text).toContain('TFH774CBH1');
  for (const { text } of [waiting, paid]) {
    expect(text).not.toContain(msisdn.slice(3));
    expect(text).not.toContain(`${shown(msisdn).slice(0, 4)} ${shown(msisdn).slice(4, 7)}`);
  }
});

test('before the prompt is out, and while nobody knows, the page says so and asks again by itself', async () => {
  const { code } = await link();
  const sent = await post(code, { phone: shown(desk.newPhone()) });
  expect((await get(sent.location)).text).toMatch(/Sending the prompt[\s\S]*updates by itself/);
  desk.gateway.collect = async () => ({
    kind: 'unknown',
    ids: { correlationId: null, requestId: null },
    rawCode: '',
    detail: '',
  });
  while (await desk.submitter.runOnce());
  desk.gateway.collect = async () => ({ kind: 'accepted', ids: { correlationId: null, requestId: null } });
  const unknown = await get(sent.location);
  expect(unknown.text).toMatch(/We do not know yet[\s\S]*Do not pay again\. We ask M-Pesa again \d\d:\d\d/);
  expect(unknown.text).toContain('http-equiv="refresh"');
  expect(unknown.text).not.toContain('Try again');
  await desk.unproved();
  expect((await get(sent.location)).text).toMatch(
    /We do not know yet[\s\S]*Do not pay again\. Mama Njeri compares it/,
  );
});

test('a prompt that ended without money says no more than that, and can be tried again while the link is open', async () => {
  const { code, id } = await link();
  const ended = async (reason: Reason) => {
    const { path, attempt } = await prompted(code);
    await desk.told(attempt, { verdict: 'failed', reason });
    return (await get(path)).text;
  };
  // Whoever typed the number need not be the phone's owner.
  for (const reason of [
    'cancelled',
    'wrong_pin',
    'insufficient_funds',
    'unreachable',
    'not_given',
  ] as const) {
    const page = await ended(reason);
    expect(page).toMatch(/Not paid[\s\S]*<p class="means">No money moved\.<\/p>[\s\S]*Try again/);
    expect(page).not.toMatch(/cancel|not match|enough|was off/i);
  }
  expect(await ended('provider_down')).toContain('The prompt could not be shown. No money moved.');
  const moved = await ended('amount_refused');
  expect(moved).not.toContain('No money moved');
  expect(moved).toContain('show it to Mama Njeri');
  const { path, attempt } = await prompted(code);
  await desk.failed(attempt);
  await desk.inTx((tx) => closeLink(tx, desk.deps, id, desk.cashier));
  expect((await get(path)).text).not.toContain('Try again');
});

test('a link that cannot be paid says what to do', async () => {
  const expired = await link({ seconds: 1 });
  const closed = await link();
  await desk.inTx((tx) => closeLink(tx, desk.deps, closed.id, desk.cashier));
  desk.clock.advance(1);
  const once = await link({ once: true });
  const { attempt } = await prompted(once.code);
  const states = [
    [expired.code, 410, 'Ask Mama Njeri for a new one.'],
    [closed.code, 410, 'This link is closed'],
    [once.code, 409, 'A prompt of this link is open'],
    ['0'.repeat(32), 404, 'We do not know this link'],
    ['nothing', 404, 'We do not know this link'],
  ] as const;
  for (const [code, status, text] of states)
    for (const page of [await get(`/pay/${code}`), await post(code, { phone: '0712345678' })]) {
      expect(page.status).toBe(status);
      expect(page.text).toContain(text);
    }
  await desk.told(attempt, { receipt: { number: 'TFH774CBH2', final: true } });
  expect(await get(`/pay/${once.code}`)).toMatchObject({
    status: 409,
    text: expect.stringContaining('Paid already'),
  });
  expect((await get(`/pay/${once.code}/${'0'.repeat(64)}`)).status).toBe(404);
});

test('what cannot be read is asked again, and rings nobody', async () => {
  const { code } = await link({ amountCents: null });
  const phone = shown(desk.newPhone());
  const wrong = [
    [{ phone: '123', amount: '500' }, 'We could not read this phone'],
    [{ phone: '+44 7911 123456', amount: '500' }, 'Kenyan numbers only'],
    [{ amount: '500' }, 'We could not read this phone'],
    [{ phone, amount: 'lots' }, 'We could not read this amount'],
    [{ phone, amount: '1.5' }, 'We could not read this amount'],
    [{ phone, amount: '250001' }, 'KES 1 to KES 250,000'],
    [{ phone }, 'We could not read this amount'],
  ] as const;
  for (const [form, text] of wrong) {
    const page = await post(code, form as Record<string, string>);
    expect(page.status).toBe(422);
    expect(page.text).toContain(text);
  }
  expect(await paymentsOf(code)).toEqual([]);
  expect((await post(code, { phone, amount: ' ksh 1,500 ' })).status).toBe(303);
});

test('a phone that was asked just now waits, and the page says until when', async () => {
  const { code } = await link();
  const phone = shown(desk.newPhone());
  expect((await post(code, { phone })).status).toBe(303);
  const held = await post(code, { phone });
  expect(held.status).toBe(429);
  expect(held.text).toMatch(/this phone had a prompt a moment ago\. Try again \d\d:\d\d\./);
  expect(held.text).not.toContain(phone);
  expect(await paymentsOf(code)).toHaveLength(1);
  while (await desk.submitter.runOnce());
});

test('a form that another site sends rings nobody', async () => {
  const { code } = await link();
  const form = { phone: shown(desk.newPhone()), token: tokenIn((await get(`/pay/${code}`)).text) };
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'http://127.0.0.1:1' },
  ]) {
    const page = await post(code, form, headers);
    expect(page.status).toBe(403);
    expect(page.text).toContain('Another site sent this');
  }
  expect(await paymentsOf(code)).toEqual([]);
  expect((await post(code, form, { origin: 'https://shop.example' })).status).toBe(303);
});

test('where the browser names no site, the form’s own word decides: this link, this address, not for ever', async () => {
  const { code } = await link();
  const other = await link({ seconds: 8 * 24 * 3600 });
  const from = (address: string): Headers => ({ 'x-forwarded-for': address });
  const phone = shown(desk.newPhone());
  const here = from('203.0.113.9');
  const token = tokenIn((await get(`/pay/${other.code}`, here)).text);
  const refused = [
    await post(other.code, { phone }, here),
    await post(other.code, { phone, token: 'x' }, here),
    await post(other.code, { phone, token }, from('203.0.113.10')),
    await post(code, { phone, token }, here),
    await post(other.code, { phone, token: `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}` }, here),
  ];
  for (const page of refused) {
    expect(page.status).toBe(403);
    expect(page.text).toContain('Look it over and send it again.');
  }
  desk.clock.advance(8 * 3600);
  expect((await post(other.code, { phone, token }, here)).status).toBe(403);
  const fresh = tokenIn((await get(`/pay/${other.code}`, here)).text);
  expect((await post(other.code, { phone, token: fresh }, { ...here, origin: 'null' })).status).toBe(303);
});

test('one address is counted, whatever it claims before the proxy', async () => {
  desk.clock.advance(2 * 24 * 3600);
  const { code } = await link();
  const [most] = linkLimits.address;
  const statuses: number[] = [];
  for (let i = 0; i <= most.prompts; i++) {
    const headers = { ...own, 'x-forwarded-for': `10.9.9.${i}, 203.0.113.77` };
    statuses.push((await post(code, { phone: shown(desk.newPhone()) }, headers)).status);
  }
  expect(statuses.filter((status) => status === 303)).toHaveLength(most.prompts);
  expect(statuses.at(-1)).toBe(429);
  while (await desk.submitter.runOnce());
});

test('a proxy that names nobody makes no visitor wait for another one', async () => {
  desk.clock.advance(2 * 24 * 3600);
  const { code } = await link();
  const [most] = linkLimits.address;
  const unnamed = async () => {
    const body = new URLSearchParams({ phone: shown(desk.newPhone()) });
    const sent = { method: 'POST', headers: own, body, redirect: 'manual' } as const;
    return (await fetch(new URL(`/pay/${code}`, site.url), sent)).status;
  };
  for (let i = 0; i <= most.prompts; i++) expect(await unnamed()).toBe(303);
  while (await desk.submitter.runOnce());
});

test.each([
  ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::1', '198.51.100.1, 198.51.100.2', '198.51.100.2'],
  ['::ffff:127.0.0.1', 'nonsense', '127.0.0.1'],
  ['127.0.0.1', undefined, null],
  ['172.17.0.1', '198.51.100.1, 198.51.100.2', '198.51.100.2'],
  ['::ffff:10.0.0.9', '198.51.100.1', '198.51.100.1'],
  ['192.168.1.2', undefined, null],
  ['fd12:3456:789a::1', '198.51.100.1', '198.51.100.1'],
  ['172.32.0.1', '198.51.100.1', '172.32.0.1'],
  ['fe00::1', '198.51.100.1', 'fe00:0:0:0::/64'],
  ['::ffff:203.0.113.7', undefined, '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '198.51.100.1', '2001:db8:1:2::/64'],
  ['2001:db8::1', undefined, '2001:db8:0:0::/64'],
  ['127.0.0.1', '2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
])('%s with %s counts as %s', (remoteAddress, forwarded, expected) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  expect(addressKey({ headers, socket: { remoteAddress } as never })).toBe(expected);
});

test('too large a form, or another kind of one, is refused', async () => {
  const { code } = await link();
  expect((await post(code, { phone: '0'.repeat(5000) })).status).toBe(413);
  const json = { ...own, 'content-type': 'application/json' };
  expect((await post(code, { phone: '0712345678' }, json)).status).toBe(415);
  expect(await paymentsOf(code)).toEqual([]);
});

test('while the database is down the pages say what to do, and a page that follows goes on asking', async () => {
  const { code } = await link();
  const away = openDatabase({ connection: 'postgres://nobody@127.0.0.1:1/none', log: silentLog, max: 1 });
  const down = await open({ db: away.db });
  const form = await get(`/pay/${code}`, {}, down.url);
  const sent = await post(code, { phone: '0712345678' }, own, down.url);
  const followed = await get(`/pay/${code}/${'0'.repeat(64)}`, { 'accept-language': 'sw' }, down.url);
  for (const page of [form, sent, followed]) {
    expect(page.status).toBe(503);
    expect(page.headers.get('retry-after')).toBe('10');
    expect(page.headers.get('cache-control')).toBe('no-store');
  }
  expect(sent.text).toContain('We are down for a moment');
  expect(form.text).not.toContain('http-equiv="refresh"');
  expect(followed.text).toContain('Usilipe tena.');
  expect(followed.text).toContain('http-equiv="refresh"');
  await down.close();
  await away.close();
});
