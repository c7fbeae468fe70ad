/** Protects that what the emulated Cloud API posts, every kind of it, reaches the bot as the person meant it. */
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUpdateReader } from '../../../src/channels/whatsapp/update.ts';
import { whatsappWebhook } from '../../../src/channels/whatsapp/webhook.ts';
import { createInboxWorker } from '../../../src/inbox/claim.ts';
import { createInbox } from '../../../src/inbox/store.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { laneOfPerson } from '../../../src/payments/identities.ts';
import {
  amina,
  appSecret,
  hidden,
  type Kit,
  numberId,
  startKit,
  verifyToken,
} from '../../sandbox/whatsapp-kit.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let kit: Kit;
const app = Fastify();
const seen: Record<string, unknown>[] = [];
let drain: () => Promise<void>;

beforeAll(async () => {
  database = await openTestDatabase();
  kit = await startKit();
  const { db, vault } = database;
  const clock = kit.scheduler;
  const laneOf = (externalId: string) => laneOfPerson(vault, { channel: 'whatsapp', externalId });
  const inbox = createInbox({ db, vault, clock });
  const common = { appSecret, verifyToken, phoneNumberId: numberId, laneOf, log: silentLog };
  app.register(whatsappWebhook({ ...common, inbox, onStored: () => undefined }));
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/whatsapp`;
  expect(await kit.control.subscribe(url)).toMatchObject({ verified: true });
  const read = createUpdateReader({ laneOf });
  const worker = createInboxWorker({
    ...{ db, vault, clock, source: 'whatsapp', log: silentLog, maxTries: 1 },
    handle: async (tx, row) => {
      const found = row.lane === null ? null : await read(tx, row);
      const { message, callback_query: press } = found?.update ?? {};
      if (found !== null) seen.push({ ...message, ...press, by: found.sender.externalId });
    },
    buried: async (_tx, _row, err) => void seen.push({ broke: String(err) }),
  });
  drain = async () => {
    await kit.rest();
    while (await worker.runOnce());
  };
});
afterAll(async () => {
  await app.close();
  await kit.close();
  await database.close();
});

test('every kind of message', async () => {
  const { control } = kit;
  const buttons = [{ type: 'reply', reply: { id: 'p:ab:send', title: 'Send' } }];
  const action = { type: 'button', body: { text: 'KES 500?' }, action: { buttons } };
  const own = `+${amina}`;
  const person = { id: amina, first_name: 'Amina' };
  const id = control.sendText(amina, 'Habari \u{1f44b} 500/=');
  await kit.post({ type: 'interactive', interactive: action });
  control.pressButton(amina, control.lastMessage(amina, { fromBot: true })?.id ?? 0, 'Send');
  control.shareOwnPhone(amina);
  control.shareContact(amina, { phone: '254733000222', firstName: 'Juma' });
  control.shareContact(amina, { phone: String(amina), firstName: 'Amina', forwardFrom: hidden });
  control.sendDocument(amina, { name: 'wages.csv', mimeType: 'text/csv', bytes: Buffer.from('a,b') });
  control.sendPhoto(amina, Buffer.from([0xff, 0xd8, 0xff]), 'the till');
  control.sendVoice(amina);
  control.sendSticker(amina);
  control.sendLocation(amina);
  control.sendUnsupported(amina);
  control.editText(amina, id, 'changed');
  control.react(amina, id, '\u{1f44d}');
  control.sendText(hidden, 'no number here');
  await drain();
  expect(seen.filter(({ by }) => by === String(amina))).toEqual([
    expect.objectContaining({ text: 'Habari \u{1f44b} 500/=', from: expect.objectContaining(person) }),
    expect.objectContaining({ data: 'p:ab:send' }),
    expect.objectContaining({ contact: { phone_number: own, first_name: 'Amina', user_id: amina } }),
    expect.objectContaining({
      contact: { phone_number: '+254733000222', first_name: 'Juma', user_id: 254733000222 },
    }),
    expect.objectContaining({ forward_origin: expect.anything() }),
    expect.objectContaining({
      document: expect.objectContaining({ file_name: 'wages.csv', mime_type: 'text/csv' }),
    }),
    expect.objectContaining({ caption: 'the till', photo: expect.anything() }),
    expect.objectContaining({ voice: expect.anything() }),
    ...Array.from({ length: 3 }, () => expect.not.objectContaining({ text: expect.anything() })),
  ]);
  const [other, ...more] = seen.filter(({ by }) => by !== String(amina));
  expect(other).toMatchObject({ by: hidden, text: 'no number here' });
  expect(more).toEqual([]);
});

test('a batch, a second delivery and a wrong signature', async () => {
  const { control } = kit;
  seen.length = 0;
  control.hold();
  for (const text of ['one', 'two', 'three']) control.sendText(amina, text);
  control.duplicateNext();
  control.release({ together: true });
  await drain();
  expect(seen.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  control.signWrongly(1);
  control.sendText(amina, 'four');
  control.foreignNumber(1);
  control.sendText(amina, 'five');
  await drain();
  expect(seen.slice(3).every(({ text }) => text !== 'five')).toBe(true);
  expect(control.posts().map(({ status }) => status)).toContain(401);
});
