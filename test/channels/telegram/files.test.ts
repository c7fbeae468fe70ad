/** Protects the bytes of a file on their way from Telegram, and the token that is part of their URL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTelegramApi } from '../../../src/channels/telegram/api.ts';
import { createTelegramFiles } from '../../../src/channels/telegram/files.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { amina, type Kit, startKit, token } from '../../sandbox/telegram-kit.ts';

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit.server.close());

function filesOver(fetching: typeof fetch) {
  const deps = { token, apiRoot: kit.server.url, fetch: fetching, log: silentLog };
  return createTelegramFiles({ ...deps, api: createTelegramApi(deps) });
}

async function sent(bytes: Buffer): Promise<string> {
  const id = kit.control.sendDocument(amina, { name: 'wages 1.csv', mimeType: 'text/csv', bytes });
  const message = kit.control.messages(amina).find((one) => one.id === id);
  return message?.file?.id ?? '';
}

test('the bytes come as they were sent', async () => {
  const bytes = Buffer.from([0, 1, 2, 0xff]);
  expect(await filesOver(fetch).fetch(await sent(bytes), 100)).toEqual({ kind: 'file', bytes });
});

test('a file that is larger than it may be is not read to its end', async () => {
  expect(await filesOver(fetch).fetch(await sent(Buffer.alloc(101)), 100)).toEqual({ kind: 'too_big' });
});

test('a file that Telegram does not know is gone', async () => {
  expect(await filesOver(fetch).fetch('nothing', 100)).toMatchObject({ kind: 'gone' });
});

test.each([
  ['getFile', 0],
  ['the download', 1],
])('where %s is not answered it is tried later, and the token is told to nobody', async (_what, calls) => {
  let made = 0;
  const broken: typeof fetch = async (url, init) => {
    if (made++ === calls) throw new TypeError(`fetch failed: ${String(url)}`);
    return fetch(url, init);
  };
  const outcome = await filesOver(broken).fetch(await sent(Buffer.from('x')), 100);
  expect(outcome).toMatchObject({ kind: 'later', afterSeconds: null });
  expect(JSON.stringify(outcome)).not.toContain(token);
});

test.each([
  [404, 'gone'],
  [502, 'later'],
] as const)('HTTP %i at the download means %s', async (status, kind) => {
  const answering: typeof fetch = async (url, init) =>
    String(url).includes('/file/') ? new Response('', { status }) : fetch(url, init);
  expect(await filesOver(answering).fetch(await sent(Buffer.from('x')), 100)).toMatchObject({ kind });
});
