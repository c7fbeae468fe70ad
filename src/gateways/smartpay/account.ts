import type { Balance, BalancesOutcome } from '../abilities.ts';
import type { CheckOutcome } from '../gateway.ts';
import { type Body, readBody, readCount, readFlag, readKes, readText } from '../stk-values.ts';
import {
  detailOf,
  fieldOf,
  partOf,
  refusesKey,
  type SmartpayOutcome,
  type SmartpayWire,
  textOf,
} from './wire.ts';

/** GET /account: whose key this is, and what is left of its plan. */
export interface Account {
  /** "SP36413506", the wallet. */
  readonly number: string | null;
  readonly keyId: string | null;
  readonly keyName: string | null;
  readonly callsLeft: number | null;
  readonly suspended: boolean;
  readonly plan: string | null;
  readonly planStatus: string | null;
  readonly walletCents: bigint | null;
}

export type Told<T> =
  | { readonly kind: 'told'; readonly value: T }
  | { readonly kind: 'refused' | 'no_answer'; readonly detail: string };

/** A question: what was answered, or why nothing was learnt. */
export function toldBy(outcome: SmartpayOutcome): Told<Body> {
  if (outcome.kind !== 'answer') return { kind: 'no_answer', detail: `SmartPay: ${outcome.detail}` };
  if (refusesKey(outcome)) return { kind: 'refused', detail: detailOf(outcome) };
  const { status, success, body } = outcome;
  if (status !== 200 || success === false || body === null)
    return { kind: 'no_answer', detail: detailOf(outcome) };
  return { kind: 'told', value: body };
}

export async function readAccount(wire: SmartpayWire): Promise<Told<Account>> {
  const told = toldBy(await wire.call({ method: 'GET', path: '/account' }));
  if (told.kind !== 'told') return told;
  const account = accountIn(told.value);
  return account === null
    ? { kind: 'no_answer', detail: 'SmartPay: the answer names neither an account nor a key.' }
    : { kind: 'told', value: account };
}

export function accountIn(body: Body): Account | null {
  const account = partOf(body, 'account');
  const key = readBody(body.active_key) ?? {};
  const subscription = readBody(body.subscription) ?? {};
  const name = textOf(key, 'name');
  const number = textOf(account, 'account_number');
  if (name === null && number === null) return null;
  return {
    number,
    keyId: textOf(key, 'id'),
    keyName: name,
    callsLeft: readCount(fieldOf(key, 'limit_remaining', 'limit')),
    suspended: readFlag(key.fraud_suspended) === true,
    plan: textOf(subscription, 'plan') ?? textOf(key, 'plan'),
    planStatus: textOf(subscription, 'status'),
    walletCents: readKes(fieldOf(account, 'balance', 'wallet_balance')),
  };
}

/** A ping proves no key, so that the account is asked for. A plan that is used up can be renewed: it is said, not refused. */
export async function check(wire: SmartpayWire): Promise<CheckOutcome> {
  const told = await readAccount(wire);
  if (told.kind !== 'told') return { kind: told.kind, detail: told.detail };
  const { keyName, number, callsLeft, suspended, planStatus } = told.value;
  if (suspended) return { kind: 'refused', detail: 'SmartPay has suspended this key for suspected fraud.' };
  const label = [keyName, number].filter((each) => each !== null).join(', ');
  const notes = [
    'key accepted',
    callsLeft === null
      ? null
      : `${callsLeft} calls left${callsLeft === 0 ? ': prompts will be refused' : ''}`,
    planStatus === null || planStatus === 'active' ? null : `the plan is ${planStatus}`,
  ];
  return { kind: 'checked', label, detail: notes.filter((each) => each !== null).join(', ') };
}

/** GET /sms/balance is not documented beyond its address: the names that other answers use are read. */
export function smsCreditsIn(body: Body): number | null {
  const names = ['remaining_balance', 'sms_balance', 'balance', 'credits'] as const;
  const printed = fieldOf(partOf(body, 'data'), ...names) ?? fieldOf(body, ...names, 'data');
  const whole = (readText(printed) ?? '').replace(/\.0+$/, '').replaceAll(',', '');
  return readCount(whole);
}

export async function balances(wire: SmartpayWire): Promise<BalancesOutcome> {
  const account = await readAccount(wire);
  if (account.kind !== 'told') return { kind: account.kind, detail: account.detail };
  const { callsLeft, walletCents } = account.value;
  // An account without SMS is no account without balances.
  const sms = toldBy(await wire.call({ method: 'GET', path: '/sms/balance', auth: 'sms' }));
  const credits = sms.kind === 'told' ? smsCreditsIn(sms.value) : null;
  const known: readonly (Balance | null)[] = [
    callsLeft === null ? null : { of: 'calls', cents: null, units: callsLeft },
    walletCents === null ? null : { of: 'wallet', cents: walletCents, units: null },
    credits === null ? null : { of: 'sms', cents: null, units: credits },
  ];
  return { kind: 'balances', balances: known.filter((each) => each !== null) };
}
