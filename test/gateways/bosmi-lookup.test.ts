// Protects what a query may prove: paid is BOSMI's plain word with amount and receipt, and "processed or failed" is neither.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPrintedArray } from '../../src/gateways/bosmi/printed-array.ts';
import type { LookupKeys } from '../../src/gateways/gateway.ts';
import { has, openAs } from './adapters.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const printedQuery = `{
"api_key": "Sd4#k[HFS",
"email": "example@gmail.com",
"transaction_id": "B0smi_Id2025032121054940609"
}`;
const printedPaid = `{
"status" => 0
"B0smi_Id" => B0smi_Id2025110317475720811
"amount" => 1
"phone" => 254759446172
"mpesa_receipt" => TK3GE944U2
"message" => Transaction completed successfully.
}`;
const printedOpen = `{
"status": "error",
"message": "Transaction is being processed or failed."
}`;
/** What the PHP sample's print_r makes of it. */
const printR = `<pre>Array
(
    [status] => 0
    [B0smi_Id] => B0smi_Id2025110317475720811
    [amount] => 1
    [phone] => 254759446172
    [mpesa_receipt] => TK3GE944U2
    [message] => Transaction completed successfully.
)
</pre>`;
const asJson = {
  status: '0',
  transaction_id: 'B0smi_Id2025110317475720811',
  amount: '1',
  phone: '254759446172',
  mpesa_receipt: 'TK3GE944U2',
  message: 'Transaction completed successfully.',
};
const keys: LookupKeys = {
  correlationId: null,
  requestId: 'B0smi_Id2025110317475720811',
  reference: 'P7KQ4MA1',
};
const account = { apiKey: 'Sd4#k[HFS', username: 'admin', email: 'example@gmail.com' };
const lookupOf = (baseUrl: string, config: Record<string, unknown> = {}, timeoutMs = 5000) =>
  has(openAs('bosmi', { baseUrl, ...account, ...config }, { timeoutMs }).gateway.lookup);

async function lookUp(status: number, text: string, by = keys) {
  const server = await serve(says(status, text));
  return { outcome: await lookupOf(server.url).lookup(by), server };
}

test('asks with all four fields, of which the samples print three', async () => {
  const requestId = 'B0smi_Id2025032121054940609';
  const { server } = await lookUp(200, printedOpen, { ...keys, requestId });
  expect(server.seen[0]).toMatchObject({ method: 'POST', path: '/query' });
  expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ ...JSON.parse(printedQuery), username: 'admin' });
  const form = await serve(says(200, printedOpen));
  await lookupOf(form.url, { encoding: 'form' }).lookup({ ...keys, requestId });
  expect(form.seen[0]?.body).toBe(
    `api_key=Sd4%23k%5BHFS&username=admin&email=example%40gmail.com&transaction_id=${requestId}`,
  );
});

test.each([
  ['the printed PHP array', printedPaid],
  ['print_r', printR],
  [
    'var_export',
    `array (\n  'status' => 0,\n  'amount' => '1',\n  'phone' => '254759446172',\n  'mpesa_receipt' => 'TK3GE944U2',\n)`,
  ],
  ['CR LF', printedPaid.replaceAll('\n', '\r\n')],
  ['JSON', JSON.stringify(asJson)],
  [
    'JSON with numbers and fields of tomorrow',
    JSON.stringify({ ...asJson, status: 0, amount: 1, phone: 254759446172, fee: null }),
  ],
])('paid in %s', async (_name, text) => {
  expect((await lookUp(200, text)).outcome).toEqual({
    kind: 'evidence',
    evidence: {
      verdict: 'paid',
      ids: { correlationId: null, requestId: 'B0smi_Id2025110317475720811' },
      reference: null,
      amountCents: 100n,
      receipt: { number: 'TK3GE944U2', final: true },
      msisdn: '254759446172',
      reason: null,
      rawCode: '0',
    },
  });
});

test.each([200, 400, 404])('"processed or failed" is pending, with the status %d', async (status) => {
  expect((await lookUp(status, printedOpen)).outcome).toMatchObject({
    kind: 'evidence',
    evidence: { verdict: 'pending', amountCents: null, receipt: null },
  });
});

describe('nothing is learnt', () => {
  test.each<[string, number, string]>([
    ['paid without a receipt', 200, JSON.stringify({ ...asJson, mpesa_receipt: null })],
    ['paid without a receipt, as PHP prints it', 200, printedPaid.replace('TK3GE944U2', 'NULL')],
    ['paid without an amount', 200, JSON.stringify({ ...asJson, amount: 'one' })],
    [
      'the answer to a new prompt',
      200,
      JSON.stringify({
        status: '0',
        transaction_id: keys.requestId,
        message: 'Transaction initiated successfully.',
      }),
    ],
    ['another transaction', 200, printedPaid.replace('B0smi_Id2025110317475720811', 'B0smi_Id2')],
    ['an array that breaks off', 200, printedPaid.slice(0, printedPaid.indexOf('E944U2'))],
    ['a status twice', 200, printedPaid.replace('"status"', '"status" => error\n"status"')],
    ['an array that breaks off behind the receipt', 200, printedPaid.slice(0, -20)],
    ['an unknown sentence', 200, '{"status":"error","message":"Transaction failed"}'],
    ['another status', 200, JSON.stringify({ ...asJson, status: '1' })],
    ['no status', 200, JSON.stringify({ ...asJson, status: null })],
    ['paid in an error status', 500, JSON.stringify(asJson)],
    ['"processed or failed" in a 5xx', 503, printedOpen],
    ['a page', 200, '<html>"status" => 0</html>'],
    ['truncated JSON', 200, JSON.stringify(asJson).slice(0, 80)],
    ['nothing', 200, ''],
  ])('%s', async (_name, status, text) => {
    expect((await lookUp(status, text)).outcome).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('refused credentials stop the account, a firewall does not', async () => {
    const refused = '{"status":"error","message":"Wrong key Sd4#k[HFS"}';
    expect((await lookUp(401, refused)).outcome).toEqual({
      kind: 'no_answer',
      detail: 'http_401: Wrong key [secret]',
      stop: true,
    });
    expect((await lookUp(403, '<html>no</html>')).outcome).toMatchObject({ stop: false });
  });

  test('a closed port, silence', async () => {
    expect((await lookupOf(await closedPort()).lookup(keys)).kind).toBe('no_answer');
    const silent = await serve(() => undefined);
    expect((await lookupOf(silent.url, {}, 60).lookup(keys)).kind).toBe('no_answer');
  });
});

test('without its id nothing can be asked, and after five minutes a person decides', async () => {
  const server = await serve(says(200, printedPaid));
  const lookup = lookupOf(server.url);
  expect((await lookup.lookup({ ...keys, requestId: null })).kind).toBe('not_found');
  expect(server.seen).toHaveLength(0);
  expect(lookup).toMatchObject({ needsIds: true, giveUpAfterSeconds: 300 });
});

test('there is no callback, no call that changes nothing, and no SMS', () => {
  const { gateway } = openAs('bosmi', account);
  expect([gateway.callback, gateway.check, gateway.sms, gateway.actions]).toEqual(Array(4).fill(undefined));
});

test('whatever text is printed, reading it never throws', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '"status" => 0',
    '[status] => ',
    'Array',
    '(',
    ')',
    '\n',
    ' => ',
    "'a'",
    'é',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((all) => all.join('\n')),
      ),
      (text) => {
        const body = readPrintedArray(text);
        expect(body === null || typeof body === 'object').toBe(true);
      },
    ),
  );
});
