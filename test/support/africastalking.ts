/**
 * A simulated Africa's Talking, written from "Send SMS" and "Application data" of its documentation and strict: what the
 * document does not allow is refused. What it sends arrives on the emulated phones.
 */
import { readForm } from '../../src/sandbox/gateway-kit/requests.ts';
import type { Call } from '../../src/sandbox/gateway-kit/server.ts';
import {
  createOffice,
  createSimulator,
  type Office,
  type SimulatorDeps,
} from '../../src/sandbox/gateway-kit/simulator.ts';
import { type Answer, html, json } from '../../src/sandbox/gateway-kit/wire.ts';

interface State {
  /** Of the app, in cents of a shilling. */
  balanceCents: number;
  /** What becomes of the next messages, first one first; by itself they are sent. */
  next: number[];
  sent: number;
}

export const username = 'duka';
export const apiKey = 'atsk_5f2e9c_hush';
export const senderId = 'MALIPO';
/** Of one part. */
export const smsCents = 80;
const ownSender = 'AFRICASTKNG';

const fields = [
  ...['username', 'to', 'message', 'from', 'bulkSMSMode'],
  ...['enqueue', 'keyword', 'linkId', 'retryDurationInHours'],
];

const names: Readonly<Record<number, string>> = {
  100: 'Processed',
  101: 'Success',
  102: 'Queued',
  401: 'RiskHold',
  402: 'InvalidSenderId',
  403: 'InvalidPhoneNumber',
  404: 'UnsupportedNumberType',
  405: 'InsufficientBalance',
  406: 'UserInBlacklist',
  407: 'CouldNotRoute',
  409: 'DoNotDisturbRejection',
  500: 'InternalServerError',
  501: 'GatewayError',
  502: 'RejectedByGateway',
};

export type AfricasTalkingServer = ReturnType<typeof createAfricasTalkingServer>;

export function createAfricasTalkingServer(deps: SimulatorDeps) {
  const office: Office<State> = createOffice<State>(deps, {
    state: { balanceCents: 178_550, next: [], sent: 0 },
    // Never used: nothing is posted.
    policy: { patienceMs: 1, retryAfterMs: [] },
    callbackUrlOf: () => null,
  });
  const { state } = office;
  return createSimulator({
    deps,
    office,
    basePath: '',
    routes: () => [
      {
        method: 'POST',
        path: '/version1/messaging',
        operation: 'sms',
        handle: (call) => messaging(office, call),
      },
      { method: 'GET', path: '/version1/user', operation: 'other', handle: (call) => user(office, call) },
    ],
    noSuchPath: html(404, '404 Not Found'),
    wrongMethod: html(405, '405 Method Not Allowed'),
    control: {
      /** The next messages end so, instead of being sent. */
      answerWith: (...statusCodes: number[]) => void state.next.push(...statusCodes),
      setBalance: (cents: number) => {
        state.balanceCents = cents;
      },
    },
  });
}

/** Listening, with what an operator would configure. */
export async function openAfricasTalking(deps: SimulatorDeps) {
  const server = createAfricasTalkingServer(deps);
  await server.listen();
  return { server, config: { username, apiKey, from: senderId, apiRoot: server.url } };
}

const plain = (status: number, text: string): Answer => ({
  kind: 'raw',
  status,
  contentType: 'text/plain; charset=UTF-8',
  text,
});
const noEntry = plain(401, 'The supplied authentication is invalid');
const kes = (cents: number, places: number): string => `KES ${(cents / 100).toFixed(places)}`;

function user({ state }: Office<State>, call: Call): Answer {
  if (call.headers.apikey !== apiKey || call.query.get('username') !== username) return noEntry;
  return json({ UserData: { balance: kes(state.balanceCents, 2) } });
}

function messaging(office: Office<State>, call: Call): Answer {
  if (call.headers.accept !== 'application/json') return plain(406, 'The sandbox of this house speaks JSON');
  const form = readForm(call);
  if (form === null || Object.keys(form).some((name) => !fields.includes(name)))
    return plain(400, 'The request is not well-formed');
  for (const name of ['username', 'to', 'message'])
    if (!form[name]) return plain(400, `Request is missing required form field '${name}'`);
  if (call.headers.apikey !== apiKey || form.username !== username) return noEntry;
  if (form.from !== undefined && form.from !== senderId) return sent('InvalidSenderId', []);
  const { to = '', message = '', from = ownSender } = form;
  return sentTo(office, to, message, from);
}

function sentTo({ state, mpesa, changed }: Office<State>, to: string, message: string, from: string): Answer {
  const statusCode = state.next.shift() ?? fateOf(state, to);
  const status = names[statusCode] ?? 'Other';
  if (statusCode >= 200)
    return sent('Sent to 0/1 Total Cost: 0', [
      { statusCode, number: to, status, cost: '0', messageId: 'None' },
    ]);
  state.sent += 1;
  state.balanceCents -= smsCents;
  mpesa.deliverSms(to.slice(1), from, message);
  changed();
  const cost = kes(smsCents, 4);
  return sent(`Sent to 1/1 Total Cost: ${cost}`, [
    { statusCode, number: to, status, cost, messageId: `ATXid_${state.sent}`, messageParts: 1 },
  ]);
}

function fateOf(state: State, to: string): number {
  if (!/^\+254[17]\d{8}$/.test(to)) return 403;
  return state.balanceCents < smsCents ? 405 : 101;
}

const sent = (sentence: string, recipients: readonly object[]): Answer =>
  json({ SMSMessageData: { Message: sentence, Recipients: recipients } }, 201);
