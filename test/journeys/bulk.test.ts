/** Protects a file of payouts: what is asked is what the file says, it is approved as one, and each row is sent once. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { showMsisdn } from '../../src/domain/msisdn.ts';
import { workbook } from '../payouts/workbook.ts';
import { csv, pass, running, send, upload } from './bulk-kit.ts';
import { asker, begin, openPayShop, owner } from './payouts-kit.ts';
import { labels, newCustomer } from './sale.ts';
import { shopPerson } from './shop.ts';
import { poll, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openPayShop();
});
afterAll(() => world.close());
beforeEach(() => world.quiet());

function sentTo(ref: string) {
  return world.chat.messages(asker).filter(({ text }) => text.includes(ref));
}

test('a file with every kind of fault: the dry run, the rows, the yes of another, the result', async () => {
  const phones = Array.from({ length: 5 }, () => newCustomer(world));
  const [a = '', b = '', c = '', d = '', e = ''] = phones;
  const bulk = await upload(
    world,
    'wages.csv',
    [
      'Simu;Kiasi;Jina;Sababu',
      `${a};1,500;Akinyi;wages`,
      `0${b.slice(3)};500/=;=HYPERLINK("x");wages`,
      `${c.slice(3)};600.00;;`,
      '',
      `${d};700;Wanjiru;`,
      `${d};701;Wanjiru;`,
      '7.12E+08;500;Lost;',
      '+255712345678;500;Foreign;',
      `${e};500.50;Cents;`,
      `${e};5;Little;`,
      `${e};lots;Words;`,
      ';500;Nobody;',
      `${e};;Nothing;`,
    ].join('\r\n'),
  );
  const dry = await bulk.card('wages.csv');
  expect(dry.text).toMatch(
    new RegExp(
      `^KES 4,001 · ${bulk.ref}\nwages\\.csv: 12 rows, KES 4,001, fees known after sending\n` +
        'Ready 5, unreadable 7, twice 2, sent lately 0, new 5\nRows that could not be read are left out;',
    ),
  );
  expect(labels(dry)).toEqual(['Ask for approval', 'See rows', 'Cancel']);
  await bulk.press('See rows');
  const page = await world.card('Page 1 of 2', asker);
  expect(page.text).toContain('8. the phone cannot be read: 7.12E+08 | 500 | Lost');
  expect(page.text).toContain('9. not a Kenyan phone: ');
  expect(page.text).toContain('10. whole shillings only: ');
  expect(page.text).toContain(`2. KES 1,500 → ${showMsisdn(a as never)} Akinyi`);
  await world.press('More rows', asker, page);
  await world.card('Page 2 of 2', asker);
  await bulk.press('Ask for approval');
  expect((await bulk.card('Waiting for approval by Baraka')).text).toContain('Ready 5');
  expect(labels(await bulk.card('Waiting for approval'))).toEqual(['See rows', 'Withdraw']);
  const asked = await bulk.card('Otieno asks, until', owner);
  expect(labels(asked)).toEqual(['Approve', 'See rows', 'Reject']);
  expect(world.bluepay.control.payouts()).toHaveLength(0);
  await bulk.press('Approve', owner);
  await bulk.card('of 5: ');
  await pass(world, 8);
  const done = await bulk.card('Done: 5 sent, 0 not sent, 0 not known yet.');
  expect(done.text).toMatch(/^✅ KES 4,001[\s\S]*Asked by Otieno, approved by Baraka\.$/);
  for (const person of [asker, owner]) {
    const result = await world.card(`${bulk.ref}: 5 sent, 0 not sent, 0 not known yet.`, person);
    const text = world.chat.file(result.file?.id ?? '')?.bytes.toString('utf8') ?? '';
    const lines = text.trim().split('\r\n');
    expect(lines).toHaveLength(13);
    expect(lines[1]).toMatch(new RegExp(`^2,W-\\w{5},${a},1500,Akinyi,sent,\\w{10},.* EAT$`));
    expect(lines[2]).toContain(`,${b},500,"'=HYPERLINK(""x"")",sent,`);
    expect(lines[6]).toBe('8,,,,7.12E+08 | 500 | Lost,the phone cannot be read,,');
  }
  // Two lanes send at once, so that neighbours may change places.
  const amounts = world.bluepay.control.payouts().map(({ amountKes }) => amountKes);
  expect(amounts.toSorted((one, other) => one - other)).toEqual([500, 600, 700, 701, 1500]);
  expect(world.mpesa.smsInbox(a).some(({ text }) => text.includes('KES 1,500 sent to you'))).toBe(true);
});

test('how far it is comes as no message of its own, on a channel that cannot edit either', async () => {
  const bulk = await running(world, [531, 532, 533, 534, 535]);
  await pass(world, 2);
  await world.quiet();
  expect(await bulk.states()).toMatch(/paid/);
  expect(sentTo(`${bulk.ref}`).filter(({ text }) => text.includes(' of 5: '))).toHaveLength(1);
  await pass(world, 6);
  await bulk.card('Done: 5 sent, 0 not sent, 0 not known yet.');
});

test('a float that is another one now comes as no message of its own either', async () => {
  await begin(world);
  await world.quiet();
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 800_000, serviceTokenKes: 5_000 });
  const pay = await begin(world, 510);
  await world.quiet();
  const { balances_seen } = await world.db
    .selectFrom('gateway_account')
    .select('balances_seen')
    .executeTakeFirstOrThrow();
  expect(JSON.stringify(balances_seen)).toContain('80000000');
  expect(sentTo(pay.ref)).toHaveLength(1);
});

test('a workbook is read as a CSV file is; pasted lines too', async () => {
  const phone = newCustomer(world);
  const bulk = await upload(
    world,
    'pay.xlsx',
    workbook([
      ['phone', 'amount'],
      [Number(phone.slice(3)), 900],
    ]),
  );
  expect((await bulk.card('pay.xlsx')).text).toContain('KES 900');
  await bulk.press('Cancel');
  await bulk.card('took it back');
  world.say(`${newCustomer(world)} 500 Otieno\n${newCustomer(world)} 650`, asker);
  expect((await world.card('Your lines: 2 rows', asker)).text).toContain('KES 1,150');
});

test('what cannot be read is said so, and a cashier is told whom to ask', async () => {
  send(world, 'old.xls', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]));
  await world.card('We could not read old.xls. Save it as CSV or XLSX', asker);
  send(world, 'list.csv', 'a,b\n1,2');
  await world.card('We could not tell the phone and the amount in list.csv.', asker);
  send(world, 'large.csv', Buffer.alloc(1024 * 1024 + 1, 'a'));
  await world.card('large.csv is too large.', asker);
  send(world, 'wages.csv', csv(world, [500]), shopPerson);
  await world.card('This is for a manager. Ask', shopPerson);
});

test('held in the middle by either of them, let on, and each row is sent once', async () => {
  const before = world.bluepay.control.payouts().length;
  const bulk = await running(world, [501, 502, 503, 504]);
  await bulk.press('Pause');
  await bulk.card('Paused; ');
  await pass(world, 5);
  const sent = world.bluepay.control.payouts().length - before;
  expect(sent).toBeLessThan(4);
  expect(labels(await bulk.card('Paused; ', owner))).toEqual(['Resume', 'See rows', 'Send no more']);
  await bulk.press('Resume', owner);
  await pass(world, 8);
  await bulk.card('Done: 4 sent');
  expect(world.bluepay.control.payouts().length - before).toBe(4);
});

test('what the owner held, the requester does not let on', async () => {
  const bulk = await running(world, [505, 506, 507]);
  await bulk.press('Pause', owner);
  await bulk.card('Paused; ');
  await bulk.press('Resume');
  await world.toast('Baraka paused this. Ask them, an owner or another approver to let it go on.', asker);
  expect(labels(await bulk.card('Paused; '))).toContain('Resume');
  await bulk.press('Resume', owner);
  await pass(world, 6);
  await bulk.card('Done: 3 sent');
});

test('the number of a file brings its card: with buttons to who decides, without to a cashier', async () => {
  const bulk = await upload(world, 'by number.csv', csv(world, [531]));
  const said = async (person: number) => {
    const from = world.say(`/status ${bulk.ref.toLowerCase()}`, person);
    const { text, buttons } = await world.chat.until(() =>
      world.chat.messages(person).find((one) => one.fromBot && one.id > from && one.text.includes(bulk.ref)),
    );
    return [text.split('\n')[0] ?? '', ...buttons.flat().map((button) => button.text)];
  };
  const head = `KES 531 · ${bulk.ref}`;
  expect(await said(asker)).toEqual([head, 'Ask for approval', 'See rows', 'Cancel']);
  expect((await said(owner))[0]).toContain(`There is no ${bulk.ref}`);
  await bulk.press('Ask for approval');
  await bulk.card('asks, until', owner);
  expect(await said(owner)).toEqual([expect.stringContaining(head), 'Approve', 'See rows', 'Reject']);
  expect(await said(shopPerson)).toEqual([expect.stringContaining(head)]);
  await bulk.press('Withdraw');
  await bulk.card('took it back');
  world.say('/status B-00000', owner);
  await world.card('B-00000', owner);
});

test('/help and /payout tell who may send money that files are taken', async () => {
  const text = 'Send CSV or XLSX with phone and amount in each row.';
  for (const [typed, person] of [
    ['/help', asker],
    ['/payout', asker],
  ] as const) {
    const from = world.say(typed, person);
    await world.chat.until(() =>
      world.chat.messages(person).find((one) => one.fromBot && one.id > from && one.text.includes(text)),
    );
  }
  world.say('/cancel', asker);
  await world.card('Stopped', asker);
  const from = world.say('/help', shopPerson);
  await world.card('We never ask for your PIN', shopPerson);
  const said = world.chat.messages(shopPerson).filter(({ id }) => id > from);
  expect(said.some((one) => one.text.includes(text))).toBe(false);
});

test('stopped by a freeze, and by a restart of the program: nothing twice, nothing lost', async () => {
  const before = world.bluepay.control.payouts().length;
  const bulk = await running(world, [511, 512, 513, 514]);
  world.say('/freeze', asker);
  await world.press('Stop payouts', asker, await world.card('Stop every payout now?', asker));
  await bulk.card('Payouts are stopped.');
  await world.restart();
  await pass(world, 5);
  expect(await bulk.states()).toContain('approved');
  await world.press('Allow payouts', owner, await world.card('Payouts stopped by', owner));
  await poll('payouts are not allowed', async () => {
    const row = await world.db.selectFrom('business').select('frozen_at').executeTakeFirst();
    return row?.frozen_at === null;
  });
  await pass(world, 2);
  await world.restart();
  await pass(world, 8);
  await bulk.card('Done: 4 sent');
  expect(world.bluepay.control.payouts().length - before).toBe(4);
});

test('a row of which nobody knows stays so, the rest goes on; a second file says how it ended', async () => {
  world.bluepay.control.arm('b2c_drop_after_accept');
  world.bluepay.control.arm('b2c_callback_lost');
  const bulk = await running(world, [521, 522]);
  await pass(world, 4);
  // Where a card cannot be edited, its figures alone come every five minutes.
  await world.advance(300);
  await bulk.card('2 of 2: 1 sent, 0 not sent, 1 not known yet.');
  for (let i = 0; i < 8; i++) await world.advance(600);
  const done = await bulk.card('Done: 1 sent, 0 not sent, 1 not known yet.');
  expect(done.text).toMatch(/^❔/);
  expect(sentTo(`${bulk.ref}: 1 sent, 0 not sent, 1 not`)).toHaveLength(1);
});

test('the same again wants a reason, and a large total is typed', async () => {
  const text = csv(world, [15_000, 16_000]);
  const first = await upload(world, 'large.csv', text);
  await first.press('Ask for approval');
  await first.card('asks, until', owner);
  await first.press('Approve', owner);
  await world.card(`Type the total of ${first.ref} in shillings`, owner);
  world.say('31', owner);
  await world.card('That is not the total; nothing was approved. Tries left: 2', owner);
  expect(await first.states()).toBe('waiting waiting');
  world.say('31,000', owner);
  await first.card('of 2: ');
  await pass(world, 5);
  const second = await upload(world, 'large again.csv', text);
  expect((await second.card('large again.csv')).text).toMatch(
    /sent lately 2[\s\S]*The same file was asked for .*, B-\w{5}\./,
  );
  await second.press('Ask for approval');
  await world.card('2 of these rows may have been sent already', asker);
  world.say('second half of the month', asker);
  expect((await second.card('asks, until', owner)).text).toContain(
    'Sent again because: second half of the month',
  );
  await second.press('Reject', owner);
  await world.card('Why? Otieno will see it.', owner);
  world.say('not due yet', owner);
  expect((await second.card('Rejected by Baraka: not due yet.')).text).toContain('No money moved.');
  expect(await second.states()).toBe('rejected rejected');
});

test('who may not send money any more gets no file of phones', async () => {
  const setRole = (role: 'cashier' | 'manager') =>
    world.db
      .updateTable('member')
      .set({ role })
      .where('business_id', '=', world.businessId)
      .where('identity_id', 'in', (eb) =>
        eb.selectFrom('identity').select('identity.id').where('external_id', '=', world.key(asker)),
      )
      .execute();
  const bulk = await running(world, [541, 542]);
  await setRole('cashier');
  await pass(world, 6);
  const result = await world.card(`${bulk.ref}: 2 sent, 0 not sent, 0 not known yet.`, owner);
  expect(result.file).not.toBeNull();
  await world.quiet();
  expect(sentTo(bulk.ref).filter(({ file }) => file !== null && file !== undefined)).toEqual([]);
  await setRole('manager');
});
