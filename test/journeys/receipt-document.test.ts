/** Protects the paper: one press on a paid card brings the receipt as a document, and its code opens the page. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPdf } from '../support/pdf.ts';
import { textOf } from '../web/site.ts';
import { ask, labels, prompted } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const documents = (person = shopPerson) =>
  world.chat.messages(person).filter(({ kind }) => kind === 'document');
const nthDocument = (n: number, person = shopPerson) => world.chat.until(() => documents(person)[n - 1]);

test('paid, Receipt, the document; it names a page that says the same', async () => {
  const sale = await ask(world);
  expect(labels(await sale.card('⏳'))).toEqual([]);
  await sale.pay();
  const card = await sale.card('✅');
  expect(labels(card)).toContain('Receipt');
  await sale.press('Receipt');
  const sent = await nthDocument(1);
  expect(sent.file).toMatchObject({ name: `receipt-${sale.ref}.pdf`, mimeType: 'application/pdf' });
  const number = world.mpesa.moved().at(-1)?.receipt ?? '';
  const { text } = readPdf(world.chat.file(sent.file?.id ?? '')?.bytes ?? Buffer.alloc(0));
  for (const fact of ['Mama Njeri', 'KES 500', number, sale.ref, `2547****${sale.msisdn.slice(-3)}`, 'lunch'])
    expect(text).toContain(fact);
  expect(text).not.toContain(sale.msisdn.slice(4, 9));
  const link = /http:\S+/.exec(sent.text)?.[0] ?? '';
  expect(text).toContain(link);
  const page = await fetch(link);
  const read = textOf(await page.text());
  expect(page.status).toBe(200);
  expect(read).toMatch(
    new RegExp(`Paid KES 500 to Mama Njeri M-Pesa receipt ${number} Our number ${sale.ref}`),
  );
});

test('a press brings one, at most once a minute to each who presses', async () => {
  const before = documents().length;
  const sale = await prompted(world, 600);
  await sale.pay();
  await sale.card('✅');
  await sale.press('Receipt');
  await nthDocument(before + 1);
  for (let press = 0; press < 3; press++) await sale.press('Receipt');
  await world.toast('The receipt is above; it came a moment ago.');
  await world.quiet();
  expect(documents()).toHaveLength(before + 1);
  await world.advance(61);
  await sale.press('Receipt');
  await nthDocument(before + 2);
  world.say(`/status ${sale.ref}`, boss);
  expect(labels(await sale.card('✅', boss))).toContain('Receipt');
  await sale.press('Receipt', boss);
  expect((await nthDocument(1, boss)).text).toContain(sale.ref);
  expect(documents()).toHaveLength(before + 2);
});

test('while the number follows there is no button, and a member who left gets nothing', async () => {
  world.bluepay.control.arm('pending_receipt');
  const sale = await prompted(world, 650);
  await sale.pay();
  expect(labels(await sale.card('follows'))).toEqual([]);
  world.bluepay.control.completeReceipts();
  await world.advance(40);
  const card = await sale.card(/✅[\s\S]*M-Pesa \w{10}/);
  expect(labels(card)).toContain('Receipt');
  const before = documents().length;
  const shop = world.db.updateTable('member').where('business_id', '=', world.businessId);
  await shop.set({ removed_at: world.scheduler.now() }).where('role', '=', 'cashier').execute();
  await world.press('Receipt', shopPerson, card);
  await world.toast('someone else');
  await world.quiet();
  expect(documents()).toHaveLength(before);
});
