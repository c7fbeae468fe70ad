/**
 * Protects the customer's voice: only who got the receipt answers on it, the answer reaches the shop and is kept, a doubt
 * waits for a person, and none of it changes what was paid.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ref } from '../../src/domain/refs.ts';
import { showPayment } from '../../src/payments/show.ts';
import { linkedPatron, type Patron, told } from './patron.ts';
import { ask, labels, type Sale } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  world.say('/help', boss);
  await world.card('500 0712345678 lunch', boss);
});
afterAll(() => world.close());

interface Bought {
  readonly sale: Sale;
  readonly customer: Patron;
}

let amount = 400;

/** Paid, with the receipt in the customer's chat, a second ago. */
async function bought(languageCode = 'en'): Promise<Bought> {
  const customer = await linkedPatron(world, languageCode);
  amount += 1;
  const sale = await ask(world, amount, customer.msisdn);
  await sale.pay();
  await sale.card('✅', customer.id);
  await world.advance(1);
  return { sale, customer };
}

const timeline = async (sale: Sale): Promise<unknown[]> =>
  (
    await world.db
      .selectFrom('event')
      .innerJoin('payment', 'payment.id', 'event.payment_id')
      .select(['event.kind', 'event.detail'])
      .where('ref', '=', sale.ref)
      .where('kind', 'in', ['customer', 'marked'])
      .orderBy('event.id')
      .execute()
  ).map(({ kind, detail }) => [kind, detail.answer ?? detail.as]);

test('It was me: kept, confirmed, shown to the shop, and nothing to review', async () => {
  const { sale, customer } = await bought();
  const receipt = await sale.card('✅', customer.id);
  expect(labels(receipt)).toEqual(['It was me', 'Receipt', 'Something is wrong']);
  await sale.press('It was me', customer.id);
  await world.card('Mama Njeri now knows: It was me.', customer.id);
  const after = await sale.card('You said: It was me.', customer.id);
  expect(labels(after)).toEqual(['Receipt', 'Something is wrong']);
  await sale.card('The customer says: It was me.');
  expect(await sale.state()).toEqual({ state: 'paid', reason: null, flag: null });
  expect(await timeline(sale)).toEqual([['customer', 'me']]);
  await world.quiet();
  expect(told(world, boss, new RegExp(sale.ref))).toEqual([]);
});

test('Receipt sends the document, as often as it is asked for', async () => {
  const { sale, customer } = await bought();
  await sale.press('Receipt', customer.id);
  const sent = await world.chat.until(() =>
    world.chat.messages(customer.id).find(({ kind }) => kind === 'document'),
  );
  expect(sent.text).toContain(sale.ref);
});

test('I did not pay this: a reason is chosen, the shop is alarmed, a manager settles it, and the customer hears', async () => {
  const { sale, customer } = await bought();
  await sale.press('Something is wrong', customer.id);
  const asking = await sale.card('What is wrong? Mama Njeri will see your answer.', customer.id);
  expect(labels(asking)).toEqual([
    'I did not pay this',
    'The amount is wrong',
    'I did not get my goods',
    'Something else',
    'Back',
  ]);
  await sale.press('I did not pay this', customer.id);
  await world.card('Mama Njeri now knows: I did not pay this.', customer.id);
  const card = await sale.card('⚠️');
  expect(card.text).toMatch(/Paid to Mama Njeri .*\nlunch\nThe customer says: I did not pay this\.$/);
  const alert = await sale.card(/^⚠️ .*\nAsked by Njeri\n/, boss);
  expect(alert.text).toContain('The customer says: I did not pay this.');
  expect(await sale.state()).toEqual({ state: 'paid', reason: null, flag: 'customer_says' });

  world.say('/review', boss);
  await world.card(/^To review: \d+$/, boss);
  await world.quiet();
  await sale.press('Review', boss);
  await world.card('The customer says: I did not pay this. Speak with them, then settle it here.', boss);
  await world.press('Settled', boss);
  await world.card(/^Settled by Baraka \d\d:\d\d\. The customer hears that you have seen it\.$/, boss);
  await world.card('Mama Njeri has seen what you said: I did not pay this.', customer.id);
  expect(await sale.state()).toEqual({ state: 'paid', reason: null, flag: null });
  expect(await timeline(sale)).toEqual([
    ['customer', 'not_me'],
    ['marked', 'kept'],
  ]);
  const shown = await world.answer(world.say(`/status ${sale.ref}`, shopPerson));
  expect((await showPayment(world.db, sale.ref as Ref))?.customer).toMatchObject([
    { answer: 'not_me', closedAt: expect.any(String) },
  ]);
  expect(shown.text).toMatch(/^✅ .*\nThe customer says: I did not pay this\.\nPaid to/);
});

test('an answer can be taken back: the doubt goes with it, and the time line keeps both', async () => {
  const { sale, customer } = await bought('sw');
  await sale.press('Kuna shida', customer.id);
  await sale.press('Rudi', customer.id);
  await sale.press('Kuna shida', customer.id);
  await sale.press('Sijapata bidhaa', customer.id);
  await world.card('Mama Njeri sasa inajua: Sijapata bidhaa.', customer.id);
  await sale.card('The customer says: I did not get my goods.', boss);
  await sale.press('Review', boss);
  await world.card('The customer says: I did not get my goods. Speak with them', boss);
  await world.advance(1);
  await sale.press('Kuna shida', customer.id);
  await sale.press('Sikulipa hii', customer.id);
  await sale.card('The customer says: I did not pay this.', boss);
  await world.press('Settled', boss);
  await world.card('This card is old.', boss);
  expect(await sale.state()).toMatchObject({ state: 'paid', flag: 'customer_says' });
  await sale.press('Ndiyo, ni mimi', customer.id);
  await world.card('Mama Njeri sasa inajua: Ndiyo, ni mimi.', customer.id);
  expect((await sale.card('It was me', boss)).text).toMatch(/^✅/);
  expect(await sale.state()).toMatchObject({ state: 'paid', flag: null });
  expect(await timeline(sale)).toEqual([
    ['customer', 'goods'],
    ['customer', 'not_me'],
    ['customer', 'me'],
  ]);
});

test('going back and forth ends: after six answers the buttons are gone', async () => {
  const { sale, customer } = await bought();
  for (let i = 0; i < 3; i++) {
    await sale.press('Something is wrong', customer.id);
    await sale.press('Something else', customer.id);
    await world.quiet();
    await sale.press('It was me', customer.id);
    await world.quiet();
  }
  expect(labels(await sale.card('You said: It was me.', customer.id))).toEqual(['Receipt']);
  expect(await timeline(sale)).toHaveLength(6);
});

describe('a press that is not the customer’s own, or of an older receipt', () => {
  test('does nothing and says why', async () => {
    const { sale, customer } = await bought();
    const other = await linkedPatron(world);
    const receipt = await sale.card('✅', customer.id);
    const [, , wrong] = receipt.buttons.flat().map(({ data }) => data ?? '');
    const theirs = world.chat.lastMessage(other.id, { fromBot: true });
    const data = (wrong ?? '').replace(/:wrong$/, ':not_me');
    world.chat.pressRaw(other.id, theirs?.id ?? 0, data);
    await world.toast('This card is for someone else.', other.id);
    world.chat.pressRaw(other.id, theirs?.id ?? 0, 'c:nonsense');
    await world.quiet();
    expect(await timeline(sale)).toEqual([]);

    await sale.press('It was me', customer.id);
    await sale.card('You said: It was me.', customer.id);
    world.chat.pressRaw(customer.id, receipt.id, data);
    await world.toast('This card is old.', customer.id);
    await world.quiet();
    expect(await timeline(sale)).toEqual([['customer', 'me']]);
    expect(labels(await sale.card('You said', customer.id))).toEqual(['Receipt', 'Something is wrong']);
  });
});

test('what the customer says hides no other doubt, and is not hidden by one', async () => {
  const { sale, customer } = await bought();
  const { id } = await world.db
    .selectFrom('payment')
    .select('id')
    .where('ref', '=', sale.ref)
    .executeTakeFirstOrThrow();
  await world.db.updateTable('payment').set({ flag: 'contradiction' }).where('id', '=', id).execute();
  await sale.press('Something is wrong', customer.id);
  await sale.press('The amount is wrong', customer.id);
  const card = await sale.card('Later M-Pesa told us otherwise');
  expect(card.text).toContain('The customer says: The amount is wrong.');
  expect((await sale.state()).flag).toBe('contradiction');
  await sale.press('Review', boss);
  await world.press('Keep as it is', boss);
  await sale.card(/The customer says: The amount is wrong\.$/, boss);
  expect(await sale.state()).toMatchObject({ state: 'paid', flag: 'customer_says' });
});
