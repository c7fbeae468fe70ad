/** POST /v1/sms/ and GET /v1/sms/balance. The answer of the second is not printed: it is the `data` of the first. */
import type { FieldTable } from '../gateway-kit/fields.ts';
import { digits } from '../gateway-kit/pushes.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SmartpayOffice } from './entry.ts';
import type { Key } from './state.ts';
import { changeMerchant, merchantOf } from './state.ts';
import { customerPhone } from './stk.ts';
import { error, readBody } from './wire.ts';

const smsFields = {
  phone: { kind: 'text', required: true },
  message: { kind: 'text', required: true },
} as const satisfies FieldTable;

const blockChars = 160;

export function sendSms(office: SmartpayOffice, key: Key, call: Call): Answer {
  if (key.fraudSuspended) return error('KEY_SUSPENDED');
  const body = readBody(call, smsFields);
  if (body.kind === 'refused') return body.answer;
  const { message } = body.value;
  const mobile = customerPhone(body.value.phone);
  if (mobile === null) return error('INVALID_PHONE');
  const characters = [...message].length;
  const parts = Math.ceil(characters / blockChars);
  const { smsCredits } = merchantOf(office.state, key.merchantId);
  // No code is printed for it; of those that are, this one is about what is used up.
  if (smsCredits < parts) return error('LIMIT_REACHED', 'Insufficient SMS balance');
  changeMerchant(office.state, key.merchantId, { smsCredits: smsCredits - parts });
  office.mpesa.deliverSms(mobile, 'SmartPay', message);
  office.changed();
  return json({
    status: 'success',
    data: {
      transaction_id: `5${digits(office.random, 9)}${digits(office.random, 9)}`,
      mobile,
      sms_parts: parts,
      characters,
      cost: parts,
      remaining_balance: smsCredits - parts,
    },
  });
}

export function showSmsBalance({ state }: SmartpayOffice, { merchantId }: Key): Answer {
  return json({
    status: 'success',
    data: { remaining_balance: merchantOf(state, merchantId).smsCredits },
  });
}
