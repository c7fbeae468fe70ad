/**
 * Protects paying by a link as people meet it: in Chromium on a small phone, with and without JavaScript, in both
 * languages, from the form to the receipt; and that a page of somebody else cannot send the form.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/ops/log.ts';
import { createServer } from '../../src/ops/server.ts';
import { closeLink, createLink, lookAtLink } from '../../src/payments/links.ts';
import { webRoutes } from '../../src/web/routes.ts';
import { type Desk, openDesk } from '../payments/desk.ts';
import { openBrowser } from '../sandbox/browser.ts';

/** Where the pictures go that a person looks at; none are taken without it. */
const shots = process.env.SHOTS;

const browser: Browser | null = await openBrowser();
afterAll(() => browser?.close());

describe.skipIf(browser === null)('a payment link', () => {
  let desk: Desk;
  let url = '';
  let close: () => Promise<void>;
  const complaints: string[] = [];
  beforeAll(async () => {
    desk = await openDesk();
    const server = createServer(silentLog, [
      webRoutes({
        ...desk.deps,
        db: desk.db,
        asked: () => undefined,
        doors: { telegramName: () => 'malipo_bot', whatsappNumber: () => '254700000001' },
        get publicUrl() {
          return url;
        },
      }),
    ]);
    url = await server.listen({ host: '127.0.0.1', port: 0 });
    close = () => server.close();
  });
  afterAll(async () => {
    await close();
    await desk.close();
  });

  async function link(what: { amountCents?: bigint | null; once?: boolean; note?: string } = {}) {
    const { amountCents = 120_000n, once = false, note = '<b>Lunch</b> for the whole office' } = what;
    const expiresAt = new Date(desk.clock.now().getTime() + 3_600_000);
    const made = { businessId: desk.businessId, createdBy: desk.cashier, amountCents, note, once, expiresAt };
    return desk.inTx(async (tx) => lookAtLink(tx, desk.deps, await createLink(tx, desk.deps, made)));
  }

  async function openPage(locale: string, javaScriptEnabled: boolean): Promise<Page> {
    const context = await (browser as Browser).newContext({
      viewport: { width: 375, height: 740 },
      locale,
      javaScriptEnabled,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) complaints.push(request.url());
    });
    return page;
  }

  /** Takes a picture, and finds nothing that needs scrolling sideways. */
  async function look(page: Page, name: string): Promise<void> {
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
    const width = await page.locator('main').evaluate((main) => {
      return main.ownerDocument.documentElement.scrollWidth;
    });
    expect(width).toBeLessThanOrEqual(375);
  }

  /** The prompt is on the phone; the ones before it have ended. */
  const attempt = async () => {
    await desk.submitter.runOnce();
    return desk.db
      .selectFrom('attempt')
      .select('id')
      .where('state', '=', 'prompted')
      .executeTakeFirstOrThrow();
  };

  test('without JavaScript, in English: the form, the prompt, and the receipt by itself', async () => {
    const page = await openPage('en-KE', false);
    const { code } = await link();
    await page.goto(`${url}/pay/${code}`);
    await page.getByRole('heading', { name: 'Pay Mama Njeri' }).waitFor();
    await page.getByText('<b>Lunch</b> for the whole office').waitFor();
    expect(await page.getByRole('link', { name: 'Open in Telegram' }).getAttribute('href')).toContain(code);
    await look(page, 'en-form');
    await page.getByLabel('Your M-Pesa phone').fill('12');
    await page.getByRole('button').click();
    await page.getByRole('alert').getByText('We could not read this phone.').waitFor();
    await look(page, 'en-problem');
    await page.getByLabel('Your M-Pesa phone').fill('0711 222 333');
    await page.getByRole('button').click();
    await page.getByText('Sending the prompt').waitFor();
    const { id } = await attempt();
    await page.getByText('Waiting for the PIN').waitFor();
    await page.getByText('2547****333').waitFor();
    await look(page, 'en-waiting');
    await desk.told(id, { receipt: { number: 'TFH774CBH1', final: true } });
    await page.getByText('Paid', { exact: true }).waitFor();
    await look(page, 'en-paid');
    await page.getByRole('link', { name: 'Receipt' }).click();
    await page.getByText('TFH774CBH1').first().waitFor();
    await page.context().close();
    expect(complaints.filter((one) => !one.includes('422'))).toEqual([]);
  }, 60_000);

  test('with JavaScript, in Swahili: an amount of one’s own, a no, another try, and a link that is closed', async () => {
    const page = await openPage('sw-KE', true);
    const { code, id: linkId } = await link({ amountCents: null, note: '' });
    await page.goto(`${url}/pay/${code}`);
    await page.getByRole('heading', { name: 'Lipa Mama Njeri' }).waitFor();
    await look(page, 'sw-form');
    await page.getByLabel('Kiasi kwa KES').fill('750');
    await page.getByLabel('Simu yako ya M-Pesa').fill('0711222444');
    await page.keyboard.press('Enter');
    await page.getByText('Ombi linatumwa').waitFor();
    const { id } = await attempt();
    await desk.failed(id);
    await page.getByText('Hakuna pesa zilizotoka.').waitFor();
    await look(page, 'sw-cancelled');
    await page.getByRole('link', { name: 'Jaribu tena' }).click();
    await page.getByRole('heading', { name: 'Lipa Mama Njeri' }).waitFor();
    await desk.inTx((tx) => closeLink(tx, desk.deps, linkId, desk.cashier));
    await page.getByLabel('Kiasi kwa KES').fill('750');
    await page.getByLabel('Simu yako ya M-Pesa').fill('0711222444');
    await page.getByRole('button').click();
    await page.getByRole('heading', { name: 'Kiungo hiki kimefungwa' }).waitFor();
    await look(page, 'sw-closed');
    await page.getByRole('link', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'This link is closed' }).waitFor();
    await page.context().close();
  }, 60_000);

  test('what is touched is large enough', async () => {
    const page = await openPage('en-KE', true);
    const { code } = await link({ amountCents: null });
    await page.goto(`${url}/pay/${code}`);
    const heights = await page
      .locator('input:not([type=hidden]), button, nav a')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    expect(heights.length).toBe(4);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    await page.context().close();
  });

  test('the form on a page of somebody else rings nobody', async () => {
    const { code, id } = await link();
    const page = await (browser as Browser).newPage();
    const token = /name="token" value="([^"]+)"/.exec(await (await fetch(`${url}/pay/${code}`)).text())?.[1];
    await page.setContent(
      `<form method="post" action="${url}/pay/${code}"><input name="phone" value="0711222555"><input name="token" value="${token}"><button>Win</button></form>`,
    );
    await page.getByRole('button').click();
    await page.getByRole('alert').getByText('Another site sent this').waitFor();
    expect(await desk.db.selectFrom('link_use').selectAll().where('link_id', '=', id).execute()).toEqual([]);
    await page.close();
  });
});
