/**
 * A simulated SmartPay, written from SmartPay's own document and strict: what the document does not allow is refused with
 * the document's codes. Where the document is silent, the code says so at the place.
 */
import type { Route } from '../gateway-kit/server.ts';
import type { CommonControl, Simulator, SimulatorDeps } from '../gateway-kit/simulator.ts';
import { createOffice, createSimulator } from '../gateway-kit/simulator.ts';
import { json } from '../gateway-kit/wire.ts';
import { showAccount } from './account.ts';
import type { SmartpayControl } from './control.ts';
import { createControl } from './control.ts';
import { setDestination, setNotifications, showDestination } from './destination.ts';
import type { SmartpayOffice } from './entry.ts';
import { keyed, open } from './entry.ts';
import { createKey, deleteKey, listKeys, regenerateKey, setDefaultKey, showKey } from './keys.ts';
import { sendSms, showSmsBalance } from './sms.ts';
import type { SmartpayState } from './state.ts';
import { createState, keyOf } from './state.ts';
import { notifyPayment, pushStk } from './stk.ts';
import { listTransactions, showTransaction } from './transactions.ts';
import { error } from './wire.ts';

export type Smartpay = Simulator<SmartpayControl & CommonControl<SmartpayState>>;

/** "Within 5 seconds", and "up to 3 times with exponential back-off"; how long the first pause is, is not printed. */
const policy = { patienceMs: 5_000, retryAfterMs: [10_000, 20_000, 40_000] };

export function createSmartpay(deps: SimulatorDeps): Smartpay {
  const office = createOffice<SmartpayState>(deps, {
    state: createState(),
    policy,
    callbackUrlOf: (state, { accountId }) => callbackUrlOf(state, Number(accountId)),
    settled: notifyPayment,
  });
  const routes = routesOf(office);
  return createSimulator({
    deps,
    office,
    basePath: '/v1',
    routes: () => routes,
    noSuchPath: error('NOT_FOUND'),
    wrongMethod: error('NOT_FOUND'),
    control: createControl(office),
  });
}

/** The key's own at the time of the result. */
function callbackUrlOf(state: SmartpayState, keyId: number): string | null {
  const { callbackurl, deleted } = keyOf(state, keyId);
  return callbackurl === '' || deleted ? null : callbackurl;
}

function routesOf(office: SmartpayOffice): Route[] {
  const route = (method: string, path: string, handle: Parameters<typeof keyed>[1]): Route => ({
    method,
    path,
    operation: 'other',
    handle: keyed(office, handle),
  });
  const pong = json({ success: true, message: 'pong' });
  return [
    { method: 'GET', path: '/ping', operation: 'other', handle: open(office, () => pong) },
    route('GET', '/keys', listKeys),
    route('POST', '/keys', createKey),
    route('GET', '/keys/{id}', showKey),
    route('DELETE', '/keys/{id}', deleteKey),
    route('POST', '/keys/{id}/set-default', setDefaultKey),
    route('POST', '/keys/{id}/regenerate', regenerateKey),
    route('GET', '/keys/{id}/destination', showDestination),
    route('PUT', '/keys/{id}/destination', setDestination),
    route('PUT', '/keys/{id}/notifications', setNotifications),
    { ...route('POST', '/stk/push', pushStk), operation: 'stk' },
    { ...route('GET', '/transactions/{id}', showTransaction), operation: 'status' },
    { ...route('GET', '/transactions', listTransactions), operation: 'status' },
    route('GET', '/account', showAccount),
    { method: 'POST', path: '/sms/', operation: 'sms', handle: keyed(office, sendSms, 'X-API-Key') },
    {
      method: 'GET',
      path: '/sms/balance',
      operation: 'sms',
      handle: keyed(office, showSmsBalance, 'X-API-Key'),
    },
  ];
}
