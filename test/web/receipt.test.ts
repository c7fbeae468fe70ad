/** Protects whoever holds a receipt: the page says what is so now, to them alone, and nothing that they must not see. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { PaymentId } from '../../src/domain/ids.ts';
import { silentLog } from '../../src/ops/log.ts';
import { receiptUrl } from '../../src/payments/receipt-pages.ts';
import { code, type Desk, openDesk } from '../payments/desk.ts';
import { giveBack } from '../payments/refund.ts';
import { openSite, wholePhone } from './site.ts';

let desk: Desk;
let site: Awaited<ReturnType<typeof openSite>>;
beforeAll(async () => {
  desk = await openDesk();
  site = await openSite({ ...desk.deps, db: desk.db });
});
afterAll(async () => {
  await site.close();
  await desk.close();
});

let receipts = 0;
const nextCode = (): string => `TFH774C${String(++receipts).padStart(3, '0')}`;

async function paid(amountKes = 1200, receipt = code(nextCode())) {
  const { id, attempt } = await desk.prompted(amountKes);
  await desk.told(attempt, { receipt });
  return { id, attempt, number: receipt.number, path: await pathOf(id) };
}

async function pathOf(id: PaymentId): Promise<string> {
  const url = await desk.inTx((tx) => receiptUrl(tx, desk.deps, id));
  if (url === null) throw new Error('no receipt page');
  return new URL(url).pathname;
}

describe('what it says', () => {
  test('paid: every fact of a receipt, in English', async () => {
    const { id, number, path } = await paid();
    const { ref } = await desk.db
      .selectFrom('payment')
      .select('ref')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const { status, text, html } = await site.get(path);
    expect(status).toBe(200);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(text).toContain(
      `Paid KES 1,200 to Mama Njeri M-Pesa receipt ${number} Our number ${ref} Paid at 21 Nov 2026 14:31 EAT Paid by 2547****001 For lunch Through Till 1 Payment receipt, not a tax invoice.`,
    );
    expect(text).toContain('Scan to check this receipt.');
    expect(html).toContain(`<svg xmlns="http://www.w3.org/2000/svg"`);
    expect(html).not.toMatch(wholePhone);
  });

  test('in Swahili, by the switch, by the browser, and otherwise by the shop', async () => {
    const { path } = await paid();
    const sw = await site.get(`${path}?lang=sw`, { 'accept-language': 'en' });
    expect(sw.html).toContain('<html lang="sw">');
    expect(sw.text).toMatch(/Imelipwa KES 1,200 kwa Mama Njeri .* Risiti ya malipo, si ankara ya kodi\./);
    const htmlOf = async (query: string, languages: string) =>
      (await site.get(`${path}${query}`, { 'accept-language': languages })).html;
    expect(await htmlOf('', 'fr, sw-KE;q=0.9, en;q=0.8')).toContain('<html lang="sw">');
    expect(await htmlOf('', 'sw;q=0, de')).toContain('<html lang="en">');
    expect(await htmlOf('?lang=fr&lang=sw', 'en')).toContain('<html lang="en">');
    await desk.db.updateTable('business').set({ locale: 'sw' }).where('id', '=', desk.businessId).execute();
    expect(await htmlOf('', 'de')).toContain('<html lang="sw">');
    await desk.db.updateTable('business').set({ locale: 'en' }).where('id', '=', desk.businessId).execute();
    expect(sw.html).toContain('<a href="?lang=en" lang="en" hreflang="en"');
  });

  test('the number follows, then is where the customer finds it, then is there; the stand-in never', async () => {
    const { attempt, path } = await paid(700, { number: 'RCHK99', final: false });
    const follows = await site.get(path);
    expect(follows.text).toContain('Paid KES 700');
    expect(follows.text).toContain('M-Pesa receipt The number follows');
    desk.clock.advance(601);
    const owed = await site.get(path);
    expect(owed.text).toContain('M-Pesa receipt See your M-Pesa SMS');
    expect(owed.html + follows.html).not.toContain('RCHK');
    const number = nextCode();
    await desk.told(attempt, { receipt: code(number), trust: 'lookup' });
    expect((await site.get(path)).text).toContain(`M-Pesa receipt ${number}`);
  });

  test('under review: paid twice shows both numbers, and all that came', async () => {
    const { id, attempt } = await desk.prompted(500);
    await desk.failed(attempt);
    const second = await desk.again(id);
    const [a, b] = [nextCode(), nextCode()];
    await desk.told(second, { receipt: code(a) });
    await desk.told(attempt, { receipt: code(b) });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: 'twice' });
    const { text } = await site.get(await pathOf(id));
    expect(text).toContain('Under review KES 1,000 to Mama Njeri');
    expect(text).toContain('This page shows the outcome');
    expect(text).toContain(`${b}, ${a}`);
  });

  test('refunded in part, then whole', async () => {
    const { id, path } = await paid(900);
    await giveBack(desk.db, desk.deps, id, 40_000n, 'reversed');
    expect((await site.get(path)).text).toContain('Paid KES 900');
    await giveBack(desk.db, desk.deps, id, 30_000n);
    expect((await site.get(path)).text).toMatch(
      /Refunded in part KES 900 .* refunded KES 300\..* Refunded KES 300/,
    );
    await giveBack(desk.db, desk.deps, id, 60_000n);
    const { text } = await site.get(`${path}?lang=sw`);
    expect(text).toMatch(/Pesa zimerudishwa KES 900 .* Zimerudishwa KES 900/);
  });

  test('scripts in names and notes stay text, and a phone in a note is masked', async () => {
    const { id, path } = await paid();
    const nasty = `"><script>alert('x')</script>&amp;`;
    await desk.db
      .updateTable('payment')
      .set({ note: `${nasty} call 0712 345 678 or +254 733-000-222` })
      .where('id', '=', id)
      .execute();
    await desk.db.updateTable('business').set({ name: nasty }).where('id', '=', desk.businessId).execute();
    const { html, text } = await site.get(path);
    await desk.db
      .updateTable('business')
      .set({ name: 'Mama Njeri' })
      .where('id', '=', desk.businessId)
      .execute();
    expect(html).not.toMatch(/<script|alert\('x'\)/);
    expect(text).toContain(`to ${nasty}`);
    expect(text).toContain(`For ${nasty} call 07****678 or`);
    expect(html).not.toMatch(wholePhone);
  });
});

describe('how it is sent', () => {
  test('nobody keeps, frames, lists or learns of it, and nothing runs in it', async () => {
    const { path } = await paid();
    const { headers, html } = await site.get(path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
    });
    const fetched = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/g)].map(([, to]) => to);
    expect(fetched).toEqual(['?lang=sw']);
    expect(html).not.toMatch(/ style=| on\w+=/);
  });
});

describe('in the way', () => {
  test.each([
    'f'.repeat(32),
    'F'.repeat(32),
    '',
    'a/b',
    '../../etc/passwd',
    encodeURIComponent("' or 1=1 --"),
    'x'.repeat(3000),
    '%00',
  ])('no receipt is at /receipt/%s', async (what) => {
    const { status, html, text, headers } = await site.get(`/receipt/${what}`);
    if (what.includes('..')) return void expect(status).toBe(404);
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(text).toContain('There is no such receipt');
    expect(html).toContain('noindex');
  });

  test('one look-up is made for what is no code, as for what is one', async () => {
    const asked: string[] = [];
    const vault = {
      ...desk.deps.vault,
      hmac: (purpose: string, value: string) => {
        asked.push(value);
        return desk.deps.vault.hmac(purpose as 'receipt', value);
      },
    };
    const other = await openSite({ ...desk.deps, vault, db: desk.db });
    await other.get('/receipt/nothing');
    await other.get(`/receipt/${'f'.repeat(32)}`);
    await other.close();
    expect(asked).toEqual(['0'.repeat(32), 'f'.repeat(32)]);
  });

  test('the database is down: a page that says so, and when to come back', async () => {
    const away = openDatabase({ connection: 'postgres://nobody@127.0.0.1:1/none', log: silentLog });
    const down = await openSite({ ...desk.deps, db: away.db });
    const { path } = await paid();
    const en = await down.get(path);
    const sw = await down.get(`${path}?lang=sw`);
    await down.close();
    await away.close();
    expect([en.status, en.headers.get('retry-after')]).toEqual([503, '10']);
    expect(en.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(en.text).toContain('We are down for a moment Nothing is lost.');
    expect(sw.text).toContain('Huduma imesimama kidogo');
    expect((await site.get(path)).status).toBe(200);
  });

  test('a fault of ours tells nothing of the inside', async () => {
    const db = new Proxy(desk.db, {
      get: () => () => {
        throw new Error('broken-deep-within');
      },
    });
    const broken = await openSite({ ...desk.deps, db });
    const { status, html, text } = await broken.get(`/receipt/${'f'.repeat(32)}`);
    await broken.close();
    expect(status).toBe(500);
    expect(text).toContain('Something broke on our side');
    expect(html).not.toContain('broken-deep');
  });
});
