/**
 * Protects the newcomer's first minutes: one command, one line, and a payment that is asked for, paid and proved with the
 * real program in between; also over a killed program, a killed playground, and a lost callback. And it protects everyone
 * else from the playground: no credential goes in, and nobody but this machine comes in.
 */
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PersonId } from '../../src/sandbox/cast.ts';
import { markOf } from '../../src/sandbox/process-mark.ts';
import { gatewaysOnTheDesk } from './playground-gateways.ts';
import {
  ask,
  cardOf,
  messagesOf,
  rawRequest,
  remove,
  type Started,
  spawnPlayground,
  startPlayground,
  temporaryDirectory,
} from './playground-kit.ts';

const customer = '254712345678';
const other = '254722000111';
const secret = 'live-key-that-must-stay-outside';
const liveEnvironment = { AFRICASTALKING_USERNAME: 'shop', AFRICASTALKING_API_KEY: secret, CANARY: secret };

// Whole programs are started here; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 100_000, hookTimeout: 60_000 });

let dataDir: string;
let desk: Started;

beforeAll(async () => {
  dataDir = await temporaryDirectory();
  desk = await startPlayground(dataDir, liveEnvironment);
});

afterAll(async () => {
  await desk?.end('SIGTERM');
  await remove(dataDir);
});

/** The newest SMS of the customer's phone from this sender. */
const smsFrom = (sender: string): string | undefined =>
  desk.desk.now().phones[0]?.sms.findLast(({ from }) => from === sender)?.text;

async function outcome(playground: ReturnType<typeof spawnPlayground>) {
  const { stdout, stderr } = playground;
  if (stdout === null || stderr === null) throw new Error('no output');
  const [[status], out, err] = await Promise.all([once(playground, 'exit'), text(stdout), text(stderr)]);
  return { status, out, err };
}

describe('a started playground', () => {
  it('says one line, and is up with everyone at the desk', () => {
    expect(desk.stdout()).toMatch(/^Playground: http:\/\/127\.0\.0\.1:\d+\/\n$/);
    const state = desk.desk.now();
    expect(state.app).toMatchObject({ state: 'up', starts: 1 });
    expect(state.people.map(({ id }) => id)).toEqual(['shop', 'customer', 'manager', 'new']);
    expect(state.phones).toMatchObject([
      { msisdn: customer, owner: 'customer', on: true, balanceCents: 1_200_000 },
      { msisdn: other, owner: 'new' },
    ]);
    expect(state.faults.filter(({ armed }) => armed)).toEqual([]);
  });

  it('passes the program’s own routes on to it', async () => {
    expect(await (await fetch(`${desk.url}/readyz`)).json()).toEqual({ status: 'ready' });
    expect((await fetch(`${desk.url}/metrics`)).headers.get('content-type')).toContain('text/plain');
    const callback = await fetch(`${desk.url}/cb/0123456789abcdef0123456789abcdef`, {
      method: 'POST',
      body: '{}',
    });
    expect(callback.status).toBe(404);
  });

  it.runIf(process.platform === 'linux')('gives the program nothing of its own environment', async () => {
    const { pid } = JSON.parse(await readFile(path.join(dataDir, 'playground', 'child.json'), 'utf8'));
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    expect(environment).toContain(`DATA_DIR=${path.join(dataDir, 'playground')}`);
    expect(environment).toContain('TELEGRAM_API_ROOT=http://127.0.0.1:');
    expect(environment).not.toMatch(/AFRICASTALKING|CANARY|DATABASE_URL/);
    expect(environment).not.toContain(secret);
  });

  it('refuses a second one on the same directory, and names the first', async () => {
    const refused = await outcome(spawnPlayground(dataDir, 0));
    expect(refused).toMatchObject({ status: 1, out: '' });
    expect(refused.err).toMatch(
      /^Another playground runs on .*playground: http:\/\/127\.0\.0\.1:\d+\/\. .*\n$/,
    );
  });
});

async function pressed(person: PersonId, wanted: RegExp, button: string): Promise<void> {
  const { id, data } = await desk.desk.until(`${button} for ${person}`, (state) => {
    const card = cardOf(state, person, wanted);
    const found = card?.buttons.flat().find(({ text }) => text === button)?.data;
    return card !== undefined && found !== undefined && { id: card.id, data: found };
  });
  await desk.do({ action: 'press', person, messageId: id, data });
}

/** The manager joins a moment after the desk is ready; until then nobody but the owner could approve. */
async function managerIsIn(): Promise<void> {
  for (let answer = 'in no business'; answer.includes('in no business'); ) {
    const seen = messagesOf(desk.desk.now(), 'manager').length;
    await desk.do({ action: 'say', person: 'manager', text: '/today' });
    const told = await desk.desk.until('an answer to the manager', (state) =>
      messagesOf(state, 'manager')
        .slice(seen)
        .find(({ fromBot }) => fromBot),
    );
    answer = told.plain;
  }
}

describe('a payment on the desk', () => {
  it('is asked for, paid with the PIN, and shown with M-Pesa’s receipt', async () => {
    const prompt = await ask(desk, '500 0712345678 lunch', customer);
    expect(prompt).toMatchObject({ merchant: 'Mama Njeri', amount: '500' });
    await desk.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
    const card = await desk.desk.until('a paid card', (state) => cardOf(state, 'shop', /Paid/));
    const receipt = smsFrom('MPESA')?.split(' ')[0] ?? 'none';
    expect(receipt).toMatch(/^[A-Z0-9]{10}$/);
    expect(card.plain).toContain(receipt);
    expect(desk.desk.now().phones[0]?.balanceCents).toBe(1_150_000);
  });

  it('is confirmed to the customer by SMS, through the gateway', async () => {
    const text = await desk.desk.until('the SMS', () => smsFrom('FULL_CIRCLE'));
    const receipt = smsFrom('MPESA')?.split(' ')[0];
    expect(text).toMatch(
      new RegExp(`^KES 500 paid to Mama Njeri, .* M-Pesa ${receipt}\\. Our number P-\\w{5}\\.`),
    );
  });

  it('the other way is approved by the manager, and reaches the phone', async () => {
    await managerIsIn();
    const before = desk.desk.now().phones[1]?.balanceCents ?? 0;
    await desk.do({ action: 'say', person: 'shop', text: '/payout 700 0722000111 wages' });
    await pressed('shop', /KES 700 → 0722 000 111/, 'Ask for approval');
    await pressed('manager', /KES 700 → 0722 000 111[\s\S]*asks, until/, 'Approve');
    await desk.desk.until(
      'the money on the phone',
      ({ phones }) => phones[1]?.balanceCents === before + 70_000,
    );
    await desk.desk.until('a card that says so', (state) => cardOf(state, 'shop', /KES 700[\s\S]*Sent/));
  });

  it('is told step by step from the operator command', async () => {
    const payment = await desk.desk.until(
      'a paid time line',
      ({ payment }) => payment?.timeline.filter(({ kind }) => kind === 'sms').length === 2 && payment,
    );
    expect(payment.timeline.map(({ kind }) => kind)).toEqual([
      'asked',
      'queued',
      'sending',
      'accepted',
      'evidence',
      'sms',
      'sms',
    ]);
    for (const { text: sentence, tone } of payment.timeline) {
      expect(sentence.en).toMatch(/\.$|\d$|[A-Z0-9]{10}$/);
      expect(sentence.sw).not.toBe(sentence.en);
      expect(['done', 'waiting']).toContain(tone);
    }
  });

  it('is seen on the wire, phones masked and secrets gone', async () => {
    const { wire } = desk.desk.now();
    const push = wire.find(({ path: at }) => at === '/api/stk_push.php');
    expect(push).toMatchObject({ from: 'malipo', status: 200, body: { phone: '2547****678', amount: 500 } });
    expect(wire.find(({ from }) => from === 'bluepay')).toMatchObject({ status: 200 });
    const shown = JSON.stringify(wire);
    expect(shown).not.toContain(customer);
    expect(shown).not.toMatch(/\/cb\/[0-9a-f]{8}/);
  });
});

describe('on WhatsApp', () => {
  const own = (person: PersonId) => messagesOf(desk.desk.now(), person, 'whatsapp');
  const ticks = (text: string) => own('shop').findLast(({ plain }) => plain === text)?.ticks;

  it('the shop has a chat of its own, whose owner the operator makes a member there', async () => {
    await desk.do({ action: 'say', person: 'shop', channel: 'whatsapp', text: 'today' });
    await desk.desk.until('an answer', (state) => cardOf(state, 'shop', /Audit/, 'whatsapp'));
  });

  it('goes on over a killed program, which starts again by itself: a payment, and what is written meanwhile', async () => {
    const { starts } = desk.desk.now().app;
    const prompt = await ask(desk, '300 0722000111 tea', other);
    await desk.desk.until('it written down as prompted', ({ payment }) => payment?.state === 'prompted');
    await desk.do({ action: 'kill' });
    await desk.desk.until('the program down', ({ app }) => app.state !== 'up');
    expect((await fetch(`${desk.url}/healthz`).catch(() => null))?.status).not.toBe(200);
    await desk.do({ action: 'say', person: 'shop', channel: 'whatsapp', text: 'help' });
    await desk.desk.until('one tick', () => ticks('help') === 'sent');
    await desk.desk.until(
      'the program up again',
      ({ app }) => app.state === 'up' && app.starts === starts + 1,
    );
    await desk.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
    await desk.desk.until('a paid card', (state) => cardOf(state, 'shop', /tea[\s\S]*Paid|Paid[\s\S]*tea/));
    await desk.desk.until('an answer', (state) => cardOf(state, 'shop', /never ask/, 'whatsapp'));
    expect(ticks('help')).toBe('delivered');
    expect(desk.desk.now().app.starts).toBe(starts + 1);
  });

  it('is seen on the wire without a phone or a secret', () => {
    const wire = desk.desk.now().wire.filter(({ gateway }) => gateway === 'WhatsApp');
    expect(wire.find(({ from, note }) => from === 'malipo' && note === 'text')).toMatchObject({
      ...{ method: 'POST', note: 'text', status: 200, body: { to: '2547****100' } },
    });
    expect(wire.some(({ from, status }) => from === 'whatsapp' && status === 200)).toBe(true);
    // An id of a message holds the phone.
    expect(JSON.stringify(wire)).not.toMatch(/2547\d{8}|07\d\d \d{3} \d{3}|wamid\.[A-Za-z0-9]|EAAG[\w-]{20}/);
  });

  it('an expired token and paused templates are shown until they are taken back', async () => {
    for (const on of [true, false]) {
      for (const name of ['whatsapp-token', 'whatsapp-templates'])
        await desk.do({ action: 'whatsapp', name, on });
      await desk.desk.until(`both ${on}`, (state) => state.whatsappTroubles.every((one) => one.on === on));
    }
  });
});

describe('a fault that is armed', () => {
  it('of the gateway is shown until it strikes, and can be taken back', async () => {
    await desk.do({ action: 'fault', name: 'gateway-500', armed: true });
    await desk.desk.until(
      'it armed',
      ({ faults }) => faults.find(({ name }) => name === 'gateway-500')?.armed,
    );
    await desk.do({ action: 'fault', name: 'gateway-500', armed: false });
    await desk.desk.until('none armed', ({ faults }) => faults.every(({ armed }) => !armed));
  });

  it('that switches the phones off is undone by switching one on', async () => {
    await desk.do({ action: 'fault', name: 'phone-off', armed: true });
    await desk.desk.until('phones off', ({ phones }) => phones.every(({ on }) => !on));
    await desk.do({ action: 'phone', msisdn: customer, on: true });
    await desk.desk.until(
      'phones on',
      ({ phones, faults }) => phones.every(({ on }) => on) && faults.every(({ armed }) => !armed),
    );
  });
});

describe('an action that cannot be', () => {
  it.each([
    [{ action: 'dance' }, 400],
    [{ action: 'say', person: 'nobody', text: 'hello' }, 400],
    [{ action: 'pin', promptId: 'prompt-999', pin: '1234' }, 409],
    [{ action: 'press', person: 'shop', messageId: 1, data: 'x' }, 409],
    [{ action: 'phone', msisdn: '254700000000', on: true }, 409],
  ])('is refused with a sentence: %j', async (action, status) => {
    const answer = await desk.perform(action);
    expect(answer.status).toBe(status);
    expect(answer.body.ok).toBe(false);
    expect(answer.body.error).toMatch(/^[A-Z].*\.$/);
  });
});

describe('a page of another site', () => {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ action: 'say', person: 'shop', text: 'forged' });

  it.each([
    ['its own origin', { ...json, origin: 'https://evil.example' }, 403],
    ['no origin at all', { ...json, origin: 'null' }, 403],
    ['another port’s origin', { ...json, origin: 'http://127.0.0.1:1' }, 403],
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['what a browser says of another site', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
    ['a name of its own for this address', { ...json, host: 'evil.example' }, 403],
  ])('does not move the desk with %s', async (_what, headers: Record<string, string>, status) => {
    const answer = await rawRequest(`${desk.url}/desk/do`, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(messagesOf(desk.desk.now(), 'shop').some(({ plain }) => plain === 'forged')).toBe(false);
  });

  it.each(['/', '/desk/events', '/readyz'])('does not read %s under a name of its own', async (at) => {
    const answer = await rawRequest(`${desk.url}${at}`, { headers: { host: 'evil.example:80' } });
    expect(answer.status).toBe(403);
  });

  it('reads no file but the page’s', async () => {
    for (const at of [
      '/desk/modules/pg/package.json',
      '/desk/modules/..%2f..%2fpackage.json',
      '/desk/page/%2e%2e/main.ts',
    ])
      expect((await rawRequest(`${desk.url}${at}`, { headers: {} })).status, at).toBe(404);
    const module = await fetch(`${desk.url}/desk/modules/preact/dist/preact.module.js`);
    expect(module.headers.get('content-type')).toContain('javascript');
    expect(module.status).toBe(200);
  });
});

describe('a start that cannot be', () => {
  it('because its port is taken names the port and another', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const elsewhere = await temporaryDirectory();
    const refused = await outcome(spawnPlayground(elsewhere, port));
    taken.close();
    await remove(elsewhere);
    expect(refused).toEqual({
      status: 1,
      out: '',
      err: expect.stringMatching(
        new RegExp(`^PORT: 127\\.0\\.0\\.1:${port} is taken; .*PORT=\\d+ npm start\n$`),
      ),
    });
  });

  it('because it would be open to others says where it may listen', async () => {
    const refused = await outcome(spawnPlayground(dataDir, 0, { HOST: '0.0.0.0' }));
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/^HOST: .*this machine only.*\n$/);
  });
});

describe('another gateway', () =>
  gatewaysOnTheDesk(() => ({
    dataDir,
    desk,
    restart: async () => {
      await desk.end('SIGTERM');
      desk = await startPlayground(dataDir);
    },
  })));

describe('a playground that was killed', () => {
  it('goes on where it was: chats, balances, and numbers that are never given twice', async () => {
    const before = desk.desk.now();
    const { pid } = JSON.parse(await readFile(path.join(dataDir, 'playground', 'child.json'), 'utf8'));
    await desk.end('SIGKILL');
    desk = await startPlayground(dataDir);
    const after = desk.desk.now();
    for (const channel of ['telegram', 'whatsapp'] as const)
      expect(messagesOf(after, 'shop', channel).map(({ plain }) => plain)).toEqual(
        messagesOf(before, 'shop', channel).map(({ plain }) => plain),
      );
    expect(after.phones[0]?.balanceCents).toBe(before.phones[0]?.balanceCents);
    expect(markOf(pid)).toBeNull();
    await desk.do({ action: 'say', person: 'shop', text: '/today' });
    await desk.desk.until('an answer', (state) => {
      const messages = messagesOf(state, 'shop');
      return messages.length >= messagesOf(after, 'shop').length + 2 && messages.at(-1)?.fromBot;
    });
  });

  it('with an unreadable memory begins anew, and keeps what was there aside', async () => {
    await desk.end('SIGTERM');
    await rm(path.join(dataDir, 'playground', 'desk.json'));
    desk = await startPlayground(dataDir);
    expect(messagesOf(desk.desk.now(), 'shop').filter(({ fromBot }) => !fromBot)).toEqual([]);
    expect(desk.desk.now().app.state).toBe('up');
  });
});

describe('a lost callback', () => {
  it('leaves the payment to a look-up, which proves it', async () => {
    await desk.do({ action: 'fault', name: 'callback-lost', armed: true });
    const prompt = await ask(desk, '120 0712345678 bread', customer);
    await desk.do({ action: 'pin', promptId: prompt.id, pin: '1234' });
    await desk.desk.until('a paid card', (state) => cardOf(state, 'shop', /Paid/));
    const { wire, faults } = desk.desk.now();
    expect(
      wire.some(({ path: at, from }) => from === 'malipo' && at.startsWith('/api/payment_status.php')),
    ).toBe(true);
    expect(wire.some(({ from }) => from === 'bluepay')).toBe(false);
    expect(faults.every(({ armed }) => !armed)).toBe(true);
  });
});

describe('a desk that is cleared', () => {
  it('is as on the first day, with its shop ready', async () => {
    await desk.do({ action: 'reset' });
    const state = await desk.desk.until('an empty desk', (now) => {
      const said = messagesOf(now, 'shop').some(({ fromBot }) => !fromBot);
      return !said && now.app.state === 'up' && now.payment === null && now;
    });
    expect(state.phones[0]?.balanceCents).toBe(1_200_000);
    await desk.do({ action: 'fault', name: 'customer-cancels', armed: true });
    await ask(desk, '80 0712345678 milk', customer);
    await desk.desk.until('a card without money', (now) => cardOf(now, 'shop', /Not paid/));
  });

  it('ends on SIGTERM with status 0, and leaves no process behind', async () => {
    const { pid } = JSON.parse(await readFile(path.join(dataDir, 'playground', 'child.json'), 'utf8'));
    const lines = await readFile(
      path.join(dataDir, 'playground', 'postgres', 'data', 'postmaster.pid'),
      'utf8',
    );
    const postgres = Number(lines.split('\n')[0]);
    expect(markOf(pid)).not.toBeNull();
    expect(markOf(postgres)).not.toBeNull();
    expect(await desk.end('SIGTERM')).toBe(0);
    expect(desk.stdout()).toMatch(/^Playground: .*\n$/);
    expect(markOf(pid)).toBeNull();
    expect(markOf(postgres)).toBeNull();
  });
});
