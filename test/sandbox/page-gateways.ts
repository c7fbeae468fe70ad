/** Protects what a newcomer finds beyond the first payment, on a phone: another gateway, the receipt, the payment link. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bubble,
  customer,
  enterPin,
  narrow,
  type OpenDesk,
  type OpenPlayground,
  shop,
  type,
} from './browser.ts';

export function gatewaysOnThePage(playground: () => OpenPlayground): void {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await playground().visit(narrow);
  });
  afterAll(() => desk.close());

  const go = (name: RegExp) => desk.page.getByRole('tab', { name }).first().click();
  const sticksOut = () => desk.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

  test('the operator connects another gateway from a menu, which says what it is like', async () => {
    const { page } = desk;
    await go(/^Story/);
    const panel = page.getByRole('region', { name: 'Gateways of the shop' });
    await panel.getByRole('button', { name: 'Connect another gateway' }).press('Enter');
    const offered = panel.getByRole('button', { name: /Connect\b(?! another)/ });
    expect(await offered.allInnerTexts()).toEqual([
      expect.stringMatching(/^SmartPay\s+Connect\s+Calls back unsigned/),
      expect.stringMatching(/^BOSMI\s+Connect\s+Never calls back, and takes 07… numbers only/),
      expect.stringMatching(/^SayaPay\s+Connect/),
      expect.stringMatching(/^Daraja PHP\s+Connect/),
    ]);
    expect(await sticksOut()).toBeLessThanOrEqual(0);
    await panel.getByRole('button', { name: /^SmartPay/ }).click();
    await panel.getByText('✓ SmartPay').waitFor();
    expect(await panel.getByRole('button', { name: /^SmartPay ✓ Connected/ }).isDisabled()).toBe(true);
    await panel.getByText('Now the shop chooses').waitFor();
    expect(await sticksOut()).toBeLessThanOrEqual(0);
  });

  test('a refusal is said in the panel', async () => {
    const { page } = desk;
    const panel = page.getByRole('region', { name: 'Gateways of the shop' });
    await page.route('**/desk/do', (route) => route.fulfill({ json: { ok: false, error: 'Not now.' } }));
    await panel.getByRole('button', { name: /^BOSMI/ }).click();
    await panel.getByRole('status').filter({ hasText: 'Not now.' }).waitFor();
    await go(/^Customer/);
    await page.getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('status').filter({ hasText: 'Not now.' }).filter({ visible: true }).waitFor();
    await page.unroute('**/desk/do');
  });

  test('a payment through SmartPay is told with its name, and its receipt opens as PDF and as page', async () => {
    const { page } = desk;
    await go(/^Shop/);
    await desk.minutesPass();
    await type(page, shop, '510 0712345678 lunch');
    await bubble(page, /KES 510[\s\S]*lunch/)
      .getByRole('button', { name: 'Another account' })
      .click();
    await bubble(page, /KES 510[\s\S]*Through .*SP\d+/)
      .getByRole('button', { name: 'Send prompt' })
      .click();
    await go(/^Customer/);
    await enterPin(page);
    await go(/^Story/);
    await page.getByText(/^Paid, proved by a look-up at SmartPay/).waitFor();
    await go(/^Shop/);
    await bubble(page, /KES 510[\s\S]*Paid to Mama Njeri/)
      .getByRole('button', { name: 'Receipt' })
      .click();
    const paper = bubble(page, /receipt-P-\w{5}\.pdf/);
    await paper.waitFor();
    const [pdf, receipt] = await paper
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
    const file = await page.request.get(pdf ?? '');
    expect(file.headers()).toMatchObject({ 'content-type': 'application/pdf' });
    expect(file.headers()['content-disposition']).toMatch(/^inline; .*\.pdf$/);
    expect((await file.body()).subarray(0, 5).toString()).toBe('%PDF-');
    expect(await (await page.request.get(receipt ?? '')).text()).toContain('Mama Njeri');
  });

  test('a payment link shows its picture and its words, and its Telegram half opens on the customer’s phone', async () => {
    const { page, complaints } = desk;
    const held = Promise.withResolvers<void>();
    await page.route('**/desk/file/*', async (route) => {
      await held.promise;
      await route.continue();
    });
    await type(page, shop, '/link 300 tea');
    const link = bubble(page, 'Payment link');
    await link.getByRole('button', { name: /t\.me/ }).waitFor();
    // The picture comes after the words, which are still to be seen then.
    held.resolve();
    await page.waitForFunction(() => {
      const list = document.querySelector('.place[data-name="shop"] .messages');
      const picture = list?.querySelector('img');
      if (!list || !picture?.naturalHeight) return false;
      return list.scrollHeight - list.scrollTop - list.clientHeight < 2;
    });
    await link.getByRole('button', { name: /t\.me/ }).click();
    await page.getByText('Opened on the customer’s phone').waitFor();
    await go(/^Customer/);
    await page.getByRole('tab', { name: /^Telegram/ }).click();
    await page
      .getByRole('log', { name: customer })
      .getByText(/Mama Njeri asks for KES 300/)
      .waitFor();
    expect(complaints).toEqual([]);
  });
}
