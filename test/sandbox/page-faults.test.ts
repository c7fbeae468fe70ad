/** Protects honesty on bad days: every fault that the desk can arm ends in a card that says what is so, and no more. */
import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { bubble, enterPin, type OpenDesk, openBrowser, openDesk, shop, type, wide } from './browser.ts';

const browser: Browser | null = await openBrowser();
afterAll(() => browser?.close());

const shown = '0712345678';
const other = '0722000111';
const longEnough = 120_000;

/** Arms the fault, asks, and presses Send. Different notes tell the cards apart. */
async function ask(desk: OpenDesk, fault: string, phone: string, note: string): Promise<void> {
  const { page } = desk;
  await page.getByRole('button', { name: fault, exact: true }).click();
  await page.getByRole('button', { name: fault, exact: true, pressed: true }).waitFor();
  await type(page, shop, `${phone === shown ? 300 : 400} ${phone} ${note}`);
  await bubble(page, note).getByRole('button', { name: 'Send prompt' }).click();
}

/** The card of the payment, found by its phone: a card of one that ended holds no note. */
function card(desk: OpenDesk, phone: string, text: RegExp) {
  const head = phone === shown ? 'KES 300' : 'KES 400';
  return bubble(desk.page, new RegExp(`${head}[\\s\\S]*${text.source}`));
}

/** The phone that the page does not show is pressed through the desk. */
async function pinOnOther(desk: OpenDesk): Promise<void> {
  const prompt = await desk.started.desk.until('a prompt on the other phone', (state) =>
    state.phones.find(({ msisdn }) => msisdn === '254722000111')?.prompts.at(0),
  );
  await desk.started.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
}

/** One playground starts after the other: a start takes all of a processor, what follows is mostly waiting. */
let lastOpening: Promise<unknown> = Promise.resolve();

async function onDesk(run: (desk: OpenDesk) => Promise<void>): Promise<void> {
  const opening = lastOpening.then(() => openDesk(browser as Browser, wide));
  lastOpening = opening.catch(() => undefined);
  const desk = await opening;
  desk.page.setDefaultTimeout(60_000);
  try {
    await run(desk);
    expect(desk.complaints).toEqual([]);
  } finally {
    await desk.close();
  }
}

const notPaid = /Not paid\.\s*No money moved\./;
const paid = /Paid to Mama Njeri/;

describe.skipIf(browser === null).concurrent('on a bad day', () => {
  test(
    'the customer cancels, mistypes the PIN or has no money: not paid, and it can be sent again',
    () =>
      onDesk(async (desk) => {
        await ask(desk, 'Customer cancels', shown, 'one');
        await card(desk, shown, notPaid).waitFor();
        await ask(desk, 'Wrong PIN', other, 'two');
        await card(desk, other, notPaid).waitFor();
        await card(desk, other, notPaid).getByRole('button', { name: 'Send again' }).click();
        await card(desk, other, /M-Pesa refuses the same amount twice in 2 minutes/).waitFor();
        await desk.started.do({ action: 'reset' });
        await ask(desk, 'No money', shown, 'three');
        await card(desk, shown, notPaid).waitFor();
      }),
    longEnough,
  );

  test(
    'the gateway drops the connection after accepting, or says 500: we do not know, until the gateway tells',
    () =>
      onDesk(async (desk) => {
        await ask(desk, 'Drop after accepting', shown, 'one');
        await card(desk, shown, /We do not know yet\. Send no other prompt|waiting for the PIN/).waitFor();
        await enterPin(desk.page);
        await card(desk, shown, paid).waitFor();
        await ask(desk, 'Gateway says 500', other, 'two');
        await card(desk, other, /We do not know yet\. Send no other prompt\. Next check \d\d:\d\d/).waitFor();
        expect(
          await card(desk, other, /We do not know yet/)
            .getByRole('button')
            .count(),
        ).toBe(0);
      }),
    longEnough,
  );

  test(
    'the callback is lost, or the phone is off: a look-up tells',
    () =>
      onDesk(async (desk) => {
        await ask(desk, 'Lose the callback', shown, 'one');
        await enterPin(desk.page);
        await ask(desk, 'Phone off', other, 'two');
        await card(desk, shown, paid).waitFor();
        await card(desk, other, notPaid).waitFor();
      }),
    longEnough,
  );

  test(
    'the callback is forged or late: it is not believed, or not needed',
    () =>
      onDesk(async (desk) => {
        await ask(desk, 'Forged callback', shown, 'one');
        await enterPin(desk.page);
        await ask(desk, 'Callback late', other, 'two');
        await pinOnOther(desk);
        await desk.page.locator('details').filter({ hasText: '401' }).first().waitFor();
        await card(desk, shown, paid).waitFor();
        await card(desk, other, paid).waitFor();
      }),
    longEnough,
  );

  test(
    'the callback comes twice, and Telegram is down: one payment, told when Telegram is back',
    () =>
      onDesk(async (desk) => {
        await ask(desk, 'Callback twice', shown, 'one');
        await card(desk, shown, /waiting for the PIN/).waitFor();
        await desk.page.getByRole('button', { name: /^Telegram down 20 s/ }).click();
        await enterPin(desk.page);
        await card(desk, shown, paid).waitFor();
        expect(await desk.page.getByRole('log', { name: shop }).getByText('Paid to Mama Njeri').count()).toBe(
          1,
        );
      }),
    longEnough,
  );

  test(
    'the gateway is slow: the card says what is known meanwhile, and then that it is paid',
    () =>
      onDesk(async (desk) => {
        await ask(desk, 'Gateway slow', shown, 'one');
        await card(desk, shown, /Sending the prompt|waiting for the PIN|We do not know yet/).waitFor();
        await enterPin(desk.page);
        await card(desk, shown, paid).waitFor();
      }),
    longEnough,
  );
});
