/** Protects the first thing that anybody sees of Malipo: the desk in a browser, wide, narrow, dark, by keyboard, in Swahili. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { receiptOnThePage } from '../web/receipt-page.ts';
import {
  bubble,
  customer,
  enterPin,
  narrow,
  type OpenDesk,
  type OpenPlayground,
  openBrowser,
  openPlayground,
  shop,
  type,
  wide,
} from './browser.ts';
import { gatewaysOnThePage } from './page-gateways.ts';
import { whatsappOnThePage } from './page-whatsapp.ts';

// Whole programs are started here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** One playground for all: each part opens a page of its own, asks for other amounts, and finds what was before. */
let playground: OpenPlayground;
const browser: Browser | null = await openBrowser();
beforeAll(async () => {
  if (browser !== null) playground = await openPlayground(browser);
});
afterAll(async () => {
  await playground?.close();
  await browser?.close();
});

describe.skipIf(browser === null)('the desk', () => {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await playground.visit(wide);
  });
  afterAll(() => desk.close());

  test('a line, a press and a PIN make the card say paid, in place', async () => {
    const { page } = desk;
    await type(page, shop, '500 0712345678 lunch');
    await bubble(page, 'Send the PIN prompt').getByRole('button', { name: 'Send prompt' }).click();
    await bubble(page, 'waiting for the PIN').waitFor();
    await enterPin(page);
    await bubble(
      page,
      /✅ KES 500 · 0712 345 678 · P-\w{5}\s*Paid to Mama Njeri \d\d:\d\d\. M-Pesa [A-Z0-9]{10}/,
    ).waitFor();
    // The typed line's phone has no spaces; what else the desk tells the shop at its start may come at any moment.
    const cards = page
      .getByRole('log', { name: shop })
      .getByRole('article')
      .filter({ hasText: '0712 345 678' });
    expect(await cards.count()).toBe(1);
    await page.getByRole('tab', { name: /^SMS/ }).click();
    await page.getByText(/Ksh500\.00 paid to/).waitFor();
    await page.getByText(/^Paid, proved by/).waitFor();
  });

  test('the wire shows the request with a masked phone and no secret', async () => {
    const { page } = desk;
    const call = page.locator('details').filter({ hasText: '/api/stk_push.php' }).first();
    await call.waitFor();
    const text = (await call.textContent()) ?? '';
    expect(text).toContain('2547****678');
    expect(text).not.toMatch(/2547\d{8}|Bearer/);
  });

  test('every control has a name, and nothing was asked of another host', async () => {
    const { page, complaints } = desk;
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll('button, input, textarea, select, a')]
        .filter((one) => !(one instanceof HTMLInputElement && one.type === 'file'))
        .filter((one) => {
          const labels = 'labels' in one ? [...((one.labels as NodeList | null) ?? [])] : [];
          return !(one.getAttribute('aria-label') || one.textContent?.trim() || labels.length > 0);
        })
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    expect(nameless).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('it speaks Swahili when asked', async () => {
    const { page } = desk;
    const language = page.getByRole('combobox', { name: /Language|Lugha/ });
    await language.selectOption('sw');
    await page.getByRole('heading', { name: 'Iharibu' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('sw');
    await language.selectOption('en');
    await page.getByRole('heading', { name: 'Make it go wrong' }).waitFor();
  });

  test('in the dark it is dark', async () => {
    const { page } = desk;
    const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('a killed app is told, and the payment goes on', async () => {
    const { page, started } = desk;
    await type(page, shop, '70 0722000111 soda');
    await bubble(page, /KES 70[\s\S]*soda/)
      .getByRole('button', { name: 'Send prompt' })
      .click();
    await bubble(page, /KES 70[\s\S]*waiting for the PIN/).waitFor();
    await page.getByRole('button', { name: 'Kill the app' }).click();
    await page.getByText(/The app is (down|starting)/).waitFor();
    await page.getByText(/The app is (down|starting)/).waitFor({ state: 'hidden' });
    const prompt = started.desk.now().phones.find(({ msisdn }) => msisdn === '254722000111')?.prompts[0];
    await started.do({ action: 'pin', promptId: prompt?.id, pin: '1234' });
    await bubble(page, /KES 70[\s\S]*Paid to Mama Njeri/).waitFor();
  });

  test('a tab left open over a restart says so, and shows the desk again with its history', async () => {
    const { page } = desk;
    const banner = page.getByText('Reconnecting to the desk').waitFor();
    await playground.restart();
    await banner;
    await page.getByText('Reconnecting to the desk').waitFor({ state: 'hidden' });
    await bubble(page, /KES 70[\s\S]*Paid to Mama Njeri/).waitFor();
    await type(page, shop, '/help');
    await bubble(page, 'We never ask for your PIN').waitFor();
  });
});

// A second account changes the cards of WhatsApp, and a link that was opened asks only a stranger for the number.
describe.skipIf(browser === null)('on WhatsApp', () => whatsappOnThePage(() => playground));
describe.skipIf(browser === null)('at 375 px, beyond the first payment', () =>
  gatewaysOnThePage(() => playground),
);

describe.skipIf(browser === null)('on a phone of 375 px', () => {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await playground.visit(narrow);
    await desk.minutesPass();
  });
  afterAll(() => desk.close());

  test('the main job is done by keyboard alone, one phone at a time', async () => {
    const { page } = desk;
    const field = page.getByRole('textbox', { name: `Message: ${shop}` });
    await field.focus();
    await page.keyboard.type('250 0712345678 tea');
    await page.keyboard.press('Enter');
    const send = bubble(page, /KES 250[\s\S]*tea/).getByRole('button', { name: 'Send prompt' });
    await send.waitFor();
    await send.focus();
    await page.keyboard.press('Enter');
    await bubble(page, /KES 250[\s\S]*waiting for the PIN/).waitFor();
    const tab = page.getByRole('tab', { name: /^Customer/ });
    await tab.focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('textbox', { name: `Message: ${shop}` }).isVisible()).toBe(false);
    const pin = page.getByLabel('Enter M-PESA PIN');
    await pin.focus();
    await page.keyboard.type('1234');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'M-PESA' }).waitFor({ state: 'hidden' });
    // The card was edited where nobody looked.
    await page.getByRole('tab', { name: 'Shop , something new' }).click();
    await bubble(page, /✅ KES 250/).waitFor();
    await page.getByRole('tab', { name: 'Shop', exact: true }).waitFor();
  });

  test('nothing sticks out sideways, on any tab', async () => {
    const { page, complaints } = desk;
    for (const name of [/^Shop/, /^Customer/, /^Boss/, /^New here/, /^Story/]) {
      await page.getByRole('tab', { name }).first().click();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(over, String(name)).toBeLessThanOrEqual(0);
    }
    expect(complaints).toEqual([]);
  });

  test('what the desk refuses is said beside the chips', async () => {
    const { page } = desk;
    await page.getByRole('tab', { name: /^Story/ }).click();
    await page.route('**/desk/do', (route) => route.fulfill({ json: { ok: false, error: 'Not now.' } }));
    await page.getByRole('button', { name: 'Wrong PIN' }).click();
    const said = page.getByRole('region', { name: 'Make it go wrong' }).getByRole('status');
    await said.filter({ hasText: 'Not now.' }).waitFor();
    await page.unroute('**/desk/do');
    await page.getByRole('button', { name: 'Wrong PIN' }).click();
    await said.filter({ hasText: /^$/ }).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Wrong PIN', pressed: true }).click();
  });

  test('somebody new opens a business, and the desk connects it', async () => {
    const { page } = desk;
    await page
      .getByRole('tab', { name: /^New here/ })
      .first()
      .click();
    await type(page, 'Otieno, new here', '/start');
    await page.getByRole('button', { name: 'A business' }).click();
    await page.getByText('What is your business called?').waitFor();
    await type(page, 'Otieno, new here', 'Otieno Fish');
    await page.getByText('Otieno Fish is saved.').waitFor();
    await page.getByText('Otieno Fish is ready.').waitFor();
  });

  test('the customer links the own phone', async () => {
    const { page } = desk;
    await page.getByRole('tab', { name: /^Customer/ }).click();
    await page.getByRole('tab', { name: /^Telegram/ }).click();
    await type(page, customer, '/start');
    await page.getByRole('button', { name: 'A customer' }).click();
    await page.getByRole('button', { name: 'Share my number' }).click();
    await page.getByText('Receipts for 0712 345 678 will come here.').waitFor();
  });
});

describe.skipIf(browser === null)('the receipt', () => receiptOnThePage(() => playground));
