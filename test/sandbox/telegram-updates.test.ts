// Protects how updates reach the bot: order, confirmation, one reader only, the webhook's secret, and its retries.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { amina, brian, type Kit, startKit } from './telegram-kit.ts';

interface Update {
  readonly update_id: number;
  readonly message?: { readonly text: string };
}

let kit: Kit;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  kit = await startKit();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await kit.server.close();
});

const get = (params: Record<string, unknown> = {}) => kit.done<Update[]>('getUpdates', params);
const texts = (updates: readonly Update[]) => updates.map((update) => update.message?.text);

describe('long polling', () => {
  test('oldest first, growing ids, kept until the offset confirms them', async () => {
    for (const text of ['one', 'two', 'three']) kit.control.sendText(amina, text);
    const first = await get({ limit: 2 });
    expect(texts(first)).toEqual(['one', 'two']);
    expect(await get({ limit: 2 })).toEqual(first);
    const ids = (await get()).map((update) => update.update_id);
    expect(ids).toEqual([ids[0], Number(ids[0]) + 1, Number(ids[0]) + 2]);
    expect(texts(await get({ offset: Number(ids[1]) + 1 }))).toEqual(['three']);
    expect(texts(await get())).toEqual(['three']);
  });

  test('a negative offset forgets all but the last', async () => {
    for (const text of ['one', 'two', 'three']) kit.control.sendText(amina, text);
    expect(texts(await get({ offset: -1 }))).toEqual(['three']);
    expect(texts(await get())).toEqual(['three']);
  });

  test('a poll waits for the next update, or for its time to be over', async () => {
    const waiting = get({ timeout: 30 });
    await polling();
    kit.control.sendText(amina, 'here');
    expect(texts(await waiting)).toEqual(['here']);
    const offset = Number((await get())[0]?.update_id) + 1;
    const empty = get({ timeout: 30, offset });
    await polling();
    kit.scheduler.advance(30_000);
    expect(await empty).toEqual([]);
  });

  test('a second reader ends the first', async () => {
    const first = kit.refusal('getUpdates', { timeout: 30 });
    await polling();
    const second = get({ timeout: 30 });
    expect(await first).toBe(
      '409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    );
    kit.control.sendText(amina, 'x');
    expect(texts(await second)).toEqual(['x']);
  });

  test('only the allowed types come; an unknown type is refused', async () => {
    await get({ allowed_updates: ['callback_query'] });
    kit.control.sendText(amina, 'unheard');
    expect(await get()).toEqual([]);
    await get({ allowed_updates: [] });
    kit.control.sendText(amina, 'heard');
    expect(texts(await get())).toEqual(['heard']);
    expect(await kit.refusal('getUpdates', { allowed_updates: ['messages'] })).toContain(
      'unknown update type',
    );
  });

  test('after a day an update is gone', async () => {
    kit.control.sendText(amina, 'old');
    kit.scheduler.advance(24 * 60 * 60 * 1000 + 1);
    expect(await get()).toEqual([]);
  });
});

describe('webhook', () => {
  test('takes the place of polling, checks its settings, and tells about itself', async () => {
    const { url } = await bot();
    expect(await kit.refusal('setWebhook', { url: 'http://shop.example/telegram' })).toBe(
      '400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
    );
    expect(await kit.refusal('setWebhook', { url: 'nonsense' })).toBe(
      '400 Bad Request: invalid webhook URL specified',
    );
    expect(await kit.refusal('setWebhook', { url, secret_token: 'no spaces' })).toBe(
      '400 Bad Request: secret token contains unallowed characters',
    );
    expect(await kit.refusal('setWebhook', { url, secret_token: 'x'.repeat(257) })).toContain('too long');
    const poll = kit.refusal('getUpdates', { timeout: 30 });
    await polling();
    await kit.done('setWebhook', { url, secret_token: 's3cret' });
    expect(await poll).toBe('409 Conflict: terminated by setWebhook request');
    expect(await kit.refusal('getUpdates')).toBe(
      "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
    expect(await kit.done('getWebhookInfo')).toMatchObject({
      url,
      pending_update_count: 0,
      max_connections: 40,
    });
    expect(JSON.stringify(kit.control.calls())).not.toContain('s3cret');
    await kit.done('deleteWebhook');
    expect(await get()).toEqual([]);
  });

  test('posts with the secret, one at a time per chat, in order', async () => {
    const hook = await bot();
    await kit.done('setWebhook', { url: hook.url, secret_token: 's3cret' });
    kit.control.sendText(amina, 'one');
    kit.control.sendText(amina, 'two');
    const one = await hook.next();
    expect(one.headers['x-telegram-bot-api-secret-token']).toBe('s3cret');
    expect(one.headers['content-type']).toBe('application/json');
    expect(one.update.message?.text).toBe('one');
    kit.control.sendText(brian, 'beside');
    const beside = await hook.next();
    expect(beside.update.message?.text).toBe('beside');
    one.answer(200);
    const two = await hook.next();
    expect(two.update.message?.text).toBe('two');
    two.answer(200);
    beside.answer(200);
  });

  test('posts again with growing pauses until the bot takes it, and tells the last trouble', async () => {
    const hook = await bot();
    await kit.done('setWebhook', { url: hook.url });
    kit.control.sendText(amina, 'again');
    for (const pauseMs of [1000, 2000, 4000]) {
      const delivery = await hook.next();
      expect(delivery.update.message?.text).toBe('again');
      const before = kit.scheduler.planned();
      delivery.answer(503);
      await before;
      kit.scheduler.advance(pauseMs);
    }
    expect(await kit.done('getWebhookInfo')).toMatchObject({
      pending_update_count: 1,
      last_error_message: 'Wrong response from the webhook: 503 Service Unavailable',
    });
    (await hook.next()).answer(200);
  });

  test('what waited in the queue goes to a new webhook, unless it is dropped', async () => {
    const hook = await bot();
    kit.control.sendText(amina, 'waited');
    await kit.done('setWebhook', { url: hook.url });
    const delivery = await hook.next();
    await kit.done('deleteWebhook', { drop_pending_updates: true });
    delivery.answer(200);
    expect(await get()).toEqual([]);
  });
});

/** Resolves when the server holds a long poll. */
async function polling(): Promise<void> {
  await kit.scheduler.planned();
}

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly update: Update;
  answer(status: number): void;
}

/** A bot's webhook that answers when the test says so. */
async function bot(): Promise<{ url: string; next(): Promise<Delivery> }> {
  const arrived: Delivery[] = [];
  const waiting: ((delivery: Delivery) => void)[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const delivery = {
      headers: request.headers,
      update: JSON.parse(body) as Update,
      answer: (status: number) => response.writeHead(status).end(),
    };
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(delivery);
    else taker(delivery);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/telegram`,
    next: () =>
      new Promise((resolve) => {
        const delivery = arrived.shift();
        if (delivery === undefined) waiting.push(resolve);
        else resolve(delivery);
      }),
  };
}
