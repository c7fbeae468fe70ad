/** The Daraja PHP platform for the kit: `daraja-php.txt`. */
import { at, type Fields, type GatewayFixture, named, stkPaid, zero } from './contract-fixture.ts';
import { issued } from './contract-stage.ts';
import { acknowledged, stkCallbacks, stkIds } from './contract-stk.ts';

const consumerKey = 'consumer-key';
const consumerSecret = 'consumer-secret-7d2f81';
const basic = Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');

const error = (status: number, said: string): Fields => ({ status, message: said });
const within = (change: Fields, status: unknown = 200): Fields => ({
  status,
  response: { ...acknowledged, ...change },
});

function platform(withCredentials: boolean): GatewayFixture {
  return {
    name: `The Daraja PHP platform, ${withCredentials ? 'with' : 'without'} credentials`,
    kind: 'daraja-php',
    config: (baseUrl) => ({
      ...{ baseUrl, shortCode: '174379' },
      ...(withCredentials && { consumerKey, consumerSecret }),
    }),
    secrets: withCredentials ? [consumerSecret, basic] : [],
    error,
    token: {
      sent: {
        ...{ method: 'POST', path: '/api/generate_token.php' },
        headers: withCredentials ? { authorization: `Basic ${basic}` } : {},
      },
      reply: (token) => ({ success: true, token }),
      lifeSeconds: 3600,
    },
    collect: {
      sent: {
        method: 'POST',
        path: '/api/stk_push.php',
        headers: { authorization: `Bearer ${issued(1)}`, 'content-type': 'application/json' },
        fields: { phone: '254712345678', amount: 100, reference: 'P7KQ4MA1', description: 'P7KQ4MA1' },
      },
      accepted: within({}),
      ids: stkIds,
      accepts: (body) =>
        Number(at(body, 'status')) === 200 &&
        zero(at(body, 'response.ResponseCode')) &&
        named(at(body, 'response.CheckoutRequestID')),
      refusals: [
        refusal('400', 400, error(400, 'Bad Request'), 'request_refused'),
        refusal('400 inside of 200', 200, error(400, 'Bad Request'), 'request_refused'),
        { ...refusal('401', 401, error(401, 'Unauthorized'), 'credentials_refused'), twice: true },
        {
          ...refusal('401 inside of 200', 200, error(401, 'Unauthorized'), 'credentials_refused'),
          twice: true,
        },
      ],
      unknowns: [
        { name: '500 inside of 200', reply: { status: 200, body: error(500, 'Server Error') } },
        { name: '404, which is not documented', reply: { status: 404, body: error(404, 'Not Found') } },
        {
          name: 'another ResponseCode',
          reply: { status: 200, body: within({ ResponseCode: '1' }) },
          ids: stkIds,
        },
        {
          name: 'no checkout id',
          reply: { status: 200, body: within({ CheckoutRequestID: '' }) },
          ids: { ...stkIds, correlationId: null },
        },
        { name: '500 around a yes', reply: { status: 200, body: within({}, 500) }, ids: stkIds },
      ],
    },
    callback: {
      ...stkCallbacks('capability', [
        [1, 'insufficient_funds'],
        [1032, 'cancelled'],
        [1037, 'unreachable'],
        [2001, 'wrong_pin'],
      ]),
      proves: stkPaid,
    },
    actions: { 'c2b-register': null },
  };
}

type Refusal = GatewayFixture['collect']['refusals'][number];

const refusal = (name: string, status: number, body: Fields, reason: Refusal['reason']): Refusal => ({
  ...{ name, reply: { status, body }, reason },
  rawCode: `http_${String(body.status)}`,
});

export const darajaPhp = platform(true);
export const darajaPhpOpen = platform(false);
