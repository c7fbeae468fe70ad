/** Protects money that came by itself: it stands where an owner looks for it until somebody has compared it, and only so long. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccountId, newId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { draft, labels } from './sale.ts';
import { boss, stranger as manager, shopPerson } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.join(manager, 'manager');
});
afterAll(() => world.close());

const says = async (text: string, person = boss): Promise<string> =>
  (await world.answer(world.say(text, person), person)).text;

let receipts = 0;
/** As a confirmation leaves it that no prompt explains. */
async function came(
  kes: number,
  paymentId: string | null = null,
  account = world.accountId,
): Promise<string> {
  const receipt = `TFH774CB${10 + ++receipts}`;
  await world.advance(1);
  const id = newId<AccountId>(world.scheduler, systemRandom) as string;
  await world.db
    .insertInto('unclaimed')
    .values({
      ...{ id, account_id: account, receipt, amount_cents: BigInt(kes) * 100n, bill_reference: 'STALL\n4' },
      ...{ phone_hmac: null, phone_masked: '2547****678', payer_name: 'JANE', trust: 'hint', inbox_id: null },
      ...{ seen_at: world.scheduler.now(), payment_id: paymentId as never },
    })
    .execute();
  return receipt;
}

test('/today counts it and /review lists it, with what it came as', async () => {
  expect(await says('/review')).toBe('Nothing to review. What we cannot prove comes here.');
  const receipt = await came(700);
  const day = await says('/today');
  expect(day).toContain('Not known yet 0, to review 1\n');
  expect(day).toMatch(/\nCame unasked KES 700 \(1\): \/?review$/);
  expect(await says('/review')).toBe('To review: 1');
  const list = await world.card('Nobody asked for it here', boss);
  expect(list.text).toMatch(
    new RegExp(
      `^Nobody asked for it here, and it is not proved: 1, KES 700\\nKES 700 from JANE, 2547\\*{4}678, \\d\\d:\\d\\d, BluePay\\. M-Pesa ${receipt}, account STALL 4\\nCompare with the M-Pesa statement\\.$`,
    ),
  );
  expect(labels(list)).toEqual(['Compared']);
});

test('what is compared is listed no longer, by whoever may, and only what was shown', async () => {
  const list = await world.card('Nobody asked for it here', boss);
  const data = list.buttons.flat()[0]?.data ?? '';
  await came(300);
  world.chat.pressRaw(shopPerson, (await world.answer(world.say('/help'))).id, data);
  await world.toast('This is for a manager.');
  await world.press('Compared', boss, list);
  await world.card(/^Baraka compared 1 with the statement, KES 700, \d\d:\d\d\. \/verify still finds/, boss);
  expect((await world.card('Nobody asked for it here', boss)).text).toContain('proved: 1, KES 300\n');
  const lines = await world.db
    .selectFrom('audit_entry')
    .select('facts')
    .where('action', '=', 'unasked_seen')
    .execute();
  expect(lines).toMatchObject([{ facts: { count: 1, cents: 70_000 } }]);
  const old = await world.card('Nobody asked for it here', boss);
  await says('/review', manager);
  await world.press('Compared', manager);
  await world.card('Otieno compared 1', manager);
  await world.press('Compared', boss, old);
  await world.toast('Nothing is left to compare here.', boss);
  expect(await says('/review')).toBe('Nothing to review. What we cannot prove comes here.');
  expect(await says('/today')).not.toContain('unasked');
});

test('money of a payment that is under way or paid is no news; of one that is over without money it is', async () => {
  const sale = await draft(world);
  const { id } = await world.db
    .selectFrom('payment')
    .select('id')
    .where('ref', '=', sale.ref)
    .executeTakeFirstOrThrow();
  await came(500, id);
  expect(await says('/review')).toBe('Nothing to review. What we cannot prove comes here.');
  await world.db.updateTable('payment').set({ state: 'expired' }).where('id', '=', id).execute();
  expect(await says('/review')).toBe('To review: 1');
});

test('another business sees none of it', async () => {
  const second = await world.openSecondShop('Duka Mbili');
  await world.db
    .updateTable('identity')
    .set({ current_business_id: second })
    .where('external_id', '=', world.key(boss))
    .execute();
  expect(await says('/review')).toBe('Nothing to review. What we cannot prove comes here.');
});
