/** Protects the token and the memory while a file that somebody sent is fetched. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WhatsappApi } from '../../../src/channels/whatsapp/api.ts';
import { createWhatsappFiles } from '../../../src/channels/whatsapp/files.ts';
import { amina, type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const bytes = Buffer.from('phone,amount\n0712345678,500\n');

/** Amina sends a file; the answer is its media id. */
function received(): string {
  const id = cloud.control.sendDocument(amina, { name: 'rows.csv', mimeType: 'text/csv', bytes });
  return cloud.control.messages(amina).find((message) => message.id === id)?.file?.id ?? '';
}

const files = () => createWhatsappFiles({ api: cloud.api, apiRoot: cloud.server.url });

test('the bytes', async () => {
  expect(await files().fetch(received(), 1000)).toEqual({ kind: 'file', bytes });
});

test('too big, by what Meta says and by what comes', async () => {
  expect(await files().fetch(received(), 10)).toEqual({ kind: 'too_big' });
  const silent: Pick<WhatsappApi, 'media' | 'open'> = {
    ...cloud.api,
    media: async (id, options) => {
      const answer = await cloud.api.media(id, options);
      return answer.kind === 'ok' ? { kind: 'ok', result: { ...answer.result, bytes: null } } : answer;
    },
  };
  const fetched = createWhatsappFiles({ api: silent, apiRoot: cloud.server.url });
  expect(await fetched.fetch(received(), 10)).toEqual({ kind: 'too_big' });
});

test('gone', async () => {
  expect(await files().fetch('1', 1000)).toMatchObject({ kind: 'gone' });
  const id = received();
  cloud.advanceHours(24 * 8);
  expect(await files().fetch(id, 1000)).toMatchObject({ kind: 'gone' });
});

test('later', async () => {
  const id = received();
  cloud.control.failNext({ method: 'getMedia', times: 1, errorCode: 2 });
  expect(await files().fetch(id, 1000)).toMatchObject({ kind: 'later', afterSeconds: null });
  cloud.control.dropNext({ method: 'downloadMedia', times: 1, afterAccepting: false });
  expect(await files().fetch(id, 1000)).toMatchObject({ kind: 'later' });
  cloud.control.expireToken();
  expect(await files().fetch(id, 1000)).toMatchObject({ kind: 'later', afterSeconds: 60 });
});

test.each([
  [
    'https://graph.facebook.com/v23.0',
    'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1',
    true,
  ],
  ['https://graph.facebook.com/v23.0', 'https://scontent.whatsapp.net/1', true],
  ['https://meta.proxy.example/v23.0', 'https://meta.proxy.example/1', true],
  ['https://graph.facebook.com/v23.0', 'http://lookaside.fbsbx.com/1', false],
  ['https://graph.facebook.com/v23.0', 'https://fbsbx.com.evil.example/1', false],
  ['https://graph.facebook.com/v23.0', 'https://evilfbsbx.com/1', false],
  ['https://graph.facebook.com/v23.0', 'https://a@lookaside.fbsbx.com/1', false],
  ['https://graph.facebook.com/v23.0', 'http://127.0.0.1/1', false],
  ['http://127.0.0.1:8082/v23.0', 'http://127.0.0.1:9000/1', true],
  ['http://127.0.0.1:8082/v23.0', 'https://lookaside.fbsbx.com/1', false],
  ['https://graph.facebook.com/v23.0', 'no address', false],
])('the token of %s goes to %s: %s', async (apiRoot, url, goes) => {
  const opened: string[] = [];
  const api: Pick<WhatsappApi, 'media' | 'open'> = {
    media: async () => ({ kind: 'ok', result: { url, bytes: null } }),
    open: async (to) => {
      opened.push(to);
      return new Response('x');
    },
  };
  const answer = await createWhatsappFiles({ api, apiRoot }).fetch('1', 10);
  expect(opened).toEqual(goes ? [url] : []);
  expect(answer.kind).toBe(goes ? 'file' : 'gone');
});
