/** Protects the shop that works in Swahili: every sentence on the path, by choice or by the phone's own language. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labels } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const says = async (text: string): Promise<string> => (await world.answer(world.say(text))).text;

test('/language asks, or takes the language by name', async () => {
  const which = await world.answer(world.say('/language'));
  expect(labels(which)).toEqual(['English', 'Kiswahili']);
  await world.press('Kiswahili');
  await world.card('Tutaandika kwa Kiswahili hapa.');
  expect(await says('/language en')).toBe('We will write in English here.');
  expect(await says('/language sw')).toBe('Tutaandika kwa Kiswahili hapa.');
});

test('a payment from the line to the receipt', async () => {
  const confirm = await world.answer(world.say('mia tano 0712345678 chakula'));
  expect(confirm.text).toMatch(
    /^KES 500 · 0712 345 678 · P-\w{5}\nchakula\nTutume ombi la PIN kwa simu hii\?$/,
  );
  expect(labels(confirm)).toEqual(['Tuma ombi', 'Badilisha', 'Ghairi']);
  await world.press('Tuma ombi');
  await world.card(/^⏳ .*\nOmbi la PIN limetumwa, tunasubiri PIN\. \d\d:\d\d$/);
  await world.pay();
  await world.card(/^✅ .*\nImelipwa kwa Mama Njeri \d\d:\d\d\. M-Pesa \w{10}\nchakula$/);
});

test('not paid, held back, not known and to review', async () => {
  world.say('600 0722000111');
  await world.press('Tuma ombi');
  world.mpesa.cancel((await world.prompt('254722000111')).id);
  const over = await world.card(/^⚪ KES 600/);
  expect(over.text).toMatch(/\nHaijalipwa\.\nHakuna pesa zilizotoka\.$/);
  expect(labels(over)).toEqual(['Tuma tena']);
  await world.press('Tuma tena');
  await world.card(/^⏳ .*\nHaikutumwa: M-Pesa hukataa kiasi kilekile mara mbili ndani ya dakika 2\. Jaribu/);
  world.bluepay.control.arm('drop_before_accept');
  await world.answer(world.say('610 0733000222'));
  await world.press('Tuma ombi');
  await world.card(/^❔ .*\nBado hatujui\. Usitume ombi lingine\. Tutaangalia tena \d\d:\d\d\.$/);
  for (let i = 0; i < 12; i++) await world.advance(310);
  const review = await world.card(/^⚠️ .*\nBado hatujui\. Linganisha na taarifa ya M-Pesa\.$/);
  expect(labels(review)).toEqual(['Kagua']);
  await world.press('Kagua', shopPerson, review);
  await world.toast('Hii ni ya meneja.');
  expect((await world.card('We still do not know.', boss)).text).toContain('Asked by Njeri');
});

test('the conversation, and what gets in its way', async () => {
  expect(await says('/request')).toBe('Kiasi gani? Mfano 500 au 1.5k.');
  expect(await says('abc')).toBe('Hatukuelewa abc. Andika kama 500.');
  expect(await says('250001')).toBe('M-Pesa hupokea KES 1 hadi KES 250,000 kwa mara moja. Kiasi gani?');
  expect(await says('elfu moja')).toBe('Simu gani italipa? Andika nambari, tuma contact au chagua.');
  expect(await says('+447911123456')).toBe('Nambari za Kenya pekee: 07, 01 au +254.');
  expect(await says('wacha')).toBe('Imesimamishwa; hakuna kilichotumwa.');
  expect(await says('/status P-00000')).toBe('Hakuna P-00000 kwenye Mama Njeri.');
  expect(await says('msaada')).toContain('Hatuulizi PIN kamwe.');
});

test('somebody new is spoken to in the language of their phone', async () => {
  world.chat.addUser({ id: 1009, firstName: 'Zawadi', languageCode: 'sw', started: true });
  const asked = world.say('/help', 1009);
  expect((await world.answer(asked, 1009)).text).not.toMatch(/You are in no business/);
});
