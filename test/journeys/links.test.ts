/** Protects payment links from both ends: the shop makes and closes them, a customer pays in Telegram or in a browser. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { labels, newCustomer } from './sale.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { expectDisarmed } from './standing.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

let people = 2000;
/** Somebody with a phone of their own, who has never written to the bot. */
function newPerson(languageCode = 'en'): { id: number; msisdn: string } {
  const msisdn = newCustomer(world);
  const id = people++;
  world.chat.addUser({ id, firstName: 'Otieno', languageCode, phone: msisdn });
  return { id, msisdn };
}

interface Made {
  readonly message: SeenMessage;
  readonly code: string;
}

const codeIn = (text: string): string => /\/pay\/([a-f0-9]{32})/.exec(text)?.[1] ?? '';

async function madeBy(say: () => unknown, text: RegExp | string, person = shopPerson): Promise<Made> {
  const seen = new Set(world.chat.messages(person).map(({ id }) => id));
  await say();
  const message = await world.chat.until(() =>
    world.chat
      .messages(person)
      .find(
        (one) => one.fromBot && !seen.has(one.id) && one.text.match(text) !== null && codeIn(one.text) !== '',
      ),
  );
  return { message, code: codeIn(message.text) };
}

const start = (id: number, code: string): number => world.say(`/start pay_${code}`, id);

async function browse(path: string, form?: Record<string, string>) {
  const answer = await fetch(new URL(path, world.url), {
    redirect: 'manual',
    ...(form !== undefined && {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(form),
    }),
  });
  const text = await answer.text();
  return { status: answer.status, text, location: answer.headers.get('location') ?? '' };
}

test('one line makes a link with its picture, and a stranger pays by it in Telegram', async () => {
  const { message, code } = await madeBy(() => world.say('/link 500 lunch & <b>tea</b>'), 'Payment link');
  expect(message.text).toMatch(
    /^Payment link: KES 500 to Mama Njeri\nlunch & <b>tea<\/b>\nFor one payment, open until 28 Nov \d\d:\d\d\.\nhttp\S+\/pay\/\w{32}\nIn (?:Telegram: https:\/\/t\.me\/\w+\?start=|WhatsApp: https:\/\/wa\.me\/\d+\?text=start%20)pay_\w{32}$/,
  );
  expect(message.kind).toBe('photo');
  expect(labels(message)).toEqual(['Close the link']);
  const { id, msisdn } = newPerson();
  start(id, code);
  await world.card('Mama Njeri asks for KES 500. Share your own number to pay, or type it.', id);
  world.say('my number', id);
  await world.card(/^We could not read my number\./, id);
  world.chat.shareContact(id, { phone: '254733000222', firstName: 'Somebody' });
  await world.card("That is another person's contact.", id);
  world.chat.pressReplyKeyboard(id, 'Share my number');
  await world.card(/Receipts for 0\d{3} \d{3} \d{3} will come here\./, id);
  const confirm = await world.card('Send the PIN prompt to this phone?', id);
  expect(confirm.text).toMatch(/^lunch & <b>tea<\/b>\nKES 500 to Mama Njeri from 0\d{3} \d{3} \d{3}\.\n/);
  expect(labels(confirm)).toEqual(['Send prompt', 'Cancel']);
  world.say('send prompt', id);
  await world.card('Use the buttons above', id);
  expect(world.mpesa.prompts(msisdn)).toEqual([]);
  await world.press('Send prompt', id);
  const sent = await world.card('Type the PIN on your phone, never here.', id);
  await world.card(/^⏳ KES 500 · 0/);
  await world.pay(msisdn);
  await world.card('Payment receipt, not a tax invoice.', id);
  await world.card(/^✅ KES 500 · .*\n.*Paid to Mama Njeri/s);
  const follow = /\/pay\/\w{32}\/\w{64}/.exec(sent.text)?.[0] ?? '';
  expect((await browse(follow)).text).toContain('>Paid</span>');
  start(id, code);
  await world.card('This link is for one payment, and Mama Njeri has it. Do not pay again.', id);
  expect(await browse(`/pay/${code}`)).toMatchObject({ status: 409 });
});

test('who cannot share their number types it: the phone is rung, and nothing is linked to the chat', async () => {
  const { code } = await madeBy(() => world.say('/link 450 milk'), 'Payment link');
  const { id, msisdn } = newPerson();
  start(id, code);
  await world.card('Share your own number to pay, or type it.', id);
  world.say(`0${msisdn.slice(3)}`, id);
  const confirm = await world.card('Send the PIN prompt to this phone?', id);
  expect(confirm.text).toMatch(/^milk\nKES 450 to Mama Njeri from 0\d{3} \d{3} \d{3}\.\n/);
  await world.press('Send prompt', id);
  const sent = await world.card('Type the PIN on your phone, never here.', id);
  await world.pay(msisdn);
  await world.card(/^✅ KES 450 · .*\n.*Paid to Mama Njeri/s);
  await world.quiet();
  expect((await browse(/\/pay\/\w{32}\/\w{64}/.exec(sent.text)?.[0] ?? '')).text).toContain('>Paid</span>');
  const linked = await world.db
    .selectFrom('phone_link')
    .select('phone_link.linked_at')
    .innerJoin('identity', 'identity.id', 'phone_link.identity_id')
    .where('identity.external_id', '=', world.key(id))
    .execute();
  expect(linked).toEqual([]);
  const [use] = await world.db
    .selectFrom('link_use')
    .select(['vouched', 'address_hmac'])
    .orderBy('id', 'desc')
    .limit(1)
    .execute();
  expect(use).toMatchObject({ vouched: false, address_hmac: expect.any(Buffer) });
});

test('the conversation makes a link for any amount and many payments; members and customers pay by it', async () => {
  world.say('/link');
  await world.card('How much should the link ask for?');
  await world.press('Any amount');
  await world.card('What is it for?');
  await world.press('Skip');
  await world.press('Many times');
  const { message, code } = await madeBy(() => world.press('30 days'), 'Payment link');
  expect(message.text).toMatch(
    /^Payment link: any amount to Mama Njeri\nFor many payments, open until 21 Dec/,
  );
  const { id, msisdn } = newPerson();
  start(id, code);
  await world.card('How much do you pay Mama Njeri?', id);
  world.say('300000', id);
  await world.card('M-Pesa takes KES 1 to KES 250,000', id);
  world.say('1500', id);
  await world.card('Mama Njeri asks for KES 1,500.', id);
  world.chat.pressReplyKeyboard(id, 'Share my number');
  await world.press('Send prompt', id);
  await world.pay(msisdn);
  await world.card(/KES 1,500.*Payment receipt/s, id);
  // The second time the phone is known.
  await world.advance(125);
  start(id, code);
  await world.card('How much do you pay Mama Njeri?', id);
  world.say('250', id);
  await world.card(/^KES 250 to Mama Njeri from/, id);
  await world.press('Cancel', id);
  await world.card('Stopped; nothing was sent.', id);
  start(boss, code);
  await world.card('How much do you pay Mama Njeri?', boss);
  world.say('/cancel', boss);
  const browser = newCustomer(world);
  const sent = await browse(`/pay/${code}`, { phone: browser, amount: '700' });
  expect(sent.status).toBe(303);
  await world.pay(browser);
  await world.card(/^✅ KES 700/);
  const paid = await browse(sent.location);
  const receipt = /href="([^"]+\/receipt\/[^"]+)"/.exec(paid.text)?.[1] ?? '';
  expect((await browse(receipt)).text).toContain('KES 700');
});

test('a button closes the link; the open ones can be shown again', async () => {
  const { message, code } = await madeBy(() => world.say('/link 610 books'), /KES 610/);
  world.say('/link');
  await world.card('How much should the link ask for?');
  const { message: again } = await madeBy(() => world.press('Open links'), /KES 610/);
  expect(codeIn(again.text)).toBe(code);
  await world.press('Close the link', shopPerson, message);
  await world.toast('The link is closed. /link makes another.');
  await world.quiet();
  expect(labels(await world.card(/KES 610/))).toEqual(['Close the link']);
  await expectDisarmed(world, shopPerson, message);
  const { id } = newPerson();
  start(id, code);
  await world.card('Mama Njeri closed this link. Ask for a new one.', id);
  expect(await browse(`/pay/${code}`)).toMatchObject({ status: 410 });
});

test('a link that ends while its question stands open sends nothing', async () => {
  const { code } = await madeBy(() => world.say('/link 620'), /KES 620/);
  const { id, msisdn } = newPerson('sw');
  start(id, code);
  await world.card('Mama Njeri inaomba KES 620.', id);
  world.chat.pressReplyKeyboard(id, 'Tuma nambari yangu');
  await world.card('Tutume ombi la PIN kwa simu hii?', id);
  await world.db
    .updateTable('pay_link')
    .set({ expires_at: world.scheduler.now() })
    .where('code_hmac', '=', world.database.vault.hmac('pay_link', code))
    .execute();
  await world.press('Tuma ombi', id);
  await world.card(/Kiungo hiki kilikuwa wazi hadi \d\d:\d\d\. Omba Mama Njeri/, id);
  expect(world.mpesa.prompts(msisdn)).toEqual([]);
  expect(await browse(`/pay/${code}`)).toMatchObject({ status: 410 });
  start(id, '0'.repeat(32));
  await world.card('Kiungo hiki hatukijui.', id);
});

test('a phone that moved to another chat while the question stood open is not rung', async () => {
  const { code } = await madeBy(() => world.say('/link 625'), /KES 625/);
  const [one, other] = [newPerson(), newPerson()];
  start(one.id, code);
  await world.card('Mama Njeri asks for KES 625.', one.id);
  world.chat.pressReplyKeyboard(one.id, 'Share my number');
  await world.card('Send the PIN prompt to this phone?', one.id);
  const reissued = { phone: one.msisdn, firstName: 'Otieno', contactUserId: other.id };
  world.chat.shareContact(other.id, reissued);
  await world.card('will come here.', other.id);
  await world.press('Send prompt', one.id);
  await world.card(/Nothing was sent: 0\d{3} \d{3} \d{3} is no longer linked to this chat\./, one.id);
  expect(world.mpesa.prompts(one.msisdn)).toEqual([]);
});

test('Send again says that a once-link was paid by another phone', async () => {
  const { code } = await madeBy(() => world.say('/link 655 once'), /KES 655/);
  const [first, second] = [newCustomer(world), newCustomer(world)];
  expect((await browse(`/pay/${code}`, { phone: first })).status).toBe(303);
  world.mpesa.cancel((await world.prompt(first)).id);
  const over = await world.card(/^⚪ KES 655/);
  expect((await browse(`/pay/${code}`, { phone: second })).status).toBe(303);
  await world.pay(second);
  await world.card(/^✅ KES 655/);
  await world.advance(125);
  await world.press('Send again', shopPerson, over);
  const said = await world.card('another phone has paid it. /history shows it.');
  expect(said.text).toMatch(/^⚪ KES 655/);
  expect(labels(said)).toEqual([]);
  expect(world.mpesa.prompts(first)).toEqual([]);
});

test('who may not ask for money makes no link and closes none', async () => {
  const { message } = await madeBy(() => world.say('/link 630 shoes'), /KES 630/);
  world.say('/link 500 lunch', stranger);
  await world.card('You are in no business here yet.', stranger);
  await world.join(shopPerson, 'viewer');
  world.say('/link 500 lunch');
  await world.card('This is for a cashier. Ask');
  await world.press('Close the link', shopPerson, message);
  await world.toast('This is for a cashier.');
  await world.join(shopPerson, 'cashier');
  expect(await browse(`/pay/${codeIn(message.text)}`)).toMatchObject({ status: 200 });
});

test('what a line does not say clearly is asked, and a phone has no place in it', async () => {
  world.say('/link 500 0712345678');
  await world.card('Write it like /link 500 lunch.');
  world.chat.sendText(shopPerson, '/link lunch');
  await world.card('We could not read lunch.');
  world.say('/link 2k5 cake');
  await world.card('KES 2,500 or KES 2,005?');
  const { message } = await madeBy(() => world.press('KES 2,500'), 'Payment link');
  expect(message.text).toMatch(/^Payment link: KES 2,500 to Mama Njeri\ncake\n/);
});

test('a phone that says no twice is left alone by browsers for a day; its owner and the shop may still ask', async () => {
  const { code } = await madeBy(() => world.say('/link 640 rent'), /KES 640/);
  const { id, msisdn } = newPerson();
  for (let no = 0; no < 2; no++) {
    expect((await browse(`/pay/${code}`, { phone: msisdn })).status).toBe(303);
    world.mpesa.cancel((await world.prompt(msisdn)).id);
    await world.card(/^⚪ KES 640/);
    await world.advance(125);
  }
  const refused = await browse(`/pay/${code}`, { phone: msisdn });
  expect(refused.status).toBe(429);
  expect(refused.text).toMatch(/came to nothing, so links leave it alone until \d+ \w+ \d\d:\d\d/);
  expect(world.mpesa.prompts(msisdn)).toEqual([]);
  world.say(`645 0${msisdn.slice(3)} rent`);
  await world.press('Send prompt');
  await world.pay(msisdn);
  await world.card(/^✅ KES 645/);
  await world.advance(125);
  start(id, code);
  await world.card('Share your own number', id);
  world.chat.pressReplyKeyboard(id, 'Share my number');
  await world.press('Send prompt', id);
  await world.pay(msisdn);
  await world.card(/^✅ KES 640/);
});

test('of two who send the form of a once-link at the same moment, one phone rings', async () => {
  const { code } = await madeBy(() => world.say('/link 650 once'), /KES 650/);
  const phones = [newCustomer(world), newCustomer(world), newCustomer(world)];
  const sent = await Promise.all(phones.map((phone) => browse(`/pay/${code}`, { phone })));
  expect(sent.map(({ status }) => status).sort()).toEqual([303, 409, 409]);
  await world.quiet();
  expect(phones.flatMap((phone) => world.mpesa.prompts(phone))).toHaveLength(1);
});
