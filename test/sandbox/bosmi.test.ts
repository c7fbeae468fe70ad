/** Protects the simulated BOSMI's strictness: every printed request and answer of its document, in both encodings. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBosmi } from '../../src/sandbox/bosmi/index.ts';
import { phone, startGateway, type Wire } from './gateway-kit.ts';

const credentials = { api_key: 'Sd4#k[HFS', username: 'admin', email: 'example@gmail.com' };
const printed = { ...credentials, phone: '0712345678', amount: 100 };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function start() {
  const world = await startGateway(createBosmi);
  const { api_key: apiKey, ...others } = credentials;
  world.control.addAccount({ apiKey, ...others, merchantName: 'MAMA NJERI SHOP' });
  return {
    ...world,
    push: (over: Wire = {}) => world.send('/processrequest', { body: { ...printed, ...over } }),
    /** As the samples send it. */
    query: (id: unknown, over: Wire = {}) => {
      const { api_key, email } = credentials;
      return world.send('/query', { body: { api_key, email, transaction_id: id, ...over } });
    },
  };
}

let world: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  world = await start();
});
afterEach(() => world.close());

const cannotInitiate = {
  status: 'error',
  message: 'Failed to initiate payment, please retry and use correct MPESA number.',
};
const notPaid = { status: 'error', message: 'Transaction is being processed or failed.' };
const anyError = { status: 'error', message: expect.any(String) };

const started = {
  status: '0',
  transaction_id: expect.stringMatching(/^B0smi_Id20261121143100\d{5}$/),
  Phone_Num: '254712345678',
  message: 'Transaction initiated successfully.',
};

describe('processrequest', () => {
  it('is where the document says', () => {
    expect(new URL(world.gateway.url).pathname).toBe('/bsmpay/stkpushquery/v3');
  });

  it('takes the printed JSON', async () => {
    const { status, body } = await world.push();
    expect({ status, body }).toEqual({ status: 200, body: started });
    expect(world.mpesa.prompts(phone)).toMatchObject([{ amountCents: 10_000n, merchant: 'MAMA NJERI SHOP' }]);
  });

  it('takes the form of the PHP sample', async () => {
    const body = new URLSearchParams({ ...printed, amount: '100' }).toString();
    expect((await world.send('/processrequest', { headers: form, body })).body).toEqual(started);
  });

  it.each<[string, Wire]>([
    ['a phone with 254', { phone: '254712345678' }],
    ['a phone with 01', { phone: '0112345678' }],
    ['a short phone', { phone: '071234567' }],
    ['nothing', { amount: 0 }],
    ['cents', { amount: 1.5 }],
    ['more than M-Pesa takes', { amount: 250_001 }],
  ])('fails as printed with %s', async (_name, over) => {
    const { status, body } = await world.push(over);
    expect({ status, body }).toEqual({ status: 200, body: cannotInitiate });
    expect(world.control.pushes()).toEqual([]);
  });

  it.each<[string, Wire]>([
    ['no phone', { phone: undefined }],
    ['no amount', { amount: undefined }],
    ['an amount as text', { amount: '100' }],
    ['no email', { email: undefined }],
    ['no username', { username: undefined }],
    ['a field that is not printed', { reference: 'INV-1' }],
    ['a wrong key', { api_key: 'nope' }],
    ['another username', { username: 'root' }],
    ['another email', { email: 'other@gmail.com' }],
  ])('is refused with %s', async (_name, over) => {
    expect((await world.push(over)).body).toEqual(anyError);
    expect(world.control.pushes()).toEqual([]);
  });

  it.each([
    ['neither JSON nor a form', { 'content-type': 'text/plain' }, JSON.stringify(printed)],
    ['broken JSON', {}, '{"api_key":'],
    ['a form field twice', form, `${new URLSearchParams({ ...printed, amount: '1' })}&amount=2`],
    ['words for an amount', form, new URLSearchParams({ ...printed, amount: 'ten' }).toString()],
  ])('is refused as %s', async (_name, headers, body) => {
    expect((await world.send('/processrequest', { headers, body })).body).toEqual(anyError);
    expect(world.control.pushes()).toEqual([]);
  });

  it('is a POST, and has one neighbour', async () => {
    expect((await world.send('/processrequest')).status).toBe(405);
    expect((await world.send('/other', { body: {} })).status).toBe(404);
  });

  it('keeps out whom the whitelist does not name', async () => {
    world.control.setAccount('admin', { whitelist: ['196.201.214.200'] });
    expect((await world.push()).body).toEqual(anyError);
    world.control.setAccount('admin', { whitelist: ['127.0.0.1'] });
    expect((await world.push()).body).toEqual(started);
  });

  it('has manners that the document leaves open', async () => {
    world.control.setManners({ errorStatus: 400, takes01: true, jsonType: 'text/html; charset=UTF-8' });
    expect((await world.push({ amount: 0 })).status).toBe(400);
    const said = await world.push({ phone: '0112345678' });
    expect(JSON.parse(String(said.body.text))).toMatchObject({ status: '0', Phone_Num: '254112345678' });
  });
});

describe('query', () => {
  let id: unknown;
  beforeEach(async () => {
    id = (await world.push({ amount: 1 })).body.transaction_id;
  });

  it('says the same of what is under way, what failed, and what is not known', async () => {
    expect((await world.query(id)).body).toEqual(notPaid);
    expect((await world.query('B0smi_Id2025032121054940609')).body).toEqual(notPaid);
    await world.cancel();
    expect((await world.query(id)).body).toEqual(notPaid);
  });

  it('tells of a paid one', async () => {
    await world.pay();
    expect((await world.query(id)).body).toEqual({
      status: 0,
      B0smi_Id: id,
      amount: 1,
      phone: 254712345678,
      mpesa_receipt: world.mpesa.moved()[0]?.receipt,
      message: 'Transaction completed successfully.',
    });
  });

  it('tells it as its page prints it, and as its PHP sample prints it', async () => {
    await world.pay();
    const receipt = world.mpesa.moved()[0]?.receipt;
    world.control.setManners({ paidForm: 'php' });
    expect((await world.query(id)).body.text).toBe(
      `{\n"status" => 0\n"B0smi_Id" => ${id}\n"amount" => 1\n"phone" => 254712345678\n` +
        `"mpesa_receipt" => ${receipt}\n"message" => Transaction completed successfully.\n}`,
    );
    world.control.setManners({ paidForm: 'print_r' });
    expect((await world.query(id)).body.text).toBe(
      `Array\n(\n    [status] => 0\n    [B0smi_Id] => ${id}\n    [amount] => 1\n` +
        `    [phone] => 254712345678\n    [mpesa_receipt] => ${receipt}\n` +
        '    [message] => Transaction completed successfully.\n)\n',
    );
  });

  it.each<[string, Wire]>([
    ['the table: username', { email: undefined, username: 'admin' }],
    ['the table: "your portal email"', { email: undefined, username: 'example@gmail.com' }],
    ['both', { username: 'admin' }],
  ])('takes %s', async (_name, over) => {
    await world.pay();
    expect((await world.query(id, over)).body).toMatchObject({ status: 0 });
  });

  it('takes the form of the PHP sample', async () => {
    await world.pay();
    const { api_key, email } = credentials;
    const body = new URLSearchParams({ transaction_id: String(id), api_key, email }).toString();
    expect((await world.send('/query', { headers: form, body })).body).toMatchObject({ status: 0 });
    expect(JSON.stringify(world.control.requests())).not.toContain(encodeURIComponent(api_key));
  });

  it.each<[string, Wire]>([
    ['a wrong key', { api_key: 'nope' }],
    ['neither name', { email: undefined }],
    ['names that do not belong together', { username: 'admin', email: 'other@gmail.com' }],
    ['no id', { transaction_id: undefined }],
  ])('is refused with %s', async (_name, over) => {
    await world.pay();
    const { body } = await world.query(id, over);
    expect(body).toEqual(anyError);
    expect(body).not.toEqual(notPaid);
  });

  it('tells nobody about the pushes of another', async () => {
    await world.pay();
    const other = world.control.addAccount({});
    const over = { api_key: other.apiKey, email: other.email };
    expect((await world.query(id, over)).body).toEqual(notPaid);
  });

  it('posts nothing by itself', async () => {
    await world.pay();
    await world.later(3_600_000);
    expect(world.control.webhooks()).toEqual([]);
  });
});
