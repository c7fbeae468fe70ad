/** Protects a shop from giving back more than it got, and a customer from a refund that nobody can see. */
import { afterEach, expect, test } from 'vitest';
import { prompted, tellFailed } from './sale.ts';
import { boss, customerPhone, openWorld, shopPerson, type World } from './world.ts';

let world: World;
afterEach(() => world.close());

const manager = 1003;

async function paid(amount = '500'): Promise<void> {
  world = await openWorld({});
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000, serviceTokenKes: 5_000 });
  await world.join(shopPerson, 'manager');
  await world.join(manager, 'manager');
  world.say(`${amount} 0712345678 lunch`);
  await world.card('Send the PIN prompt');
  await world.press('Send prompt');
  await world.pay();
  await world.card(/Paid to Mama Njeri/);
}

async function approve(person = boss): Promise<void> {
  await world.press('Approve', person);
  await world.quiet();
  await world.advance(10);
}

test('part, then the rest: each with another member’s yes, and never more', async () => {
  await paid();
  await world.press('Refund');
  await world.card(/paid KES 500, refunded KES 0. Refund how much/);
  world.say('600');
  await world.card(/KES 10 to KES 500 can go back/);
  world.say('200');
  await world.card(/→ 0712 345 678/);
  await world.press('Ask for approval');
  await world.card(/asks, until/, boss);
  await approve();
  expect(world.mpesa.paidOut().map(({ amountCents }) => amountCents)).toEqual([200_00n]);
  await world.card(/Refunded KES 200/);
  await world.press('Refund');
  await world.card(/refunded KES 200. Refund how much/);
  world.say('301');
  await world.card(/KES 10 to KES 300 can go back/);
  await world.press('KES 300');
  await world.press('Ask for approval');
  await approve();
  expect(world.mpesa.paidOut().map(({ amountCents }) => amountCents)).toEqual([200_00n, 300_00n]);
  expect(world.mpesa.paidOut().every(({ msisdn }) => msisdn === customerPhone)).toBe(true);
  const card = await world.card(/Refunded KES 300/);
  expect(card.buttons.flat().map(({ text }) => text)).not.toContain('Refund');
});

test('two refunds of the whole: the second one is not even asked, and the first one goes', async () => {
  await paid();
  for (const person of [shopPerson, manager]) {
    world.say('refund', person);
    await world.card(/Which payment/, person);
    const { ref } = await world.db.selectFrom('payment').select('ref').executeTakeFirstOrThrow();
    world.say(ref, person);
    await world.card(/Refund how much/, person);
    await world.press('KES 500', person);
    await world.card(/→ 0712 345 678/, person);
  }
  await world.press('Ask for approval', shopPerson);
  await world.card(/asks, until/, boss);
  await world.press('Ask for approval', manager);
  await world.toast('That much is not left of this payment. Look at its card.', manager);
  await world.quiet();
  await approve();
  await world.press('Ask for approval', manager);
  await world.advance(30);
  expect(world.mpesa.paidOut()).toHaveLength(1);
  const states = await world.db.selectFrom('payout').select('state').orderBy('state').execute();
  expect(states).toEqual([{ state: 'draft' }, { state: 'paid' }]);
});

test('paid twice stays open until one of the two has gone back', async () => {
  world = await openWorld({});
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000, serviceTokenKes: 5_000 });
  await world.join(shopPerson, 'manager');
  world.bluepay.control.arm('callback_late', 200_000);
  const sale = await prompted(world, 540);
  await tellFailed(world, sale);
  await sale.card('Not paid.');
  await sale.pay();
  await world.advance(125);
  await sale.again();
  await sale.pay();
  await sale.card('✅');
  await world.advance(100);
  await sale.card('Paid twice');
  await sale.press('Refund one');
  await world.press('Ask for approval', shopPerson);
  await world.card(/asks, until/, boss);
  await world.quiet();
  expect(await sale.state()).toMatchObject({ flag: 'twice' });
  await approve();
  expect(world.mpesa.paidOut().map(({ amountCents }) => amountCents)).toEqual([540_00n]);
  await world.quiet();
  expect(await sale.state()).toMatchObject({ state: 'paid', flag: null });
  const marked = await world.db
    .selectFrom('audit_entry')
    .select('facts')
    .where('action', '=', 'payment_marked')
    .execute();
  expect(marked).toMatchObject([{ facts: { verdict: 'refunded' } }]);
});
