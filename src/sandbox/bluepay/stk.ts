/** POST /api/stk_push.php and its alias /api/v2/payments.php. */

import type { FieldTable } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { enter } from './entry.ts';
import type { AutoOutcome, Call, Office, Route } from './office.ts';
import type { Order } from './order.ts';
import { placeOrder, readOrder } from './order.ts';
import type { Account, Stk } from './store.ts';
import type { Answer } from './wire.ts';
import {
  channelNotAvailable,
  html,
  insufficientPrepaid,
  json,
  refusal,
  unauthorized,
  withWarnings,
} from './wire.ts';

const stkFields = {
  channel_id: { kind: 'text', aliases: ['payment_channel_id'], required: true },
  phone: { kind: 'text', aliases: ['phone_number'], required: true },
  amount: { kind: 'number', required: true },
  account_reference: { kind: 'text', aliases: ['external_reference', 'account_id'] },
  provider: { kind: 'text' },
  callback_url: { kind: 'text' },
  csrf: { kind: 'text' },
} as const satisfies FieldTable;

export const stkRoute: Route = { methods: ['POST'], handle: pushStk };

async function pushStk(office: Office, call: Call): Promise<Answer> {
  const struck = entryFault(office);
  if (struck !== null) return struck;
  const entry = enter(office, call);
  if (entry.kind === 'refused') return entry.answer;
  const fields = readFields(entry.body, stkFields);
  if (fields.kind !== 'read') return refusal(422, fields.words);
  const { provider } = fields.values;
  if (provider !== undefined && provider !== 'm-pesa') return refusal(422, 'provider must be m-pesa');
  const read = readOrder(office, entry.account, fields.values);
  if (read.kind === 'refused') return read.answer;
  return withWarnings(await collect(office, call, entry.account, read.order), entry.legacy);
}

/** What goes wrong before BluePay has read the request; no prompt is made. */
export function entryFault(office: Office): Answer | null {
  if (office.faults.take('drop_before_accept') !== null) return { kind: 'drop' };
  if (office.faults.take('http_500') !== null) return html(500, '500 Internal Server Error');
  return office.faults.take('unauthorized') === null ? null : unauthorized;
}

/** From a sound order to the answer; shared with the pay links. */
export async function collect(office: Office, call: Call, account: Account, order: Order): Promise<Answer> {
  const { faults } = office;
  if (faults.take('channel_inactive') !== null) return channelNotAvailable;
  if (faults.take('insufficient_prepaid') !== null) return insufficientPrepaid(account.stkFeeKes, 0);
  if (account.serviceTokenKes < account.stkFeeKes)
    return insufficientPrepaid(account.stkFeeKes, account.serviceTokenKes);
  if (faults.take('http_502_refused') !== null)
    return badGateway(account, placeOrder(office, account, order, false));
  const stk = placeOrder(office, account, order);
  if (faults.take('callback_before_answer') !== null) {
    actOnPrompt(office, stk, 'pay');
    await office.webhooks.idle();
  } else call.afterAnswer.push(() => actOnPrompt(office, stk, autoOf(office, stk)));
  return answerTo(office, account, stk);
}

async function answerTo(office: Office, account: Account, stk: Stk): Promise<Answer> {
  const { faults } = office;
  const slowMs = faults.take('slow');
  if (slowMs !== null) await office.answerTimers.pause(slowMs);
  if (faults.take('drop_after_accept') !== null) return { kind: 'drop' };
  if (faults.take('http_502') !== null) return badGateway(account, stk);
  if (faults.take('html_200') !== null) return html(200, 'BluePay');
  const body = {
    ok: true,
    stk_request_id: stk.id,
    checkout_request_id: stk.checkoutRequestId,
    account_reference: stk.reference,
  };
  if (faults.take('truncated_json') !== null) return jsonText(JSON.stringify(body).slice(0, -20));
  if (faults.take('oversized') !== null) return jsonText(JSON.stringify(body) + ' '.repeat(8 * 1024 * 1024));
  return json(body);
}

const jsonText = (text: string): Answer => ({
  kind: 'raw',
  status: 200,
  contentType: 'application/json',
  text,
});

/** It carries the id of the row: the prompt may be on the phone. */
function badGateway(account: Account, stk: Stk): Answer {
  return refusal(502, 'M-Pesa did not accept the STK request', {
    detail: account.livemode ? null : 'Provider answered in an unexpected way',
    stk_request_id: stk.id,
  });
}

function autoOf(office: Office, stk: Stk): AutoOutcome {
  return office.autos.get(stk.phone) ?? office.autos.get('*') ?? 'ignore';
}

function actOnPrompt(office: Office, stk: Stk, act: AutoOutcome): void {
  const pin = office.mpesa.subscriber(stk.phone)?.pin;
  if (stk.promptId === null || pin === undefined || act === 'ignore') return;
  if (act === 'cancel') office.mpesa.cancel(stk.promptId);
  else office.mpesa.enterPin(stk.promptId, act === 'pay' ? pin : `not ${pin}`);
}
