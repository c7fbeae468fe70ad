/** Protects the bad days that the simulated gateways share by name, and that a stopped desk goes on where it was. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBosmi } from '../../src/sandbox/bosmi/index.ts';
import { createDarajaPhp } from '../../src/sandbox/daraja-php/index.ts';
import { allFaults, type Fault } from '../../src/sandbox/gateway-kit/faults.ts';
import type { CommonControl, Simulator, SimulatorDeps } from '../../src/sandbox/gateway-kit/simulator.ts';
import { createSayapay } from '../../src/sandbox/sayapay/index.ts';
import { createSmartpay } from '../../src/sandbox/smartpay/index.ts';
import { phone, pin, raw, type Sent, startGateway, type Wire } from './gateway-kit.ts';

type AnyControl = Omit<CommonControl<object>, 'restore'>;

/** One gateway with one account, and how a shop pushes and looks up there. */
interface Shop {
  readonly path: string;
  /** The token included where there are tokens. */
  push(): Promise<Sent>;
  id(body: Wire): unknown;
  look(id: unknown): Promise<[path: string, sent: Sent]>;
}

interface World {
  readonly gateway: Pick<Simulator<AnyControl>, 'url' | 'listen' | 'close'>;
  readonly control: AnyControl;
  readonly receiver: Awaited<ReturnType<typeof startGateway>>['receiver'];
  readonly scheduler: Awaited<ReturnType<typeof startGateway>>['scheduler'];
  readonly mpesa: Awaited<ReturnType<typeof startGateway>>['mpesa'];
  send(path: string, sent?: Sent): Promise<{ status: number; body: Wire }>;
  pay(): Promise<void>;
  later(ms: number): Promise<void>;
  close(): Promise<void>;
  readonly shop: Shop;
  /** A gateway of the same kind on other phones, as both were: what a restarted desk is. */
  again(): Promise<World>;
}

function kind<C extends CommonControl<S>, S extends object>(
  create: (deps: SimulatorDeps) => Simulator<C>,
  openShop: (control: C, hook: string, send: World['send']) => Shop,
) {
  async function start(from: World | null, restore?: (control: C) => void): Promise<World> {
    const world = await startGateway<C>((deps) => {
      if (from !== null) deps.mpesa.restore(from.mpesa.snapshot());
      const gateway = create(deps);
      restore?.(gateway.control);
      return gateway;
    });
    const hook = `${world.receiver.url}/hook`;
    const shop = from?.shop ?? openShop(world.control, hook, world.send);
    const again = async (): Promise<World> => {
      const snapshot = JSON.parse(JSON.stringify(world.control.snapshot()));
      await world.gateway.close();
      return start(opened, (control) => control.restore(snapshot));
    };
    const opened: World = { ...world, shop, again };
    return opened;
  }
  return () => start(null);
}

const basePush = { phone, amount: 100, reference: 'INV1', description: 'Lunch' };

const kinds: Record<string, () => Promise<World>> = {
  smartpay: kind(createSmartpay, (control, callbackurl) => {
    const { apiKey } = control.addMerchant({}, { callbackurl });
    const headers = { authorization: `Bearer ${apiKey}` };
    return {
      path: '/stk/push',
      push: async () => ({ headers, body: { phone, amount: 100 } }),
      id: (body) => body.checkout_request_id,
      look: async (id) => [`/transactions/${id}`, { headers }],
    };
  }),
  bosmi: kind(createBosmi, (control) => {
    const { apiKey: api_key, username, email } = control.addAccount();
    const names = { api_key, username, email };
    return {
      path: '/processrequest',
      push: async () => ({ body: { ...names, phone: '0712345678', amount: 100 } }),
      id: (body) => body.transaction_id,
      look: async (transaction_id) => ['/query', { body: { ...names, transaction_id } }],
    };
  }),
  'daraja-php': kind(createDarajaPhp, (control, callbackUrl, send) => {
    control.addAccount({ callbackUrl });
    const headers = async () => {
      const { token } = (await send('/api/generate_token.php', { method: 'POST' })).body;
      return { authorization: `Bearer ${token}` };
    };
    return {
      path: '/api/stk_push.php',
      push: async () => ({ headers: await headers(), body: basePush }),
      id: (body) => (body.response as Wire).CheckoutRequestID,
      look: async () => {
        throw new Error('the platform has no look-up');
      },
    };
  }),
  sayapay: kind(createSayapay, (control, callbackUrl, send) => {
    const { consumerKey, consumerSecret } = control.addAccount({ callbackUrl });
    control.setPaths({ stkQuery: '/stkpush/query' });
    const basic = { authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}` };
    const headers = async () => {
      const { access_token } = (await send('/oauth/token', { headers: basic })).body;
      return { authorization: `Bearer ${access_token}` };
    };
    return {
      path: '/stkpush/process',
      push: async () => ({ headers: await headers(), body: basePush }),
      id: (body) => body.CheckoutRequestID,
      look: async (CheckoutRequestID) => [
        '/stkpush/query',
        { headers: await headers(), body: { CheckoutRequestID } },
      ],
    };
  }),
};

const withCallback = ['smartpay', 'daraja-php', 'sayapay'];
const withLookUp = ['smartpay', 'bosmi', 'sayapay'];

let world: World;
let open: World[] = [];
async function begin(name: string): Promise<void> {
  const start = kinds[name];
  if (start === undefined) throw new Error(name);
  world = await start();
  open = [world];
}
afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
});

const push = async () => world.send(world.shop.path, await world.shop.push());
const rawPush = async () => raw(`${world.gateway.url}${world.shop.path}`, await world.shop.push());

it('names each bad day once', () => {
  expect(new Set(allFaults).size).toBe(allFaults.length);
});

describe.each(Object.keys(kinds))('%s', (name) => {
  beforeEach(() => begin(name));

  const broken: [Fault, () => Promise<void>][] = [
    ['drop_after_accept', () => expect(rawPush()).rejects.toThrow()],
    ['http_502', async () => expect((await rawPush()).status).toBe(502)],
    ['truncated_json', async () => expect((await rawPush()).json()).rejects.toThrow(SyntaxError)],
    ['html_200', async () => expect(await (await rawPush()).text()).toMatch(/^<!DOCTYPE html>/)],
    ['oversized', async () => expect((await (await rawPush()).text()).length).toBeGreaterThan(8 << 20)],
  ];
  it.each(broken)('%s: the prompt is on the phone, whatever the answer says', async (fault, meet) => {
    world.control.arm(fault);
    await meet();
    expect(world.mpesa.prompts(phone)).toHaveLength(1);
    expect(world.control.armed()).toEqual([]);
    await world.pay();
    expect(world.mpesa.moved()).toHaveLength(1);
    expect(world.control.pushes()).toMatchObject([{ result: { code: 0 } }]);
  });

  it('slow: the answer waits, the prompt does not', async () => {
    world.control.arm('slow', 30_000);
    const sent = await world.shop.push();
    const prompted = new Promise<void>((resolve) => world.mpesa.onChange(resolve));
    const answer = world.send(world.shop.path, sent);
    await prompted;
    await setImmediate();
    expect(world.mpesa.prompts(phone)).toHaveLength(1);
    await world.pay();
    expect(world.control.requests().at(-1)?.status).toBeNull();
    world.scheduler.advance(30_000);
    expect((await answer).status).toBe(200);
    expect(world.control.requests().at(-1)).toMatchObject({ status: 200, ms: 30_000 });
  });

  it.each<[Fault, () => Promise<void>]>([
    ['drop_before_accept', () => expect(rawPush()).rejects.toThrow()],
    ['http_500', async () => expect(await (await rawPush()).text()).toContain('<html>')],
    ['unauthorized', async () => expect(isTaken(await push())).toBe(false)],
    ['refused', async () => expect(isTaken(await push())).toBe(false)],
  ])('%s: nothing happens', async (fault, meet) => {
    world.control.arm(fault);
    await meet();
    expect(world.mpesa.prompts(phone)).toEqual([]);
    expect(world.control.pushes()).toEqual([]);
    expect(isTaken(await push())).toBe(true);
  });

  it('strikes as often as it was armed, and not once it is cleared', async () => {
    world.control.arm('http_500', 0, 2);
    world.control.arm('wrong_amount');
    world.control.clear('wrong_amount');
    expect((await push()).status).toBe(500);
    expect((await push()).status).toBe(500);
    expect(isTaken(await push())).toBe(true);
    expect(world.control.pushes()).toMatchObject([{ amountKes: 100, toldKes: 100 }]);
  });

  it('lets a phone act by itself, once the answer has left', async () => {
    const paid = new Promise<void>((resolve) => {
      world.mpesa.onChange(() => world.mpesa.moved().length > 0 && resolve());
    });
    world.control.auto('*', 'cancel');
    world.control.auto(phone, 'pay');
    expect(isTaken(await push())).toBe(true);
    await paid;
    expect(world.control.pushes()).toMatchObject([{ result: { code: 0 } }]);
  });

  it('goes on after a restart: rows, phones, faults and what phones do by themselves', async () => {
    world.control.auto('*', 'ignore');
    world.control.arm('http_500', 0, 3);
    world.control.clear('http_500');
    const { body } = await push();
    world.control.arm('slow', 7_000, 2);
    const next = await world.again();
    open.push(next);
    expect(next.control.snapshot()).toMatchObject({
      autos: [['*', 'ignore']],
      faults: [{ fault: 'slow', setting: 7_000, times: 2 }],
    });
    const [prompt] = next.mpesa.prompts(phone);
    next.mpesa.enterPin(prompt?.id ?? '', pin);
    expect(next.control.pushes()).toMatchObject([{ id: world.shop.id(body), result: { code: 0 } }]);
    await next.control.idle();
    expect(world.receiver.heard).toHaveLength(withCallback.includes(name) ? 1 : 0);
  });
});

/** No refusal: each gateway has its own way to say one. */
function isTaken({ status, body }: { status: number; body: Wire }): boolean {
  const inner = (body.response ?? body) as Wire;
  return status === 200 && inner.status !== 'error' && (inner.ResponseCode ?? '0') === '0';
}

describe.each(withCallback)('the callback of %s', (name) => {
  beforeEach(() => begin(name));
  const callback = (index = 0): Wire => {
    const { Body } = world.receiver.bodies()[index] as { Body: { stkCallback: Wire } };
    return Body.stkCallback;
  };

  it.each<[Fault, number, (text: string) => void]>([
    ['callback_twice', 2, () => expect(new Set(world.receiver.heard.map((one) => one.raw)).size).toBe(1)],
    ['callback_lost', 0, () => undefined],
    ['wrong_amount', 1, (text) => expect(text).toContain('"Amount","Value":101}')],
    ['callback_malformed', 1, (text) => expect(() => JSON.parse(text)).toThrow(SyntaxError)],
    ['callback_without_phone', 1, (text) => expect(text).not.toContain('PhoneNumber')],
    ['callback_unknown_fields', 1, (text) => expect(text).toContain('{"Name":"Balance"}')],
    ['callback_texts', 1, (text) => expect(text).toMatch(/"ResultCode":"0".*"Value":"100"/)],
  ])('%s', async (fault, count, look) => {
    world.control.arm(fault);
    await push();
    await world.pay();
    expect(world.receiver.heard).toHaveLength(count);
    look(world.receiver.heard[0]?.raw ?? '');
  });

  it('callback_forged: somebody says "paid" while the customer has not', async () => {
    world.control.arm('callback_forged');
    await push();
    await world.receiver.hears(1);
    expect(callback()).toMatchObject({ ResultCode: 0, CallbackMetadata: expect.anything() });
    expect(world.mpesa.moved()).toEqual([]);
    expect(world.control.pushes()).toMatchObject([{ result: null }]);
    await world.pay();
    expect(callback(1).CheckoutRequestID).toBe(callback().CheckoutRequestID);
    expect(world.receiver.heard[1]?.raw).toContain(world.mpesa.moved()[0]?.receipt);
    expect(world.receiver.heard[0]?.raw).not.toContain(world.mpesa.moved()[0]?.receipt);
  });

  it('callback_before_answer: it is there when the answer comes', async () => {
    world.control.arm('callback_before_answer');
    await push();
    expect(world.receiver.heard).toHaveLength(1);
    expect(callback().ResultCode).toBe(0);
  });

  it('callback_late: after its time, also over a restart', async () => {
    world.control.arm('callback_late', 45_000);
    await push();
    await world.pay();
    await world.later(44_999);
    expect(world.receiver.heard).toEqual([]);
    const next = await world.again();
    open.push(next);
    // Its clock stands again at the beginning of the test.
    await next.later(44_999);
    expect(world.receiver.heard).toEqual([]);
    await next.later(1);
    expect(world.receiver.heard).toHaveLength(1);
    expect(next.control.snapshot().deliveries).toEqual([]);
  });

  it('that nobody took is not lost when the gateway stops meanwhile', async () => {
    await push();
    world.receiver.answers.status = 'silent';
    const paid = world.pay();
    await world.receiver.hears(1);
    await world.gateway.close();
    await paid;
    world.receiver.answers.status = 200;
    await world.gateway.listen();
    await world.control.idle();
    expect(world.receiver.heard).toHaveLength(2);
    expect(world.control.snapshot().deliveries).toEqual([]);
  });
});

describe.each(withLookUp)('the look-up of %s', (name) => {
  let look: () => Promise<{ status: number; body: Wire }>;
  beforeEach(async () => {
    await begin(name);
    const { body } = await push();
    await world.pay();
    look = async () => world.send(...(await world.shop.look(world.shop.id(body))));
  });

  it('has bad days of its own', async () => {
    const sound = await look();
    world.control.arm('status_not_found');
    expect((await look()).body).not.toEqual(sound.body);
    world.control.arm('status_http_500');
    expect((await look()).status).toBe(500);
    world.control.arm('status_html_200');
    expect((await look()).body.text).toContain('<html>');
    expect(isTaken(sound) && isTaken(await look())).toBe(true);
  });
});

it.each(['daraja-php', 'sayapay'])('%s refuses credentials on a bad day', async (name) => {
  await begin(name);
  world.control.arm('token_unauthorized');
  expect((await push()).status).toBe(401);
  world.control.arm('token_http_500');
  expect((await push()).status).toBe(401);
  expect(isTaken(await push())).toBe(true);
});

it('shows no token, not even half of one', async () => {
  await begin('daraja-php');
  world.control.arm('token_truncated_json');
  await expect(push()).rejects.toThrow(SyntaxError);
  await push();
  expect(JSON.stringify(world.control.requests())).not.toContain('eyJ');
});
