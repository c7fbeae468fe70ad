/** BOSMI for the kit: `bosmi.txt`. */
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { at, type Fields, type GatewayFixture, named, zero } from './contract-fixture.ts';

const apiKey = 'Sd4#k[HFS';
const own = { api_key: apiKey, username: 'admin', email: 'example@gmail.com' };
const id = 'B0smi_Id2025032121054940609';

const error = (said: string): Fields => ({ status: 'error', message: said });
const refused = 'Failed to initiate payment, please retry and use correct MPESA number.';
const underWay = 'Transaction is being processed or failed.';

/** The printed success of the query, as JSON. */
const paid = (change: Fields = {}): Fields => ({
  ...{ status: 0, B0smi_Id: id, amount: 100, phone: 254759446172, mpesa_receipt: 'TK3GE944U2' },
  ...{ message: 'Transaction completed successfully.', ...change },
});

function bosmi(encoding: 'json' | 'form'): GatewayFixture {
  const type = { json: 'application/json', form: 'application/x-www-form-urlencoded' }[encoding];
  /** A form knows no numbers. */
  const posted = (path: string, fields: Readonly<Record<string, string | number>>) => ({
    method: 'POST',
    path,
    headers: { 'content-type': type },
    fields:
      encoding === 'json'
        ? { ...own, ...fields }
        : Object.fromEntries(
            Object.entries({ ...own, ...fields }).map(([name, value]) => [name, String(value)]),
          ),
  });
  return {
    name: `BOSMI in ${encoding}`,
    kind: 'bosmi',
    config: (baseUrl) => ({ baseUrl, apiKey, username: own.username, email: own.email, encoding }),
    secrets: [apiKey, 'Sd4%23k%5BHFS'],
    ...(encoding === 'form' && { readFields: (seen) => Object.fromEntries(new URLSearchParams(seen.body)) }),
    error: (_status, said) => error(said),
    collect: {
      sent: posted('/processrequest', { phone: '0712345678', amount: 100 }),
      accepted: {
        ...{ status: '0', transaction_id: id, Phone_Num: '254712345678' },
        message: 'Transaction initiated successfully.',
      },
      ids: { correlationId: null, requestId: id },
      accepts: (body) =>
        zero(at(body, 'status')) && [at(body, 'transaction_id'), at(body, 'B0smi_Id')].some(named),
      refusals: [
        ...[200, 400, 422].map((status) => ({
          ...{ name: `the printed sentence with ${status}`, reply: { status, body: error(refused) } },
          ...{ reason: 'phone_refused' as const, rawCode: 'error' },
        })),
        ...[401, 403].map((status) => ({
          ...{ name: `its error with ${status}`, reply: { status, body: error('Invalid key') } },
          ...{ reason: 'credentials_refused' as const, rawCode: `http_${status}` },
        })),
      ],
      unknowns: [
        { name: 'any other sentence', reply: { status: 200, body: error('Insufficient units') } },
        { name: 'the printed sentence with 500', reply: { status: 500, body: error(refused) } },
        { name: 'status 0 without an id', reply: { status: 200, body: { status: '0' } } },
        {
          name: 'an error that names a transaction',
          reply: { status: 200, body: { ...error(refused), transaction_id: id } },
          ids: { correlationId: null, requestId: id },
        },
      ],
    },
    lookup: {
      keys: { correlationId: null, requestId: id, reference: 'P7KQ4MA1' },
      sent: posted('/query', { transaction_id: id }),
      paid: paid(),
      evidence: {
        verdict: 'paid',
        ids: { correlationId: null, requestId: id },
        reference: null,
        amountCents: 100_00n,
        receipt: { number: 'TK3GE944U2', final: true },
        msisdn: '254759446172' as Msisdn,
        reason: null,
        rawCode: '0',
      },
      paidAmount: (amount) => paid({ amount }),
      pending: [{ name: 'the one sentence for two states', reply: { status: 200, body: error(underWay) } }],
      failed: [],
      notFound: [],
      stop: [401, 403].map((status) => ({
        ...{ name: `${status}`, reply: { status, body: error('Invalid key') } },
      })),
      noAnswer: [
        { name: 'any other sentence', reply: { status: 200, body: error('No such transaction') } },
        { name: 'the sentence with 500', reply: { status: 500, body: error(underWay) } },
        { name: 'paid without a receipt', reply: { status: 200, body: paid({ mpesa_receipt: '' }) } },
        { name: 'a page with 401', reply: { status: 401, body: '<html>' } },
      ],
      proves: (body) =>
        zero(at(body, 'status')) &&
        [at(body, 'amount'), at(body, 'mpesa_receipt')].every((each) => named(each) || each === 0),
    },
  };
}

export const bosmiJson = bosmi('json');
export const bosmiForm = bosmi('form');
