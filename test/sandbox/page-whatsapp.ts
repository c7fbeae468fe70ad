/** Protects the second channel on the desk: a whole sale there, from a list to a receipt outside the 24 hours, at both widths. */
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
  wide,
} from './browser.ts';

export function whatsappOnThePage(playground: () => OpenPlayground): void {
  let desk: OpenDesk;
  beforeAll(async () => {
    desk = await playground().visit(wide);
  });
  afterAll(() => desk.close());

  const chatOf = (person: string) => desk.page.getByRole('group', { name: `Chat: ${person}` });
  const said = (person: string) => desk.page.getByRole('log', { name: person });
  const sticksOut = () => desk.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

  test('a phone is switched, the heading says so, and it is remembered', async () => {
    const { page } = desk;
    await chatOf(shop).getByRole('button', { name: 'WhatsApp' }).click();
    const all = page.getByRole('combobox', { name: 'Chat' });
    expect(await all.locator('option:checked').textContent()).toBe('Telegram, WhatsApp');
    await page.reload();
    await chatOf(shop).getByRole('button', { name: 'WhatsApp', pressed: true }).waitFor();
    await all.selectOption('whatsapp');
    await page.getByRole('tab', { name: /^WhatsApp/ }).click();
    await type(page, customer, 'start');
    await said(customer).getByRole('button', { name: 'A customer' }).click();
    await said(customer).getByRole('button', { name: 'Share my number' }).click();
    await said(customer).getByText('Receipts for 0712 345 678 will come here.').waitFor();
  });

  test('a row of a list begins a sale, by keyboard', async () => {
    const { page } = desk;
    await type(page, shop, 'menu');
    const choose = bubble(page, 'We never ask for your PIN').getByRole('button', { name: 'Choose' });
    await choose.press('Enter');
    const list = page.getByRole('dialog', { name: 'Choose' });
    expect(await list.getByRole('button').count()).toBe(10);
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'hidden' });
    await choose.press('Enter');
    await list.getByRole('button', { name: 'Ask for a payment' }).press('Enter');
    await bubble(page, 'How much?').waitFor();
    await type(page, shop, '60 0712345678 mandazi');
    await bubble(page, /KES 60[\s\S]*mandazi/)
      .getByRole('button', { name: 'Send prompt' })
      .waitFor();
  });

  test('24 hours later the receipt is a template, which can be answered', async () => {
    const { page } = desk;
    const later = page.getByRole('button', { name: '24 hours pass for all' });
    await later.click();
    await page.getByText('only approved templates arrive').first().waitFor();
    await desk.minutesPass();
    await bubble(page, /KES 60[\s\S]*mandazi/)
      .getByRole('button', { name: 'Send prompt' })
      .click();
    await enterPin(page);
    await bubble(page, /✅ KES 60[\s\S]*Paid to Mama Njeri/).waitFor();
    // An edit is a new message: what the card said before stands above.
    await said(shop).getByText('waiting for the PIN').waitFor();
    const receipt = said(customer).getByRole('article').filter({ hasText: 'Your payment of KES 60' });
    await receipt.getByTitle('read').waitFor();
    await receipt.getByRole('button', { name: 'It was me' }).click();
    await said(customer).getByText('Mama Njeri now knows: It was me.').waitFor();
    expect(await page.getByText('only approved templates arrive').count()).toBe(0);
  });

  test('at 375 px nothing sticks out, nor does an open list', async () => {
    const { page, complaints } = desk;
    await page.setViewportSize(narrow);
    for (const name of [/^Shop/, /^Customer/, /^Boss/, /^New here/, /^Story/]) {
      await page.getByRole('tab', { name }).first().click();
      expect(await sticksOut(), String(name)).toBeLessThanOrEqual(0);
    }
    await page.getByRole('tab', { name: /^Shop/ }).click();
    await bubble(page, 'We never ask for your PIN').getByRole('button', { name: 'Choose' }).click();
    await page.getByRole('dialog', { name: 'Choose' }).getByText('Settings').waitFor();
    expect(await sticksOut()).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
  });
}
