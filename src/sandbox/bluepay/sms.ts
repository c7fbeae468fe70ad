/** POST /api/v1/sms/send. The reference is the idempotency key: a sent one answers again what it answered first. */

import type { FieldTable } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { enter } from './entry.ts';
import type { Call, Office, Route } from './office.ts';
import type { Account, SentSms } from './store.ts';
import { accountOf, changeAccount, ownKey } from './store.ts';
import type { Answer, JsonBody } from './wire.ts';
import { insufficientPrepaid, invalid, json, refusal, withWarnings } from './wire.ts';

export const smsRoute: Route = { methods: ['POST'], handle: sendSms };

const smsFields = {
  phone: { kind: 'text', aliases: ['mobile'], required: true },
  message: { kind: 'text', aliases: ['text'], required: true },
  reference: { kind: 'text', required: true },
} as const satisfies FieldTable;

const senderName = 'FULL_CIRCLE';
const maxChars = 480;

interface SmsOrder {
  readonly phone: string;
  readonly message: string;
  readonly reference: string;
}

async function sendSms(office: Office, call: Call): Promise<Answer> {
  const { faults } = office;
  if (faults.take('sms_not_configured') !== null)
    return refusal(503, 'SMS gateway not configured', { error_code: 'SMS_NOT_CONFIGURED' });
  const entry = enter(office, call);
  if (entry.kind === 'refused') return entry.answer;
  const { account } = entry;
  if (!account.isActive)
    return refusal(403, 'Merchant account not active', { error_code: 'MERCHANT_INACTIVE' });
  const order = readSms(entry.body);
  if (typeof order === 'string') return invalid('SMS_VALIDATION_FAILED', order);
  return withWarnings(await sendOnce(office, account, order), entry.legacy);
}

/** A sentence where it is refused. */
function readSms(body: JsonBody): SmsOrder | string {
  const fields = readFields(body, smsFields);
  if (fields.kind !== 'read') return fields.words;
  const { message, reference } = fields.values;
  const phone = safaricomPhone(fields.values.phone);
  if (phone === null) return 'phone must be a Safaricom MSISDN';
  if ([...message].length > maxChars) return `message must be at most ${maxChars} characters`;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(reference)) return 'reference must be A-Za-z0-9._-, at most 64';
  return { phone, message, reference };
}

/** "071x/072x/074x/079x or 2547…; newer 011x numbers as 2541…": anything else is not on Safaricom. */
function safaricomPhone(text: string): string | null {
  const match = /^(?:0(7[1249]\d{7})|254(7[1249]\d{7}|11\d{7}))$/.exec(text);
  return match === null ? null : `254${match[1] ?? match[2]}`;
}

async function sendOnce(office: Office, account: Account, order: SmsOrder): Promise<Answer> {
  const { store, faults } = office;
  const key = ownKey(account.merchantId, order.reference);
  const earlier = store.smses.get(key);
  if (earlier !== undefined)
    return earlier.answer === null ? refusal(409, 'Reference in use', inUse) : json(earlier.answer);
  const segments = segmentsOf(order.message);
  const feeKes = segments * account.smsFeeKes;
  if (account.serviceTokenKes < feeKes) return insufficientPrepaid(feeKes, account.serviceTokenKes);
  const row: SentSms = { merchantId: account.merchantId, reference: order.reference, answer: null };
  store.smses.set(key, row);
  const slowMs = faults.take('sms_slow');
  if (slowMs !== null) await office.answerTimers.pause(slowMs);
  if (faults.take('sms_rejected') !== null) {
    store.smses.delete(key);
    return refusal(502, 'SMS gateway rejected the message', { error_code: 'SMS_PROVIDER_REJECTED' });
  }
  row.answer = deliver(office, account.merchantId, order, segments, feeKes);
  office.changed();
  return json(row.answer);
}

const inUse = { error_code: 'REFERENCE_IN_USE' };

function deliver(office: Office, merchantId: string, order: SmsOrder, segments: number, feeKes: number) {
  const { store } = office;
  const balanceKes = accountOf(store, merchantId).serviceTokenKes - feeKes;
  changeAccount(store, merchantId, { serviceTokenKes: balanceKes });
  store.counters.sms += 1;
  office.mpesa.deliverSms(order.phone, senderName, order.message);
  return {
    ok: true,
    success: true,
    reference: order.reference,
    phone: order.phone,
    status: 'SENT',
    fee_kes: feeKes,
    segments,
    message_id: 12_344 + store.counters.sms,
    sender_name: senderName,
    balance_kes: balanceKes,
    sms_id: store.counters.sms,
  };
}

const gsm7 = /^[\n\r @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[\]~|€]*$/;

/** GSM-7 160 in one part and 153 in each of several, UCS-2 70 and 67; `^{}[]~|\€` take two places. */
function segmentsOf(message: string): number {
  const plain = gsm7.test(message);
  const length = message.length + (plain ? message.replace(/[^^{}\\[\]~|€]/g, '').length : 0);
  const [single, each] = plain ? [160, 153] : [70, 67];
  return length <= single ? 1 : Math.ceil(length / each);
}
