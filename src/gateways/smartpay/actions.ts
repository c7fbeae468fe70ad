import { z } from 'zod';
import type { OperatorAction } from '../abilities.ts';
import type { Body } from '../stk-values.ts';
import { accountIn, smsCreditsIn } from './account.ts';
import { createAction } from './action.ts';
import { keyActions } from './keys.ts';
import { listedIn } from './lookup.ts';
import type { SmartpayWire } from './wire.ts';

const page = z
  .strictObject({
    limit: z.coerce.number().int().min(1).max(100).optional(),
    offset: z.coerce.number().int().min(0).optional(),
    status: z.enum(['pending', 'completed', 'failed']).optional(),
  })
  .prefault({});

/** Everything of SmartPay's document that is not a prompt, a look-up or an SMS. */
export function createActions(wire: SmartpayWire): Readonly<Record<string, OperatorAction>> {
  return {
    ping: createAction(wire, {
      summary: 'tries the connection, without the key',
      changes: false,
      call: () => ({ method: 'GET', path: '/ping', auth: 'none' }),
      done: () => ({ text: 'SmartPay answers.' }),
    }),
    ...keyActions(wire),
    'transactions-list': createAction(wire, {
      summary: 'lists transactions: limit to 100, offset, status pending, completed or failed',
      changes: false,
      config: page,
      call: (asked) => ({
        method: 'GET',
        path: '/transactions',
        query: Object.fromEntries(
          Object.entries(asked).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, String(value)]],
          ),
        ),
      }),
      done: (body) => ({ text: `${listedIn(body).length} transactions` }),
    }),
    account: createAction(wire, {
      summary: 'shows the account, its plan and the calls that are left',
      changes: false,
      call: () => ({ method: 'GET', path: '/account' }),
      done: (body) => ({ text: accountText(body) }),
    }),
    'sms-balance': createAction(wire, {
      summary: 'shows the SMS credits that are left',
      changes: false,
      call: () => ({ method: 'GET', path: '/sms/balance', auth: 'sms' }),
      done: (body) => ({ text: smsText(body) }),
    }),
  };
}

function accountText(body: Body): string {
  const account = accountIn(body);
  if (account === null) return 'The account cannot be read.';
  const { keyName, number, plan, planStatus, callsLeft, suspended } = account;
  const known = [
    number,
    keyName === null ? null : `key "${keyName}"`,
    plan === null ? null : `plan ${plan}${planStatus === null ? '' : ` (${planStatus})`}`,
    callsLeft === null ? null : `${callsLeft} calls left`,
    suspended ? 'suspended for suspected fraud' : null,
  ];
  return known.filter((each) => each !== null).join(', ');
}

function smsText(body: Body): string {
  const credits = smsCreditsIn(body);
  return credits === null ? 'The balance cannot be read.' : `${credits} SMS credits left`;
}
