// Protects the bad days that the emulated Cloud API can be ordered to have, and that it comes back as it was.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TelegramControl } from '../../src/sandbox/telegram/control.ts';
import { documentedLimits } from '../../src/sandbox/whatsapp/faults.ts';
import { accessToken, amina, brian, hidden, type Kit, numberId, startKit } from './whatsapp-kit.ts';

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit.close());

const hi = { type: 'text', text: { body: 'Hi' } };

test('failures by code, with their status, for the calls that are meant', async () => {
  kit.control.failNext({ method: 'uploadMedia', times: 1, errorCode: 131000 });
  kit.control.failNext({ method: 'messages', times: 1, errorCode: 131000 });
  kit.control.failNext({ times: 1, errorCode: 2 });
  kit.control.failNext({ times: 1, errorCode: 80007 });
  kit.control.failNext({ times: 1, errorCode: 131056, status: 400, description: 'Slower.' });
  expect(await kit.refusal(hi)).toMatch(/^500 131000 /);
  expect(await kit.refusal(hi)).toMatch(/^503 2 /);
  expect(await kit.refusal(hi)).toMatch(/^429 80007 /);
  expect(await kit.refusal(hi)).toBe('400 131056 Slower.');
  await kit.send(hi);
  expect((await kit.call(`/${numberId}/media`, { method: 'POST' })).status).toBe(500);
  expect(kit.control.messages(amina)).toHaveLength(1);
});

test('answers that are lost before and after the message was taken', async () => {
  kit.control.dropNext({ times: 1, afterAccepting: false });
  await expect(kit.post(hi)).rejects.toThrow();
  expect(kit.control.messages(amina)).toEqual([]);
  kit.control.dropNext({ method: 'messages', times: 1, afterAccepting: true });
  await expect(kit.post(hi)).rejects.toThrow();
  expect(kit.control.messages(amina)).toHaveLength(1);
  expect(kit.control.calls('messages').map(({ answered }) => answered)).toEqual([false, false]);
});

test('down is down both ways, and what people wrote arrives afterwards', async () => {
  kit.control.setDown(true);
  await expect(kit.post(hi)).rejects.toThrow();
  kit.control.sendText(amina, 'are you there');
  expect(kit.hook.arrived).toEqual([]);
  kit.control.setDown(false);
  await kit.rest();
  expect(kit.messages()).toHaveLength(1);
});

test('a slow call waits on the clock', async () => {
  kit.control.slow(5000);
  const planned = kit.scheduler.planned();
  const sending = kit.post(hi);
  await planned;
  expect(kit.control.messages(amina)).toEqual([]);
  kit.scheduler.advance(5000);
  expect((await sending).status).toBe(200);
});

test('the limits to one person and in all', async () => {
  kit.control.limit({ ...documentedLimits, pairBurst: 2 });
  kit.control.sendText(brian, 'hi');
  await kit.send(hi);
  await kit.send(hi);
  expect(await kit.refusal(hi)).toMatch(/^429 131056 /);
  await kit.text('another person', brian);
  kit.scheduler.advance(6000);
  await kit.send(hi);
  kit.control.limit({ ...documentedLimits, perSecond: 1 });
  await kit.send(hi);
  expect(await kit.refusal(hi)).toMatch(/^429 130429 /);
});

/** What journeys and the page call, whichever channel it is. */
type Either = Pick<
  TelegramControl,
  | ('addUser' | 'chats' | 'messages' | 'lastMessage' | 'keyboard' | 'toasts' | 'file')
  | ('sendText' | 'editText' | 'shareContact' | 'shareOwnPhone' | 'sendSticker' | 'sendVoice')
  | ('sendLocation' | 'sendPhoto' | 'sendDocument' | 'block' | 'unblock' | 'pressButton' | 'pressRaw')
  | ('pendingUpdates' | 'until' | 'snapshot' | 'restore' | 'setDown' | 'slow')
>;

test('is driven by the calls that drive the emulated Telegram', async () => {
  const either: Either = kit.control;
  const came = either.sendText(amina, 'hi');
  await kit.text('Hello');
  expect(either.messages(amina).map(({ id }) => id > came)).toEqual([false, true]);
  expect([either.keyboard(amina), either.chats()[0]?.title]).toEqual([null, 'Amina']);
  either.block(amina);
  expect(() => either.sendText(amina, 'hi')).toThrow('must unblock it first');
});

test('toasts are the plain messages, and who waits finds them', async () => {
  const waiting = kit.control.until(() => kit.control.toasts(amina).find(({ text }) => text.includes('old')));
  await kit.text('This card is *old*.');
  expect((await waiting).text).toBe('This card is old.');
});

test('a snapshot is plain JSON, and brings everything back', async () => {
  kit.control.sendText(amina, 'before');
  await kit.rest();
  kit.hook.status = 500;
  kit.control.sendText(hidden, 'not taken');
  await kit.text('on its way');
  await kit.rest();
  const saved: unknown = JSON.parse(JSON.stringify(kit.control.snapshot()));
  expect(JSON.stringify(saved)).not.toContain(accessToken);
  const other = await startKit();
  other.control.restore(saved);
  kit.hook.status = 200;
  await other.rest();
  other.scheduler.advance(2000);
  await other.rest();
  expect(other.control.messages(amina).map(({ text }) => text)).toEqual(['before', 'on its way']);
  expect(other.control.sent(amina)).toMatchObject([{ status: 'delivered' }]);
  expect(kit.messages().at(-1)).toMatchObject({ from_user_id: hidden });
  expect(other.control.addPerson({ id: 'KE.1', firstName: 'New' })).toBeGreaterThan(900_000_000_000_001);
  await other.close();
});
