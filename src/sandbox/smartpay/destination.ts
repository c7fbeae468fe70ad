/** Where a key's payments land, where its results are posted, and who else is told. */
import type { FieldTable } from '../gateway-kit/fields.ts';
import { isCallbackUrl } from '../gateway-kit/fields.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import { bankNames } from './banks.ts';
import type { SmartpayOffice } from './entry.ts';
import { namedKey } from './keys.ts';
import type { Destination, Key } from './state.ts';
import { changeKey } from './state.ts';
import { error, readBody } from './wire.ts';

export function showDestination({ state }: SmartpayOffice, caller: Key, call: Call): Answer {
  const key = namedKey(state, caller, call);
  return key === null ? error('NOT_FOUND') : json({ success: true, ...shown(key) });
}

const shown = ({ destination, callbackurl }: Key) => ({ destination, callbackurl });

const destinationFields = {
  method: { kind: 'text', required: true },
  phone: { kind: 'text' },
  paybill_number: { kind: 'text' },
  account_number: { kind: 'text' },
  till_number: { kind: 'text' },
  bank_code: { kind: 'text' },
  bank_account: { kind: 'text' },
  callbackurl: { kind: 'text' },
} as const satisfies FieldTable;

export function setDestination(office: SmartpayOffice, caller: Key, call: Call): Answer {
  const key = namedKey(office.state, caller, call);
  if (key === null) return error('NOT_FOUND');
  const body = readBody(call, destinationFields);
  if (body.kind === 'refused') return body.answer;
  const { callbackurl = key.callbackurl, ...fields } = body.value;
  if (callbackurl !== '' && !isCallbackUrl(callbackurl))
    return error('MISSING_FIELDS', 'callbackurl must be an HTTPS URL');
  const destination = readDestination(fields);
  if (destination === null) return error('INVALID_PHONE');
  if (typeof destination === 'string') return error('MISSING_FIELDS', destination);
  const changed = changeKey(office.state, key.id, { destination, callbackurl });
  office.changed();
  return json({ success: true, message: 'Payment destination updated successfully.', ...shown(changed) });
}

type Fields = { readonly [name: string]: string | undefined };

/** Fields of each method; the quickstart's "bank" is `bankpaybill` in the table and in the example. */
const fieldsOf: { readonly [method in Destination['method']]: readonly string[] } = {
  wallet: [],
  phone: ['phone'],
  paybill: ['paybill_number', 'account_number'],
  till: ['till_number'],
  bankpaybill: ['bank_code', 'bank_account'],
};

const isMethod = (text: string): text is Destination['method'] => Object.hasOwn(fieldsOf, text);

/** A sentence where a field is missing, too many or wrong; null where the phone is. */
function readDestination({ method = '', ...given }: Fields): Destination | string | null {
  if (!isMethod(method)) return `method must be one of ${Object.keys(fieldsOf).join(', ')}`;
  const needed = fieldsOf[method];
  const missing = needed.find((name) => !given[name]);
  if (missing !== undefined) return `${missing} is required for ${method}`;
  const odd = Object.keys(given).find((name) => given[name] !== undefined && !needed.includes(name));
  if (odd !== undefined) return `${odd} does not belong to ${method}`;
  return checked(method, given);
}

function checked(method: Destination['method'], given: Fields): Destination | string | null {
  const { phone = '', paybill_number = '', account_number = '' } = given;
  const { till_number = '', bank_code = '', bank_account = '' } = given;
  switch (method) {
    case 'wallet':
      return { method };
    case 'phone':
      return /^2547\d{8}$/.test(phone) ? { method, phone } : null;
    case 'paybill':
      if (!/^\d{5,7}$/.test(paybill_number)) return 'paybill_number must be 5–7 digits';
      return { method, paybill_number, account_number };
    case 'till':
      return /^\d{5,7}$/.test(till_number) ? { method, till_number } : 'till_number must be 5–7 digits';
    case 'bankpaybill':
      if (!bankNames.has(bank_code)) return 'bank_code is not among the supported banks';
      return { method, bank_code, bank_account };
  }
}

const notificationFields = {
  notify_email: { kind: 'text' },
  notify_phone: { kind: 'text' },
} as const satisfies FieldTable;

/** What is not given stays; an empty string switches it off. */
export function setNotifications(office: SmartpayOffice, caller: Key, call: Call): Answer {
  const key = namedKey(office.state, caller, call);
  if (key === null) return error('NOT_FOUND');
  const body = readBody(call, notificationFields);
  if (body.kind === 'refused') return body.answer;
  const { notify_email: email, notify_phone: phone } = body.value;
  if (email === undefined && phone === undefined) return error('MISSING_FIELDS');
  const { notifyEmail = key.notifyEmail, notifyPhone = key.notifyPhone } = {
    notifyEmail: email,
    notifyPhone: phone,
  };
  if (notifyEmail !== '' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(notifyEmail))
    return error('MISSING_FIELDS', 'notify_email is not an email address');
  if (notifyPhone !== '' && !/^254[17]\d{8}$/.test(notifyPhone)) return error('INVALID_PHONE');
  changeKey(office.state, key.id, { notifyEmail, notifyPhone });
  office.changed();
  const told = { notify_email: notifyEmail, notify_phone: notifyPhone };
  return json({ success: true, message: 'Notification settings updated successfully.', ...told });
}
