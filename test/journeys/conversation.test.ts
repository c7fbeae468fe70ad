/** Protects the conversation of /request: each question is asked until it is answered, whatever comes in between. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { labels, newCustomer } from './sale.ts';
import { shopPerson } from './shop.ts';
import { isSpent } from './standing.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const askAmount = 'How much? For example 500 or 1.5k.';
const askPhone = 'Which phone pays? Type it, share a contact or pick one.';
const askNote = 'What is it for?';
const range = 'M-Pesa takes KES 1 to KES 250,000 at a time. How much?';

/** The first thing that the bot says after this was typed. */
const says = async (text: string): Promise<string> => (await world.answer(world.say(text))).text;

async function presses(button: string): Promise<SeenMessage> {
  const last = world.chat.lastMessage(shopPerson)?.id ?? 0;
  await world.press(button);
  return world.answer(last);
}

test('asks for amount, phone and note, and reads back what it understood', async () => {
  expect(await says('/request')).toBe(askAmount);
  expect(await says('abc')).toBe('We could not read abc. Write it like 500.');
  for (const text of ['0', '-1', '250001']) expect([text, await says(text)]).toEqual([text, range]);
  await says('/cancel');
  await says('/request');
  for (const text of ['0.5', '1e9']) expect([text, await says(text)]).toEqual([text, range]);
  await says('/cancel');
  expect(await says('/request')).toBe(askAmount);
  const either = await world.answer(world.say('2k5'));
  expect(either.text).toBe('KES 2,500 or KES 2,005?');
  expect(labels(either)).toEqual(['KES 2,500', 'KES 2,005']);
  expect((await presses('KES 2,500')).text).toBe(askPhone);
  expect(await says('+447911123456')).toBe('Kenyan numbers only: 07, 01 or +254.');
  expect(await says('07123')).toBe('We could not read 07123. Write it like 0712 345 678.');
  expect(await says('\u200f+254 \u202a712-345\u202c 678')).toBe(askNote);
  const confirm = await world.answer(world.say('two \u202ecrates\u202c'));
  expect(confirm.text).toMatch(
    /^KES 2,500 · 0712 345 678 · P-\w{5}\ntwo crates\nSend the PIN prompt to this phone\?$/,
  );
});

test('takes the amount, phone and note in one answer', async () => {
  await says('/request');
  const confirm = await world.answer(world.say('300 0722000111 bread'));
  expect(confirm.text).toMatch(/^KES 300 · 0722 000 111 · P-\w{5}\nbread\n/);
});

test('a note that is too long is sent back, and Skip leaves it out', async () => {
  await says('/request');
  await says('450');
  await says('0733000222');
  const typed = world.say('n'.repeat(5000));
  // Telegram's apps send what is longer than 4,096 letters in two.
  const parts = world.channel === 'telegram' ? [4096, 904] : [5000];
  await world.quiet();
  const answers = world.chat
    .messages(shopPerson)
    .filter(({ id, fromBot }) => fromBot && id > typed - parts.length);
  const long = (count: number) => `At most 60 letters; this has ${count}. Please shorten it.`;
  expect(answers.map(({ text }) => text)).toEqual(parts.map(long));
  const confirm = await presses('Skip');
  expect(confirm.text).toMatch(/^KES 450 · 0733 000 222 · P-\w{5}\nSend the PIN prompt to this phone\?$/);
});

describe('the phone', () => {
  test('comes from a shared contact, whose name is known from then on', async () => {
    await says('/request');
    await says('460');
    const control = world.chat;
    const shared = control.shareContact(shopPerson, { phone: '+254 733 000222', firstName: 'Wanjiru' });
    expect((await world.answer(shared)).text).toBe(askNote);
    expect((await presses('Skip')).text).toContain('0733 000 222');
    const which = await world.answer(world.say('Wanjiru 470'));
    expect(which.text).toBe('Which Wanjiru?');
    expect(labels(which)).toEqual(['0733 000 222 Wanjiru']);
    expect((await presses('0733 000 222 Wanjiru')).text).toMatch(/^KES 470 · 0733 000 222/);
  });

  test('is a recent customer by a tap', async () => {
    await world.advance(1);
    const msisdn = newCustomer(world);
    const shown = `0720 000 ${msisdn.slice(-3)}`;
    await world.answer(world.say(`480 0${msisdn.slice(3)}`));
    await says('/request');
    const phones = await world.answer(world.say('490'));
    expect(labels(phones)[0]).toBe(shown);
    expect(labels(phones).length).toBeLessThanOrEqual(4);
    expect((await presses(shown)).text).toBe(askNote);
    expect((await presses('Skip')).text).toMatch(new RegExp(`^KES 490 · ${shown}`));
  });

  test('two of them are asked with buttons', async () => {
    const two = await world.answer(world.say('500 0712345678 0722000111'));
    expect(two.text).toBe('Which of these phones?');
    expect(labels(two)).toEqual(['0712 345 678', '0722 000 111']);
    expect((await presses('0722 000 111')).text).toContain('0722 000 111');
  });

  test('by a contact alone starts a request', async () => {
    const shared = world.chat.shareContact(shopPerson, {
      phone: '254712345678',
      firstName: 'Otis',
    });
    expect((await world.answer(shared)).text).toBe(askAmount);
    expect(await says('510')).toMatch(/^KES 510 · 0712 345 678/);
  });
});

describe('in the middle of it', () => {
  test('stickers, voice notes, photos and places get a short answer, and it goes on', async () => {
    await says('/request');
    const control = world.chat;
    const others = [
      () => control.sendSticker(shopPerson),
      () => control.sendVoice(shopPerson),
      () => control.sendPhoto(shopPerson, Buffer.from('a photo'), '500'),
      () => control.sendLocation(shopPerson),
    ];
    for (const other of others)
      expect((await world.answer(other())).text).toBe(`Only text works here. ${askAmount}`);
    expect(await says('520')).toBe(askPhone);
    await says('/cancel');
  });

  test('commands that only show leave it as it is', async () => {
    const ref = /P-\w{5}/.exec(await says('530 0712345678'))?.[0] ?? '';
    await says('/request');
    const unknown = await world.answer(world.chat.sendText(shopPerson, '/nonsense now'));
    expect(unknown.text).toBe(world.spoken('We do not know /nonsense. /help shows what works.'));
    expect(await says(`/status ${ref}`)).toContain(ref);
    expect(await says('/help')).toContain('500 0712345678 lunch asks for a payment');
    await says('/history');
    await says('/settings');
    expect(await says('540')).toBe(askPhone);
    await says('/cancel');
  });

  test('/cancel, ghairi and acha end it; nothing was sent', async () => {
    for (const word of ['/cancel', 'ghairi', 'acha']) {
      await says('/request');
      expect(await says(word)).toBe('Stopped; nothing was sent.');
      expect(await says(word)).toContain('There is nothing to cancel here.');
    }
  });

  test('a call for help or a greeting is no answer to a question that takes any text; other commands are', async () => {
    await says('/request');
    await says('541');
    expect(await says('0722000111')).toBe(askNote);
    for (const word of ['help', 'Msaada tafadhali', 'menu', 'hi', 'habari'])
      expect([word, await says(word)]).toEqual([word, expect.stringContaining('500 0712345678 lunch')]);
    expect(await says('history')).toMatch(/^KES 541 · 0722 000 111 · P-\w{5}\nhistory\n/);
  });

  test('the same in Swahili', async () => {
    await says('/language sw');
    await says('/request');
    await says('542');
    expect(await says('0722000111')).toBe('Ni ya nini?');
    for (const word of ['msaada', 'menyu', 'Hujambo!'])
      expect([word, await says(word)]).toEqual([word, expect.stringContaining('500 0712345678 chakula')]);
    expect(await says('leo')).toMatch(/^KES 542 · 0722 000 111 · P-\w{5}\nleo\n/);
    await says('/language en');
  });

  test('five answers that cannot be read end it', async () => {
    await says('/request');
    for (let i = 0; i < 4; i++) await says('abc');
    expect(await says('abc')).toBe(world.spoken('Too many tries. Nothing was sent. Try /help.'));
    expect(await says('/cancel')).toContain('There is nothing to cancel here.');
  });

  test('a new /request begins anew', async () => {
    await says('/request');
    await says('550');
    expect(await says('/request')).toBe(askAmount);
    await says('/cancel');
  });
});

test('Change asks again with what is there, and the new card takes the place of the old', async () => {
  const first = await world.answer(world.say('560 0712345678 tea'));
  expect(labels(await presses('Change'))).toEqual(['KES 560']);
  expect(labels(await presses('KES 560'))).toEqual(['0712 345 678']);
  const note = await world.answer(world.say('0722000111'));
  expect(labels(note)).toEqual(['tea', 'Skip']);
  const changed = await presses('tea');
  expect(changed.text).toMatch(/^KES 560 · 0722 000 111 · P-\w{5}\ntea\n/);
  expect(changed.text.slice(-100)).toContain('Send the PIN prompt');
  await world.quiet();
  expect(await isSpent(world, shopPerson, first)).toBe(true);
});

test('a word that could also mean sending money is asked', async () => {
  const which = await world.answer(world.say('tuma 570 0712345678'));
  expect(which.text).toBe('Ask for this money, or send it?');
  expect((await presses('Send money')).text).toBe('This is for a manager. Ask a manager.');
  await world.answer(world.say('lipa 580 0712345678'));
  expect((await presses('Ask for a payment')).text).toMatch(/^KES 580 · 0712 345 678/);
});
