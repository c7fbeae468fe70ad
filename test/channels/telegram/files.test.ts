/** Protects documents and pictures on their way into a chat: whole, named, with their caption, on the strict server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { qrPng } from '../../../src/bot/cards/qr.ts';
import { createTelegramApi } from '../../../src/channels/telegram/api.ts';
import { createTelegramSender } from '../../../src/channels/telegram/send.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { attach } from '../../../src/outbox/attach.ts';
import { amina, type Kit, startKit, token } from '../../sandbox/telegram-kit.ts';

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit.server.close());

async function send(method: string, payload: Record<string, unknown>) {
  const api = createTelegramApi({ token, apiRoot: kit.server.url, fetch, log: silentLog });
  return await createTelegramSender({ api }).send({ method, payload, targetExternalId: null });
}

test('a document arrives byte for byte, with caption and buttons', async () => {
  const bytes = Buffer.from([0, 255, 13, 10, 45, 45, 128, 0]);
  const outcome = await send('sendDocument', {
    chat_id: amina,
    caption: '<b>KES 500</b> · Šešir "x"',
    parse_mode: 'HTML',
    reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] },
    document: attach('receipt-P-7KQ4M.pdf', 'application/pdf', bytes),
    reply_parameters: undefined,
  });
  const message = kit.control.lastMessage(amina);
  expect(outcome).toEqual({ kind: 'sent', externalId: String(message?.id) });
  expect(message).toMatchObject({
    kind: 'document',
    text: 'KES 500 · Šešir "x"',
    buttons: [[{ text: 'Yes', data: 'y' }]],
    file: { name: 'receipt-P-7KQ4M.pdf', mimeType: 'application/pdf' },
  });
  expect(kit.control.file(message?.file?.id ?? '')?.bytes.equals(bytes)).toBe(true);
});

test('a QR code arrives as a picture', async () => {
  const png = await qrPng('https://shop.example/pay/0123456789abcdef0123456789abcdef');
  expect(
    await send('sendPhoto', { chat_id: amina, photo: attach('qr.png', 'image/png', png) }),
  ).toMatchObject({
    kind: 'sent',
  });
  expect(kit.control.lastMessage(amina)).toMatchObject({ kind: 'photo', file: { mimeType: 'image/png' } });
});

test.each([
  ['what is no picture', 'sendPhoto', { photo: attach('x.png', 'image/png', Buffer.from('%PDF-')) }],
  ['an empty file', 'sendDocument', { document: attach('x.pdf', 'application/pdf', Buffer.alloc(0)) }],
  [
    'a caption that is too long',
    'sendDocument',
    { document: attach('x', 'text/plain', Buffer.from('x')), caption: 'x'.repeat(1025) },
  ],
])('%s is refused, for a person to look at', async (_what, method, payload) => {
  expect(await send(method, { chat_id: amina, ...payload })).toMatchObject({ kind: 'dead' });
});
