/** Protects honesty on bad days: every fault that the desk can arm ends in a card that says what is so, and no more. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  bubble,
  enterPin,
  type OpenDesk,
  type OpenPlayground,
  openBrowser,
  openPlayground,
  shop,
  type,
  wide,
} from './browser.ts';

const browser: Browser | null = await openBrowser();
afterAll(() => browser?.close());

const longEnough = 240_000;

/** No two of them ask for the same amount, by which their cards are told apart: a card of one that ended holds no note. */
interface Sale {
  readonly amount: number;
  readonly phone: '0712345678' | '0722000111';
  readonly note: string;
}

const shown = (amount: number, note: string): Sale => ({ amount, phone: '0712345678', note });
/** To the phone that the page does not show. */
const hidden = (amount: number, note: string): Sale => ({ amount, phone: '0722000111', note });

const notPaid = /Not paid\.\s*No money moved\./;
const paid = /Paid to Mama Njeri/;
const waiting = /waiting for the PIN/;

describe.skipIf(browser === null)('on a bad day', () => {
  let playground: OpenPlayground;
  let desk: OpenDesk;
  beforeAll(async () => {
    playground = await openPlayground(browser as Browser);
    desk = await playground.visit(wide);
  }, longEnough);
  afterAll(() => playground.close());
  afterEach(() => expect(desk.complaints).toEqual([]));

  /** Arms the fault, asks, and presses Send. */
  async function ask(fault: string, { amount, phone, note }: Sale): Promise<void> {
    const { page } = desk;
    await desk.minutesPass();
    await page.getByRole('button', { name: fault, exact: true }).click();
    await page.getByRole('button', { name: fault, exact: true, pressed: true }).waitFor();
    await type(page, shop, `${amount} ${phone} ${note}`);
    await bubble(page, new RegExp(`KES ${amount}[\\s\\S]*${note}`))
      .getByRole('button', { name: 'Send prompt' })
      .click();
  }

  const said = ({ amount }: Sale, text: RegExp) => new RegExp(`KES ${amount} [\\s\\S]*${text.source}`);
  const card = (sale: Sale, text: RegExp) => bubble(desk.page, said(sale, text));

  async function pinOnHidden(): Promise<void> {
    const prompt = await desk.started.desk.until('a prompt on the other phone', (state) =>
      state.phones.find(({ msisdn }) => msisdn === '254722000111')?.prompts.at(0),
    );
    await desk.started.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
  }

  test(
    'the customer cancels, mistypes the PIN or has no money: not paid, and it can be sent again',
    async () => {
      const [cancelled, mistyped, poor] = [shown(300, 'beans'), hidden(310, 'maize'), shown(320, 'sugar')];
      await ask('Customer cancels', cancelled);
      await card(cancelled, notPaid).waitFor();
      await ask('Wrong PIN', mistyped);
      await card(mistyped, notPaid).waitFor();
      await card(mistyped, notPaid).getByRole('button', { name: 'Send again' }).click();
      await card(mistyped, /M-Pesa refuses the same amount twice in 2 minutes/).waitFor();
      await ask('No money', poor);
      await card(poor, notPaid).waitFor();
    },
    longEnough,
  );

  test(
    'the callback is lost, or late: a look-up tells',
    async () => {
      const [lost, late] = [shown(350, 'onions'), hidden(360, 'cabbage')];
      await ask('Lose the callback', lost);
      await card(lost, waiting).waitFor();
      await enterPin(desk.page);
      await ask('Callback late', late);
      await pinOnHidden();
      for (const sale of [lost, late]) await card(sale, paid).waitFor();
    },
    longEnough,
  );

  test(
    'the callback is forged, or the phone is off: it is not believed, and a look-up tells',
    async () => {
      const [forged, unreached] = [shown(370, 'rice'), hidden(380, 'eggs')];
      await ask('Forged callback', forged);
      await card(forged, waiting).waitFor();
      await enterPin(desk.page);
      await desk.page.locator('details').filter({ hasText: '401' }).first().waitFor();
      await ask('Phone off', unreached);
      await card(forged, paid).waitFor();
      await card(unreached, notPaid).waitFor();
    },
    longEnough,
  );

  test(
    'the callback comes twice, and Telegram is down: one payment, told when Telegram is back',
    async () => {
      const twice = shown(390, 'salt');
      await ask('Callback twice', twice);
      await card(twice, waiting).waitFor();
      await desk.page.getByRole('button', { name: /^Telegram down 20 s/ }).click();
      await enterPin(desk.page);
      await card(twice, paid).waitFor();
      const told = desk.page.getByRole('log', { name: shop }).getByRole('article');
      expect(await told.filter({ hasText: said(twice, paid) }).count()).toBe(1);
    },
    longEnough,
  );

  test(
    'the gateway is slow: the card says what is known meanwhile, and then that it is paid',
    async () => {
      const slow = shown(400, 'milk');
      await ask('Gateway slow', slow);
      await card(slow, /Sending the prompt|waiting for the PIN|We do not know yet/).waitFor();
      await enterPin(desk.page);
      await card(slow, paid).waitFor();
    },
    longEnough,
  );

  test(
    'the gateway drops the connection after accepting, or says 500: we do not know, until the gateway tells',
    async () => {
      const [dropped, broken] = [shown(330, 'bread'), hidden(340, 'flour')];
      await ask('Drop after accepting', dropped);
      await card(dropped, /We do not know yet\. Send no other prompt|waiting for the PIN/).waitFor();
      await enterPin(desk.page);
      await card(dropped, paid).waitFor();
      await ask('Gateway says 500', broken);
      const unknown = card(broken, /We do not know yet\. Send no other prompt\. Next check \d\d:\d\d/);
      await unknown.waitFor();
      expect(await unknown.getByRole('button').count()).toBe(0);
    },
    longEnough,
  );
});
