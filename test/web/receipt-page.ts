/**
 * Protects the receipt as people meet it: in Chromium, on the playground, from the button over the document to the page, on a
 * small phone, in both languages, in the dark and on paper.
 */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bubble,
  enterPin,
  type OpenDesk,
  type OpenPlayground,
  shop,
  type,
  wide,
} from '../sandbox/browser.ts';
import { readPdf } from '../support/pdf.ts';

/** Where the pictures go that a person looks at; none are taken without it. */
const shots = process.env.SHOTS;

export function receiptOnThePage(playground: () => OpenPlayground): void {
  let desk: OpenDesk;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    desk = await playground().visit(wide);
    await desk.minutesPass();
    page = await playground().browser.newPage({ viewport: { width: 375, height: 740 }, locale: 'en-KE' });
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(desk.started.url)) complaints.push(request.url());
    });
  });
  afterAll(async () => {
    await page.close();
    await desk.close();
  });

  const shoot = async (name: string): Promise<void> => {
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
  };

  test('the button brings a document that can be saved, and a link that opens the page', async () => {
    await type(desk.page, shop, '1200 0712345678 lunch for the whole office');
    await bubble(desk.page, /KES 1,200[\s\S]*lunch/)
      .getByRole('button', { name: 'Send prompt' })
      .click();
    await enterPin(desk.page);
    const paid = bubble(desk.page, /✅ KES 1,200/);
    const [ref] = /P-\w{5}/.exec(await paid.innerText()) ?? [];
    await paid.getByRole('button', { name: 'Receipt' }).click();
    const sent = bubble(desk.page, `receipt-${ref}.pdf`);
    const saved = desk.page.waitForEvent('download');
    await sent.getByRole('link', { name: /\.pdf$/ }).click();
    const pdf = await readFile(await (await saved).path());
    expect(readPdf(pdf).text).toContain('KES 1,200');
    if (shots !== undefined) await desk.page.screenshot({ path: `${shots}/chat.png` });
    const link = sent.getByRole('link', { name: /\/receipt\// });
    const opened = desk.page.waitForEvent('popup');
    await link.click();
    const popup = await opened;
    await popup.getByRole('heading', { name: 'KES 1,200' }).waitFor();
    const address = popup.url();
    await popup.close();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/receipt\/[a-f0-9]{32}$/);
    await page.goto(address);
  });

  test('it fits a small phone, in English and Swahili, by the switch', async () => {
    await page.getByText('Payment receipt, not a tax invoice.').waitFor();
    expect(await overflow(page)).toBe(0);
    await shoot('en-375');
    await page.getByRole('link', { name: 'Kiswahili' }).click();
    await page.getByText('Risiti ya malipo, si ankara ya kodi.').waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('sw');
    expect(await overflow(page)).toBe(0);
    await shoot('sw-375');
    await page.setViewportSize({ width: 320, height: 600 });
    expect(await overflow(page)).toBe(0);
    await page.setViewportSize({ width: 375, height: 740 });
    const heights = await page
      .getByRole('navigation')
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().height));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  });

  test('in the dark it is dark, and the code stays dark on white', async () => {
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
    expect(await page.locator('.scan svg').evaluate((svg) => getComputedStyle(svg).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    await shoot('sw-dark');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('printed, it is one page with the code and without the switch', async () => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.locator('.scan svg').isVisible()).toBe(true);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    await shoot('print');
    for (const format of ['A4', 'A6']) {
      const paper = (await page.pdf({ format })).toString('latin1');
      expect([format, paper.match(/\/Type \/Page\b(?!s)/g)?.length]).toEqual([format, 1]);
    }
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  });

  test('a wrong address looks like the rest, and nothing was fetched from elsewhere or refused by its own policy', async () => {
    const before = [...complaints];
    const answer = await page.goto(`${desk.started.url}/receipt/${'0'.repeat(32)}`);
    expect(answer?.status()).toBe(404);
    await page.getByRole('heading', { name: 'There is no such receipt' }).waitFor();
    await shoot('not-found');
    expect(before).toEqual([]);
    expect(complaints.filter((line) => !line.includes('404'))).toEqual([]);
    expect(desk.complaints).toEqual([]);
  });
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
