/** POST /processrequest and POST /query, in JSON or as a form (the PHP samples send one). */
import type { FieldTable, FieldValues } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { checkoutTime, digits, freshId } from '../gateway-kit/pushes.ts';
import { mpesaTakes, readForm, readJson } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Office } from '../gateway-kit/simulator.ts';
import type { Answer, Read } from '../gateway-kit/wire.ts';
import { entered, refused } from '../gateway-kit/wire.ts';
import type { BosmiAccount, BosmiState } from './state.ts';
import { badAddress, badCredentials, cannotInitiate, error, notPaid, paid, started } from './wire.ts';

export type BosmiOffice = Office<BosmiState>;

const pushFields = {
  api_key: { kind: 'text', required: true },
  username: { kind: 'text', required: true },
  email: { kind: 'text', required: true },
  phone: { kind: 'text', required: true },
  amount: { kind: 'number', required: true },
} as const satisfies FieldTable;

/** The table lists `username` ("Your portal email"), every sample `email`: either will do. */
const queryFields = {
  api_key: { kind: 'text', required: true },
  username: { kind: 'text' },
  email: { kind: 'text' },
  transaction_id: { kind: 'text', required: true },
} as const satisfies FieldTable;

export async function processRequest(office: BosmiOffice, call: Call): Promise<Answer> {
  const { state, faults, pushes } = office;
  const { manners } = state;
  const body = readBody(office, call, pushFields);
  if (body.kind === 'refused') return body.answer;
  const { api_key, username, email, amount } = body.value;
  if (faults.take('unauthorized') !== null) return error(manners, badCredentials);
  const account = state.accounts.find((one) => one.username === username && one.email === email);
  const wrong = gate(account, api_key, call);
  if (account === undefined || wrong !== null) return error(manners, wrong ?? badCredentials);
  const phone = localPhone(body.value.phone, manners.takes01);
  if (phone === null || !mpesaTakes(amount) || faults.take('refused') !== null)
    return error(manners, cannotInitiate);
  const push = await pushes.place(
    {
      id: freshId(pushes, () => newId(office)),
      merchantRequestId: '',
      accountId: account.username,
      merchant: account.merchantName,
      // There is no reference of the merchant's.
      reference: 'BOSMI',
      description: '',
      phone,
      amountKes: amount,
      callbackUrl: null,
    },
    call,
  );
  return started(manners, push);
}

export function query(office: BosmiOffice, call: Call): Answer {
  const { state, faults, pushes } = office;
  const { manners } = state;
  const body = readBody(office, call, queryFields);
  if (body.kind === 'refused') return body.answer;
  const { api_key, username, email, transaction_id } = body.value;
  const account = state.accounts.find(
    (one) =>
      (username !== undefined || email !== undefined) &&
      (username === undefined || username === one.username || username === one.email) &&
      (email === undefined || email === one.email),
  );
  const wrong = gate(account, api_key, call);
  if (account === undefined || wrong !== null) return error(manners, wrong ?? badCredentials);
  const push = pushes.find(transaction_id);
  const isTold = push?.accountId === account.username && faults.take('status_not_found') === null;
  if (!isTold || push?.result?.receipt == null) return error(manners, notPaid);
  return paid(manners, push, push.result);
}

/** The words of the refusal. */
function gate(account: BosmiAccount | undefined, apiKey: string, { ip }: Call): string | null {
  if (account === undefined || account.apiKey !== apiKey || !account.isActive) return badCredentials;
  const { whitelist } = account;
  return whitelist === null || whitelist.includes(ip) ? null : badAddress;
}

/** A form's amount is digits; in JSON it is a number ("Intenger"). */
function readBody<T extends FieldTable>({ state }: BosmiOffice, call: Call, table: T): Read<FieldValues<T>> {
  const form = readForm(call);
  const body = form === null ? readJson(call) : { ...form, ...numbersOf(form, table) };
  if (body === null) return refused(error(state.manners, 'The request body must be JSON or a form.'));
  const fields = readFields(body, table);
  return fields.kind === 'read' ? entered(fields.values) : refused(error(state.manners, `${fields.words}.`));
}

function numbersOf(form: { readonly [field: string]: string }, table: FieldTable) {
  const numbers = Object.entries(form).filter(
    ([name, value]) => table[name]?.kind === 'number' && /^\d{1,9}$/.test(value),
  );
  return Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)]));
}

/** 07XXXXXXXX and nothing else is printed. */
function localPhone(text: string, takes01: boolean): string | null {
  const [, digit, rest] = /^0([17])(\d{8})$/.exec(text) ?? [];
  return digit === undefined || (digit === '1' && !takes01) ? null : `254${digit}${rest}`;
}

/** `B0smi_Id2025032121054940609`: year, month, day, time, five digits. */
function newId({ scheduler, random }: BosmiOffice): string {
  const [, day, month, year, time] = /^(..)(..)(....)(.*)$/.exec(checkoutTime(scheduler.now())) ?? [];
  return `B0smi_Id${year}${month}${day}${time}${digits(random, 5)}`;
}
