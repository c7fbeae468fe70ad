/** Protects what the bot says from the limits of WhatsApp: the emulated Cloud API refuses what breaks one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWords } from '../../../src/bot/words.ts';
import { chooseLabels } from '../../../src/channels/whatsapp/render.ts';
import { type Cloud, guest, guestLane, inline, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const labelsOf = (
  message: { readonly buttons: readonly (readonly { readonly text: string }[])[] } | undefined,
) => message?.buttons.flat().map(({ text }) => text);

/** Sends what must be taken, and answers what the person sees of it. */
async function sent(method: string, payload: Record<string, unknown>) {
  const outcome = await cloud.send(method, payload);
  const seen = cloud.seen();
  expect(outcome).toMatchObject({ kind: 'sent', externalId: seen.at(-1)?.wamid });
  return seen;
}

describe('texts', () => {
  test('plain, and as a card', async () => {
    const [plain, card] = [
      ...(await sent('sendMessage', { chat_id: null, text: 'Try /help' })),
      ...(await sent('sendMessage', { text: '✅ <b>KES 500</b>\nA &amp; B', parse_mode: 'HTML' })).slice(1),
    ];
    expect(plain).toMatchObject({ text: 'Try help', buttons: [] });
    expect(card).toMatchObject({
      text: '✅ KES 500\nA & B',
      entities: [{ type: 'bold', offset: 2, length: 7 }],
    });
  });

  test('long ones come in parts, and the last holds the buttons', async () => {
    const text = 'One line of many.\n'.repeat(400);
    const seen = await sent('sendMessage', { text, ...inline('Yes', 'No') });
    expect(seen.map(labelsOf)).toEqual([[], [], ['Yes', 'No']]);
    expect(seen.map((one) => one.text).join('\n')).toBe(text.trim());
  });

  test('an edit is a new message', async () => {
    const seen = await sent('editMessageText', { message_id: 1, text: 'Paid', ...inline('Receipt') });
    expect(labelsOf(seen[0])).toEqual(['Receipt']);
  });
});

describe('buttons', () => {
  test('up to three short ones are reply buttons', async () => {
    const [message] = await sent('sendMessage', { text: 'Which?', ...inline('One', 'Two', 'Three') });
    expect(message).toMatchObject({ menu: null });
    expect(message?.buttons.flat()).toMatchObject([{ data: 'k:1:0' }, { data: 'k:1:1' }, { data: 'k:1:2' }]);
  });

  test('twenty letters are short, twenty-one are long', async () => {
    const [short, long] = ['Twenty letters, yes.', 'Twenty-one letters no'];
    await sent('sendMessage', { text: 'Which?', ...inline(short) });
    await sent('sendMessage', { text: 'Which?', ...inline(long) });
    expect(cloud.seen().map(({ menu }) => menu)).toEqual([null, 'Choose']);
  });

  test('more, or longer ones, are a list in the words of the reader', async () => {
    const long = 'Payments from Amina Wanjiku Otieno';
    const [message] = await sent('sendMessage', { text: 'Which?', ...inline(long, 'Two') });
    expect(message).toMatchObject({ menu: 'Choose', descriptions: [long, null] });
    expect(labelsOf(message)).toEqual(['Payments from Amina…', 'Two']);
    expect(
      await cloud.send('sendMessage', { text: 'Ipi?', ...inline('1', '2', '3', '4') }, guestLane),
    ).toMatchObject({
      kind: 'sent',
    });
    expect(cloud.seen(guest)[0]).toMatchObject({ menu: 'Chagua' });
  });

  test('rows that begin alike differ, and more than ten go on in another list', async () => {
    const labels = Array.from({ length: 12 }, (_, i) => `A payment of the same person, number ${i}`);
    const seen = await sent('sendMessage', { text: 'Which?', ...inline(...labels) });
    expect(seen.map((one) => one.text)).toEqual(['Which?', 'Choose 2/2']);
    expect(seen.flatMap(({ descriptions }) => descriptions)).toEqual(labels);
    expect(seen.map((one) => new Set(labelsOf(one)).size)).toEqual([10, 2]);
  });

  test('two with one label differ, two with one meaning are one', async () => {
    const keys = [
      { text: 'Njeri', callback_data: 'a' },
      { text: 'Njeri', callback_data: 'b' },
      { text: 'Other', callback_data: 'a' },
    ];
    const [message] = await sent('sendMessage', {
      text: 'Which?',
      reply_markup: { inline_keyboard: [keys] },
    });
    expect(labelsOf(message)).toEqual(['Njeri', 'Njeri 2']);
  });

  test('an address is a button by itself, else it stands in the text', async () => {
    const link = { text: 'Open', url: 'https://shop.ke/r/1' };
    await sent('sendMessage', { text: 'Here', reply_markup: { inline_keyboard: [[link]] } });
    const press = { text: 'Close', callback_data: 'y:1' };
    const [one, two] = await sent('sendMessage', {
      text: 'Here',
      reply_markup: { inline_keyboard: [[link], [press]] },
    });
    expect(one?.buttons).toEqual([[{ text: 'Open', data: null, url: link.url }]]);
    expect(two).toMatchObject({ text: `Here\nOpen: ${link.url}`, buttons: [[{ data: 'y:1' }]] });
  });

  test('the word of a list is that of the bot', () => {
    const words = createWords();
    for (const locale of ['en', 'sw'] as const)
      expect(chooseLabels[locale]).toBe(words.say(locale, 'btn-list'));
  });
});

describe('the key that shares a number', () => {
  const ask = {
    text: 'Share your number.',
    reply_markup: {
      keyboard: [[{ text: 'Share my number', request_contact: true }]],
      one_time_keyboard: true,
    },
  };

  test('is a button where the number is known', async () => {
    const [message] = await sent('sendMessage', ask);
    expect(message?.buttons).toEqual([[{ text: 'Share my number', data: '~own', url: null }]]);
  });

  test("is WhatsApp's own request where it is not", async () => {
    await cloud.send('sendMessage', ask, guestLane);
    expect(cloud.bodies()[0]).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      recipient: guest,
      type: 'interactive',
      interactive: {
        type: 'request_contact_info',
        body: { text: ask.text },
        action: { name: 'request_contact_info' },
      },
    });
  });

  test('is taken away without a trace', async () => {
    const [message] = await sent('sendMessage', { text: 'Linked.', reply_markup: { remove_keyboard: true } });
    expect(message).toMatchObject({ text: 'Linked.', buttons: [] });
  });
});

describe('files', () => {
  const csv = {
    file: { name: 'B-1.csv', mimeType: 'text/csv', base64: Buffer.from('phone,amount\n').toString('base64') },
  };
  const png = {
    file: { name: 'qr.png', mimeType: 'image/png', base64: Buffer.from('picture').toString('base64') },
  };

  test('a document keeps its name and its words', async () => {
    const [message] = await sent('sendDocument', { caption: 'Rows', document: csv });
    expect(message).toMatchObject({ kind: 'document', text: 'Rows', file: { name: 'B-1.csv' } });
    expect(cloud.control.file(message?.file?.id ?? '')?.bytes.toString()).toBe('phone,amount\n');
  });

  test('buttons stand below the picture', async () => {
    const seen = await sent('sendPhoto', { caption: 'A link', photo: png, ...inline('Close') });
    expect(seen).toMatchObject([{ kind: 'photo', text: 'A link', buttons: [[{ text: 'Close' }]] }]);
  });

  test('a list comes behind it, and long captions before it', async () => {
    const listed = await sent('sendDocument', { document: csv, ...inline('1', '2', '3', '4') });
    expect(listed).toMatchObject([{ kind: 'document' }, { text: 'B-1.csv', menu: 'Choose' }]);
    const caption = 'One line of many.\n'.repeat(100);
    const [text, photo] = (await sent('sendPhoto', { photo: png, caption })).slice(2);
    expect(text).toMatchObject({ kind: 'text' });
    expect(photo).toMatchObject({ kind: 'photo' });
    expect(`${text?.text}\n${photo?.text}`).toBe(caption.trim());
  });
});

test('what can never be sent is dead, without a call', async () => {
  const cases: [string, Record<string, unknown>][] = [
    ['sendMessage', { text: ' ' }],
    ['sendDocument', { document: 'file-id' }],
    ['sendVenue', { title: 'x' }],
  ];
  for (const [method, payload] of cases)
    expect(await cloud.send(method, payload)).toMatchObject({ kind: 'dead' });
  expect(cloud.bodies()).toEqual([]);
});
