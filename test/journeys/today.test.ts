/** Protects /today: the sums that an owner trusts at closing time, for whom they are, and the head that anchors the log. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newestBatch } from '../../src/payouts/audit-chain.ts';
import { verifyAudit } from '../../src/payouts/audit-verify.ts';
import { openPayShop, waiting } from './payouts-kit.ts';
import { prompted } from './sale.ts';
import { boss, stranger as manager, shopPerson } from './shop.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openPayShop();
});
afterAll(() => world.close());

async function today(person = boss): Promise<string> {
  await world.quiet();
  return (await world.answer(world.say('/today', person), person)).text;
}

test('a cashier is sent to a manager', async () => {
  expect(await today(shopPerson)).toMatch(/^This is for a manager\. Ask (Baraka|Otieno)\.$/);
});

test('the day in sums, with a head that proves the log up to now', async () => {
  expect(await today()).toMatch(
    /^Mama Njeri, \d{1,2} \w{3}\nIn KES 0 \(0\), out KES 0, refunds KES 0\nNot known yet 0, to review 0\nAudit [0-9a-f]{20}$/,
  );
  for (const amount of [510, 1_240]) {
    const sale = await prompted(world, amount);
    await sale.pay();
    await sale.card('Paid to');
  }
  const pay = await waiting(world, 300);
  await pay.press('Approve', boss);
  await world.advance(10);
  await pay.card('✅');
  const said = await today(manager);
  expect(said).toContain(
    '\nIn KES 1,750 (2), out KES 300, refunds KES 0\nNot known yet 0, to review 0\nAudit ',
  );
  const head = /Audit ([0-9a-f]{20})$/.exec(said)?.[1] ?? '';
  const batch = await newestBatch(world.db, world.businessId);
  expect(batch?.head.toString('hex').slice(0, 20)).toBe(head);
  // Everything up to now is in it.
  const verdict = await verifyAudit(world.db, world.businessId, head);
  expect(verdict).toMatchObject({ open: 0, fault: null });
  expect(await today()).toContain(`Audit ${head}`);
});

test('another business has its own day, and tomorrow is another one', async () => {
  const second = await world.openSecondShop('Duka Mbili');
  await world.card('Duka Mbili is ready', boss);
  await world.db
    .updateTable('identity')
    .set({ current_business_id: second, locale: 'sw' })
    .where('external_id', '=', world.key(boss))
    .execute();
  expect(await today()).toMatch(/^Duka Mbili, .*\nZilizoingia KES 0 \(0\), .*\n.*\nUkaguzi [0-9a-f]{20}$/);
  await world.advance(24 * 3600);
  expect(await today(manager)).toContain('\nIn KES 0 (0), out KES 0, refunds KES 0\n');
});
