/** Protects the bad days of the simulated BluePay: each fault breaks the answer in its own way and leaves what it says it leaves. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/bluepay/faults.ts';
import type { World } from './bluepay-kit.ts';
import { bearer, channelId, nextChange, phone, secret, startWorld } from './bluepay-kit.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const order = { channel_id: channelId, phone, amount: 100, account_reference: 'BPINV-1' };

function raw(): Promise<Response> {
  const init = { method: 'POST', headers: { ...bearer, 'content-type': 'application/json' } };
  return fetch(`${world.bluepay.url}/api/stk_push.php`, { ...init, body: JSON.stringify(order) });
}

const found = async () => (await world.status({ account_reference: 'BPINV-1' })).body.found;

describe('a prompt that is on the phone although the answer says nothing of it', () => {
  const broken: [Fault, () => Promise<void>][] = [
    ['drop_after_accept', () => expect(raw()).rejects.toThrow()],
    [
      'http_502',
      async () => {
        expect(await world.stk(order)).toEqual({
          status: 502,
          body: {
            ok: false,
            success: false,
            error: expect.any(String),
            message: expect.any(String),
            detail: null,
            stk_request_id: 1,
          },
        });
      },
    ],
    ['truncated_json', async () => expect((await raw()).json()).rejects.toThrow(SyntaxError)],
    ['html_200', async () => expect(await (await raw()).text()).toMatch(/^<!DOCTYPE html>/)],
    ['oversized', async () => expect((await (await raw()).text()).length).toBeGreaterThan(8 * 1024 * 1024)],
  ];

  it.each(broken)('%s', async (fault, meet) => {
    world.control.arm(fault);
    await meet();
    expect(world.mpesa.prompts(phone)).toHaveLength(1);
    expect(await found()).toBe(true);
    await world.pay();
    expect(world.receiver.heard).toHaveLength(1);
    expect(world.mpesa.moved()).toHaveLength(1);
  });

  it('slow: the answer waits, the prompt does not', async () => {
    world.control.arm('slow', 30_000);
    const changed = nextChange(world.mpesa.onChange);
    const answer = world.stk(order);
    await changed;
    expect(world.mpesa.prompts(phone)).toHaveLength(1);
    await world.pay();
    expect(world.control.requests()[0]?.status).toBeNull();
    world.scheduler.advance(30_000);
    expect(await answer).toMatchObject({ status: 200, body: { ok: true } });
    expect(world.control.requests()[0]).toMatchObject({ status: 200, ms: 30_000 });
  });

  it('http_502 outside production tells what the provider said', async () => {
    world.control.setAccount('BP-1001', { livemode: false });
    world.control.arm('http_502');
    expect((await world.stk(order)).body.detail).toEqual(expect.any(String));
  });
});

describe('no prompt', () => {
  it('drop_before_accept', async () => {
    world.control.arm('drop_before_accept');
    await expect(raw()).rejects.toThrow();
    expect(await found()).toBe(false);
  });

  it('http_500 with a page', async () => {
    world.control.arm('http_500');
    const answer = await raw();
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('<html>');
    expect(await found()).toBe(false);
  });

  it('http_502_refused: a row that failed, and no webhook', async () => {
    world.control.arm('http_502_refused');
    expect(await world.stk(order)).toMatchObject({ status: 502, body: { stk_request_id: 1 } });
    expect((await world.status({ stk_request_id: 1 })).body).toMatchObject({
      failed: true,
      stk_status: 'FAILED',
    });
    expect(world.control.webhooks()).toEqual([]);
  });

  it.each<[Fault, number, Record<string, unknown>]>([
    ['unauthorized', 401, { error: 'Unauthorized' }],
    ['insufficient_prepaid', 402, { error_code: 'INSUFFICIENT_PREPAID', required_kes: 1, balance_kes: 0 }],
    ['channel_inactive', 422, { error_code: 'CHANNEL_NOT_AVAILABLE' }],
  ])('%s', async (fault, status, body) => {
    world.control.arm(fault);
    expect(await world.stk(order)).toMatchObject({ status, body });
    expect(await found()).toBe(false);
  });

  afterEach(() => expect(world.mpesa.prompts(phone)).toEqual([]));
});

describe('status faults', () => {
  beforeEach(() => world.stk(order));

  it('status_500', async () => {
    world.control.arm('status_500');
    expect((await world.status({ stk_request_id: 1 })).status).toBe(500);
    expect((await world.status({ stk_request_id: 1 })).status).toBe(200);
  });

  it('status_not_found', async () => {
    world.control.arm('status_not_found');
    expect(await found()).toBe(false);
    expect(await found()).toBe(true);
  });

  it('status_slow', async () => {
    world.control.arm('status_slow', 15_000);
    const arrived = nextChange(world.control.onChange);
    const answer = world.status({ stk_request_id: 1 });
    await arrived;
    world.scheduler.advance(14_999);
    expect(world.control.requests().at(-1)?.status).toBeNull();
    world.scheduler.advance(1);
    expect((await answer).body.found).toBe(true);
  });
});

describe('the journal', () => {
  it('shows requests and answers without credentials', async () => {
    await world.stk(order);
    await world.stk(
      { api_username: 'api_shop', api_password: 'pass word' },
      { cookie: 'session=of-somebody' },
    );
    await world.stk({ api_key: secret }, {});
    const entries = world.control.requests();
    expect(entries[0]).toMatchObject({
      method: 'POST',
      path: '/api/stk_push.php',
      headers: { authorization: 'Bearer [hidden]' },
      body: JSON.stringify(order),
      status: 200,
      answer: expect.stringContaining('"stk_request_id":1'),
      ms: 0,
    });
    expect(entries.map((entry) => entry.status)).toEqual([200, 200, 200]);
    const shown = JSON.stringify(entries);
    for (const hidden of [secret, 'pass word', 'of-somebody']) expect(shown).not.toContain(hidden);
  });

  it('shows webhooks with what they were answered', async () => {
    await world.stk(order);
    await world.pay();
    expect(world.control.webhooks()).toMatchObject([
      {
        url: `${world.receiver.url}/hook`,
        headers: { 'x-bluepay-event': 'mpesa.payment.received' },
        body: world.receiver.heard[0]?.raw,
        status: 200,
        failure: null,
      },
    ]);
  });

  it('keeps the newest thousand', async () => {
    for (let n = 0; n < 1010; n += 1) await world.get(`/api/payment_status.php?account_reference=N${n}`);
    const entries = world.control.requests();
    expect(entries).toHaveLength(1000);
    expect(entries.at(0)).toMatchObject({ id: 11, path: expect.stringMatching(/=N10$/), status: 200 });
    expect(entries.at(-1)).toMatchObject({ id: 1010, status: 200 });
  });
});
