/** Protects what only WhatsApp has: old cards that stay on the screen, people without a number, batches, and its bad days. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { csv, upload } from './bulk-kit.ts';
import { linkedPatron } from './patron.ts';
import { asker } from './payouts-kit.ts';
import { ask, draft, labels, prompted } from './sale.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { openWorld, poll, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ channel: 'whatsapp' });
});
afterAll(() => world.close());

const said = (person: number, text: RegExp): number =>
  world.chat.messages(person).filter((message) => message.fromBot && text.test(message.text)).length;

const inboxOf = async (): Promise<number> =>
  (
    await world.db
      .selectFrom('inbox')
      .select('id')
      .where('source', '=', 'whatsapp')
      .where('lane', 'is not', null)
      .execute()
  ).length;

test('a press on an old card says so, and the current one comes anew', async () => {
  const sale = await draft(world);
  const confirm = await sale.card('Send the PIN prompt');
  await sale.press('Cancel');
  const over = await sale.card('Stopped; nothing was sent.');
  world.chat.pressButton(shopPerson, confirm.id, 'Send prompt');
  await world.toast('This card is old. Here is the current one.');
  await world.quiet();
  const again = await sale.card('Stopped; nothing was sent.');
  expect(again.id).toBeGreaterThan(over.id);
  expect(await sale.state()).toMatchObject({ state: 'cancelled' });
});

test('a press on the old card of a file says so, and the current one comes anew', async () => {
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000, serviceTokenKes: 5_000 });
  await world.join(asker, 'manager');
  await world.answer(world.say('hi', asker), asker);
  const bulk = await upload(world, 'wages.csv', csv(world, [500, 600]));
  const dry = await bulk.card('Ready 2', asker);
  await bulk.press('Ask for approval');
  const asked = await bulk.card('Waiting for approval');
  world.chat.pressButton(asker, dry.id, 'Ask for approval');
  await world.toast('This card is old. Here is the current one.', asker);
  await world.quiet();
  const again = await bulk.card('Waiting for approval');
  expect(again.id).toBeGreaterThan(asked.id);
  expect(await bulk.states()).toBe('waiting waiting');
  await bulk.press('Withdraw');
  await bulk.card('took it back');
});

test('a press on a card whose newest text did not arrive brings that text', async () => {
  const sale = await draft(world);
  const confirm = await sale.card('Send the PIN prompt');
  await sale.press('Cancel');
  const over = await sale.card('Stopped; nothing was sent.');
  world.whatsapp.control.failLate(over.id, 131026);
  await world.quiet();
  world.chat.pressButton(shopPerson, confirm.id, 'Send prompt');
  await world.toast('This card is old. Here is the current one.');
  await world.quiet();
  expect((await sale.card('Stopped; nothing was sent.')).id).toBeGreaterThan(over.id);
});

test.each([
  ['hi', 'en', 'Ask for a payment'],
  ['habari', 'sw', 'Omba malipo'],
] as const)('%s brings the menu as a list, and a row of it works', async (greeting, locale, row) => {
  await world.db
    .updateTable('identity')
    .set({ locale })
    .where('external_id', '=', world.key(shopPerson))
    .execute();
  const menu = await world.answer(world.say(greeting));
  expect(labels(menu)).toContain(row);
  const seen = world.whatsapp.control
    .messages(world.chat.externalId(shopPerson))
    .find(({ id }) => id === menu.id);
  expect(seen?.menu).toBe(locale === 'en' ? 'Choose' : 'Chagua');
  await world.press(row, shopPerson, menu);
  await world.card(locale === 'en' ? 'How much?' : 'Kiasi gani?');
  await world.answer(world.say(locale === 'en' ? 'cancel' : 'ghairi'));
  await world.db
    .updateTable('identity')
    .set({ locale: null })
    .where('external_id', '=', world.key(shopPerson))
    .execute();
});

test.each([
  [1021, 'habari', 'Bado huna biashara hapa.', 'English: type "language"', 'Kiswahili'],
  [1022, 'hi', 'You are in no business here yet.', 'Kiswahili: andika "lugha"', 'English'],
])(
  'a newcomer (%i) who begins with %s is answered in its language, and can change it',
  async (id, first, answer, other, own) => {
    world.chat.addUser({ id, firstName: 'Zawadi', languageCode: 'en' });
    const heard = await world.answer(world.say(first, id), id);
    expect(heard.text).toContain(answer);
    expect(heard.text).toContain(other);
    const which = await world.answer(world.say(own === 'English' ? 'lugha' : 'language', id), id);
    expect(which.text.startsWith(own)).toBe(true);
    await world.press(own === 'English' ? 'Kiswahili' : 'English', id, which);
    await world.card(
      own === 'English' ? 'Tutaandika kwa Kiswahili hapa.' : 'We will write in English here.',
      id,
    );
  },
);

test('who begins in Swahili is answered so from the first word on, until they say otherwise', async () => {
  const zawadi = 1011;
  world.chat.addUser({ id: zawadi, firstName: 'Zawadi' });
  const says = async (text: string) => (await world.answer(world.say(text, zawadi), zawadi)).text;
  expect(await says('Habari yako')).toContain('Bado huna biashara hapa.');
  expect(await says('start')).toBe(
    'Bot hii huomba malipo ya M-Pesa na kuweka ushahidi. Wewe ni nani?\nEnglish: type "language"',
  );
  await world.press('Biashara', zawadi);
  await world.card('Biashara yako inaitwaje?', zawadi);
  // Neither is the name of a shop.
  expect(await says('msaada')).toContain('Hatuulizi PIN kamwe.');
  expect(await says('language')).toBe('Kiswahili au English?');
  await world.press('English', zawadi);
  await world.card('We will write in English here.', zawadi);
  expect(await says('Zawadi Fish')).toContain('Zawadi Fish is saved.');
  expect(await says('habari')).toContain('We never ask for your PIN.');
});

test('several messages and statuses in one call, twice and out of order: each is taken once', async () => {
  await world.quiet();
  const before = await inboxOf();
  const { control } = world.whatsapp;
  control.hold();
  control.duplicateNext(1);
  for (const amount of [811, 812, 813]) world.say(`${amount} 0712345678`);
  control.release({ together: true, reversed: true });
  for (const amount of [811, 812, 813]) await world.card(new RegExp(`^KES ${amount} `));
  await world.quiet();
  expect(await inboxOf()).toBe(before + 3);
  for (const amount of [811, 812, 813]) expect(said(shopPerson, new RegExp(`^KES ${amount} `))).toBe(1);
});

test('an expired token: one line for the operator, nothing is lost, and all of it goes once it is renewed', async () => {
  const alerts = (): number =>
    world.log.filter((line) => line.includes('"level":50') && line.includes('WHATSAPP_ACCESS_TOKEN')).length;
  world.whatsapp.control.expireToken();
  world.say('821 0712345678');
  await poll('not drafted', async () => {
    const rows = await world.db
      .selectFrom('payment')
      .select('id')
      .where('amount_cents', '=', 82100n)
      .execute();
    return rows.length === 1;
  });
  await poll('no alert', () => alerts() === 1);
  await world.advance(130);
  expect([alerts(), said(shopPerson, /^KES 821/)]).toEqual([1, 0]);
  world.whatsapp.control.renewToken();
  await world.advance(65);
  await world.card(/^KES 821/);
  expect(alerts()).toBe(1);
});

test('somebody without a number in the event is asked for it by WhatsApp, and pays', async () => {
  const { control } = world.whatsapp;
  const guest = control.addPerson({
    id: 'KE.13491208655302741918',
    firstName: 'Wafula',
    phone: '254712345678',
  });
  const newest = (text: RegExp) =>
    poll(
      `nothing says ${text}`,
      () => control.messages(guest).findLast((one) => one.fromBot && text.test(one.text)),
      () =>
        control
          .messages(guest)
          .map(({ text: each, buttons }) => `${each} ${JSON.stringify(buttons)}`)
          .join('\n'),
    );
  control.sendText(guest, 'start');
  const who = await newest(/Who are you/);
  control.pressButton(guest, who.id, 'A customer');
  const request = await newest(/Share your own number for receipts/);
  control.sendText(guest, '0712345678');
  await control.until(() => control.messages(guest).some(({ id, fromBot }) => fromBot && id > request.id));
  expect(await world.db.selectFrom('phone_link').select('identity_id').execute()).toEqual([]);
  const [share = ''] = request.buttons.flat().map(({ text }) => text);
  control.pressButton(guest, request.id, share);
  await newest(/Receipts for 0712 345 678 will come here/);
  const sale = await ask(world, 830, '254712345678');
  await sale.pay();
  expect((await newest(/KES 830/)).text).toContain('KES 830');
  await world.quiet();
});

test('a number that got a new owner brings nothing of the old one’s with it', async () => {
  const { control } = world.whatsapp;
  const number = world.chat.externalId(stranger);
  control.addPerson({ id: number, firstName: 'Otieno', userId: 'KE.100000000000000001' });
  await world.join(stranger, 'manager');
  expect((await world.answer(world.say('today', stranger), stranger)).text).toContain('Mama Njeri');
  control.addPerson({ id: number, firstName: 'Somebody', userId: 'KE.100000000000000002' });
  expect((await world.answer(world.say('today', stranger), stranger)).text).toContain(
    'You are in no business here yet.',
  );
  control.addPerson({ id: number, firstName: 'Otieno', userId: 'KE.100000000000000001' });
  expect((await world.answer(world.say('today', stranger), stranger)).text).toContain('Mama Njeri');
});

test('a text of nobody: a wrong signature and another number are not taken', async () => {
  await world.quiet();
  const before = await inboxOf();
  const post = async (signature: string): Promise<number> =>
    (
      await fetch(`${world.url}/whatsapp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
        body: '{}',
      })
    ).status;
  expect(await post('sha256=00')).toBe(401);
  expect(await post('')).toBe(401);
  expect(await inboxOf()).toBe(before);
});

test('a picture, a voice note, a poll and a reaction: answered kindly, or not at all', async () => {
  const { control } = world.whatsapp;
  const who = world.chat.externalId(shopPerson);
  for (const id of [
    control.sendPhoto(who, Buffer.from('x')),
    control.sendVoice(who),
    control.sendLocation(who),
    control.sendUnsupported(who),
  ])
    expect((await world.answer(id)).text).toContain('Only text works here.');
  await world.quiet();
  const last = world.chat.lastMessage(shopPerson)?.id ?? 0;
  control.react(who, last, '👍');
  await world.quiet();
  expect(world.chat.messages(shopPerson).filter(({ id, fromBot }) => fromBot && id > last)).toEqual([]);
});

test('a restart in the middle of a conversation, with its question on the screen', async () => {
  await world.answer(world.say('request'));
  const either = await world.answer(world.say('2k5'));
  await world.restart();
  await world.press('KES 2,500', shopPerson, either);
  await world.card('Which phone pays?');
  await world.restart();
  world.say('0712345678');
  await world.card('What is it for?');
  world.say('cancel');
  await world.card('Stopped; nothing was sent.');
});

test('what Meta says of each message stands on its row', async () => {
  const customer = await linkedPatron(world);
  const sale = await prompted(world, 840, customer.msisdn);
  await sale.pay();
  await sale.card('✅', customer.id);
  await world.advance(5);
  const rows = await world.db
    .selectFrom('outbox')
    .select(['delivered_at', 'failed_at'])
    .where('key', 'like', '%:customer:receipt:%')
    .where('lane', '=', `whatsapp:${world.key(customer.id)}`)
    .execute();
  expect(rows).toEqual([{ delivered_at: expect.any(Date), failed_at: null }]);
  expect(said(boss, /Something broke/)).toBe(0);
});
