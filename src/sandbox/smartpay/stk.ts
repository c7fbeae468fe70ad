/** POST /v1/stk/push. */
import type { FieldTable } from '../gateway-kit/fields.ts';
import { isWholeKes } from '../gateway-kit/fields.ts';
import type { Push } from '../gateway-kit/pushes.ts';
import { checkoutTime, digits, freshId } from '../gateway-kit/pushes.ts';
import { mpesaTakes } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SmartpayOffice } from './entry.ts';
import type { Key } from './state.ts';
import { changeKey, keyOf } from './state.ts';
import { error, readBody } from './wire.ts';

const stkFields = {
  phone: { kind: 'text', required: true },
  amount: { kind: 'number', required: true },
  account_reference: { kind: 'text' },
  description: { kind: 'text' },
} as const satisfies FieldTable;

const maxKes = 300_000;
const phoneWindowMs = 5 * 60_000;

export async function pushStk(office: SmartpayOffice, key: Key, call: Call): Promise<Answer> {
  if (office.faults.take('unauthorized') !== null) return error('INVALID_API_KEY');
  const standing = standingOf(key);
  if (standing !== null) return standing;
  const body = readBody(call, stkFields);
  if (body.kind === 'refused') return body.answer;
  const { amount, account_reference = 'SMARTPAY', description = 'SmartPay Payment' } = body.value;
  const phone = customerPhone(body.value.phone);
  if (phone === null) return error('INVALID_PHONE');
  if (!isWholeKes(amount, 1, maxKes)) return error('INVALID_AMOUNT');
  if (isPhoneTired(office, phone)) return error('PHONE_RATE_LIMIT');
  // Up to 300,000 is printed; M-Pesa itself takes 250,000.
  if (!mpesaTakes(amount) || office.faults.take('refused') !== null) return error('PAYMENT_FAILURE');
  changeKey(office.state, key.id, { limit: key.limit - 1 });
  const push = await office.pushes.place(
    {
      id: freshId(office.pushes, () => checkoutId(office, phone)),
      merchantRequestId: merchantRequestId(office),
      accountId: String(key.id),
      merchant: 'SMARTPAY',
      reference: account_reference,
      description,
      phone,
      amountKes: amount,
      callbackUrl: null,
    },
    call,
  );
  return json({
    success: true,
    message: 'STK Push initiated successfully.',
    checkout_request_id: push.id,
    merchant_request_id: push.merchantRequestId,
  });
}

function standingOf(key: Key): Answer | null {
  if (key.fraudSuspended) return error('KEY_SUSPENDED');
  if (!key.active) return error('KEY_INACTIVE');
  if (key.limit <= 0) return error('LIMIT_REACHED');
  return key.fraudBlock === null ? null : error(key.fraudBlock);
}

/** 2547XXXXXXXX, 2541XXXXXXXX, 07XX or 01XX; nothing else is printed. */
export function customerPhone(text: string): string | null {
  const match = /^(?:254|0)([17]\d{8})$/.exec(text);
  return match === null ? null : `254${match[1]}`;
}

function isPhoneTired({ pushes, scheduler, state }: SmartpayOffice, phone: string): boolean {
  const since = scheduler.now().getTime() - phoneWindowMs;
  const sent = pushes.all().filter((push) => push.phone === phone && push.createdAt > since);
  return sent.length >= state.limits.phonePerFiveMinutes;
}

/** `ws_CO_03062025160832822727856009`: time, three digits, the phone without 254. */
function checkoutId({ scheduler, random }: SmartpayOffice, phone: string): string {
  return `ws_CO_${checkoutTime(scheduler.now())}${digits(random, 3)}${phone.slice(3)}`;
}

/** `aea5-4f44-b4a1-d9044446ee461957335`. */
function merchantRequestId({ random }: SmartpayOffice): string {
  const [a, b, c] = [random, random, random].map((source) => source.bytes(2).toString('hex'));
  return `${a}-${b}-${c}-${random.bytes(6).toString('hex')}${digits(random, 7)}`;
}

/** Whoever wants an SMS on every completed payment. */
export function notifyPayment(office: SmartpayOffice, push: Push): void {
  const { notifyPhone } = keyOf(office.state, Number(push.accountId));
  if (push.result?.receipt == null || notifyPhone === '') return;
  const { receipt } = push.result;
  const text = `${receipt}: KES ${push.toldKes} received from ${push.phone} for ${push.reference}.`;
  office.mpesa.deliverSms(notifyPhone, 'SmartPay', text);
}
