/** Protects the rarer news that members hear by SMS: the rest of a file, money that nobody knows of, and somebody known by an id only. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MemberId } from '../../src/domain/ids.ts';
import { csv, pass, upload } from './bulk-kit.ts';
import { missedIn } from './missed-kit.ts';
import { asker, openPayShop, owner, waiting } from './payouts-kit.ts';
import { poll, type World } from './world.ts';

/** A second manager, who approves. */
const approver = 1071;

let world: World;
beforeAll(async () => {
  world = await openPayShop({ channel: 'whatsapp' });
  world.chat.addUser({ id: approver, firstName: 'Zawadi', languageCode: 'en', started: true });
  await world.join(approver, 'manager');
  world.say('help', approver);
  await world.card('We never ask for your PIN', approver);
});
afterAll(() => world.close());

const { setTemplates, settled, begins, heard, saw, closed, asked } = missedIn(() => world);
beforeEach(begins);

const memberIs = (removed_at: Date | null) =>
  world.db
    .updateTable('member')
    .set({ removed_at })
    .where('identity_id', 'in', (eb) =>
      eb.selectFrom('identity').select('identity.id').where('external_id', '=', world.key(approver)),
    )
    .execute();

/** A file of three whose approver leaves before its first row has gone out; nobody writes from then on. */
async function left() {
  world.say('hi', owner);
  const bulk = await upload(world, 'rest.csv', csv(world, [500, 600, 700]));
  await bulk.press('Ask for approval');
  world.say('hi', approver);
  await bulk.card('asks, until', approver);
  await bulk.press('Approve', approver);
  await bulk.card('of 3: ');
  await closed(asker, owner);
  await memberIs(new Date());
  await pass(world, 2);
  await settled();
  await memberIs(null);
  const [row] = await world.db
    .selectFrom('payout')
    .select((eb) => [eb.fn.countAll<bigint>().as('n'), eb.fn.sum<bigint>('amount_cents').as('cents')])
    .innerJoin('payout_batch', 'payout_batch.id', 'payout.batch_id')
    .where('payout_batch.ref', '=', bulk.ref)
    .where('payout.state', '=', 'approved')
    .execute();
  const kes = (Number(row?.cents ?? 0) / 100).toLocaleString('en');
  return { bulk, rows: Number(row?.n), kes };
}

test('the rest of a file, whose approver left, is asked of another: how many are left, and how much', async () => {
  const { bulk, rows, kes } = await left();
  expect(rows).toBeGreaterThan(0);
  const people = rows === 1 ? '1 p' : `${rows} people`;
  expect(heard(owner)).toEqual([
    expect.stringMatching(
      new RegExp(`^KES ${kes} to ${people}.* waits for your approval until .*${bulk.ref}`),
    ),
  ]);
  expect(heard(asker)).toEqual([expect.stringMatching(/a person must look at this/)]);
  world.say('approvals', owner);
  await bulk.card('Another approves what is left', owner);
  await bulk.press('Approve', owner);
  await pass(world, 6);
  await bulk.card('Done: 3 sent', owner);
});

test('the rest of a file rings by template where Meta takes it', async () => {
  setTemplates('APPROVED');
  const { bulk, kes } = await left();
  const bell = saw(owner, bulk.ref).at(-1)?.text;
  expect(bell).toMatch(new RegExp(`^A payout of KES ${kes} to .* waits for your approval`));
  expect(heard(owner)).toEqual([]);
  world.say('hi', owner);
  await bulk.card('Another approves what is left', owner);
  await bulk.press('Send no more', owner);
});

test('money of which nobody knows is told once to both, and they find it by its number', async () => {
  world.bluepay.control.arm('b2c_drop_after_accept');
  world.bluepay.control.arm('b2c_callback_lost');
  world.say('hi', owner);
  const pay = await waiting(world, 820);
  await pay.press('Approve', owner);
  await pay.card('❔', owner);
  await closed(asker, owner);
  for (let i = 0; i < 8; i++) await world.advance(600);
  await settled();
  expect(await pay.row()).toMatchObject({ state: 'review' });
  const look = new RegExp(`^KES 820, 2547\\*{4}\\d{3}: a person must look at this.*"status ${pay.ref}"`);
  for (const person of [asker, owner]) expect(heard(person)).toEqual([expect.stringMatching(look)]);
  world.say(`status ${pay.ref}`, owner);
  await pay.card('We still do not know.', owner);
});

test('who blocked us hears by SMS what waits for them', async () => {
  world.chat.block(owner);
  const pay = await asked(840);
  world.chat.unblock(owner);
  expect(heard(owner)).toEqual([expect.stringContaining(pay.ref)]);
});

test('a manager whom WhatsApp names by an id only hears it on the phone that they linked', async () => {
  const { control } = world.whatsapp;
  const msisdn = '254711223344';
  const guest = control.addPerson({ id: 'KE.13491208655302741918', firstName: 'Wafula', phone: msisdn });
  const newest = (text: RegExp) =>
    poll(`nothing says ${text}`, () =>
      control.messages(guest).findLast((one) => one.fromBot && text.test(one.text)),
    );
  control.sendText(guest, 'start');
  control.pressButton(guest, (await newest(/Who are you/)).id, 'A customer');
  const request = await newest(/Share your own number for receipts/);
  control.pressButton(guest, request.id, request.buttons.flat()[0]?.text ?? '');
  await newest(/Receipts for 0711 223 344 will come here/);
  await world.quiet();
  const { identity_id } = await world.db
    .selectFrom('phone_link')
    .select('identity_id')
    .executeTakeFirstOrThrow();
  const created_at = world.scheduler.now();
  const id = '019aa000-0000-7000-8000-000000000001' as MemberId;
  const row = { id, business_id: world.businessId, identity_id, role: 'manager', created_at } as const;
  await world.db.insertInto('member').values(row).execute();
  await world.db.updateTable('identity').set({ wrote_at: null }).where('id', '=', identity_id).execute();
  const pay = await asked(850);
  expect(world.mpesa.smsInbox(msisdn).map(({ text }) => text)).toEqual([expect.stringContaining(pay.ref)]);
});
