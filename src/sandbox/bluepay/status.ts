/** GET and POST /api/payment_status.php. */

import type { FieldTable } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { eatTime } from '../mpesa/texts.ts';
import { enter } from './entry.ts';
import type { Call, Office, Route } from './office.ts';
import type { Account, Stk, Store } from './store.ts';
import { ownKey } from './store.ts';
import type { Answer, JsonBody } from './wire.ts';
import { html, json, withWarnings } from './wire.ts';

export const statusRoute: Route = { methods: ['GET', 'POST'], handle: lookUp };

/** In a query every value is text; in JSON `stk_request_id` is the integer that the STK answer gave. */
const queryFields = {
  checkout_request_id: { kind: 'text' },
  account_reference: { kind: 'text', aliases: ['external_reference', 'account_id'] },
  stk_request_id: { kind: 'text' },
} as const satisfies FieldTable;
const bodyFields = { ...queryFields, stk_request_id: { kind: 'number' } } as const satisfies FieldTable;

async function lookUp(office: Office, call: Call): Promise<Answer> {
  const { faults } = office;
  const slowMs = faults.take('status_slow');
  if (slowMs !== null) await office.answerTimers.pause(slowMs);
  if (faults.take('status_500') !== null) return html(500, '500 Internal Server Error');
  const entry = enter(office, call);
  if (entry.kind === 'refused') return entry.answer;
  const key = call.method === 'GET' ? keyOfQuery(call.query) : keyOfBody(call, entry.body);
  if (key === null) return noKey;
  const stk = find(office.store, entry.account, key);
  const answer = stk === null || faults.take('status_not_found') !== null ? notFound : json(statusOf(stk));
  return withWarnings(answer, entry.legacy);
}

/** The document prints this one without `message`. */
const noKey: Answer = json(
  {
    ok: false,
    success: false,
    error:
      'Provide checkout_request_id, account_reference (recommended), external_reference, stk_request_id, ' +
      'or deprecated account_id',
  },
  422,
);

const notFound: Answer = json({
  ok: true,
  success: true,
  found: false,
  paid: false,
  failed: false,
  stk_status: null,
  message: 'No matching STK for this merchant yet',
  payment: null,
});

interface Key {
  readonly checkout_request_id: string | undefined;
  readonly account_reference: string | undefined;
  readonly stk_request_id: number | undefined;
}

function keyOfQuery(query: URLSearchParams): Key | null {
  const read = readFields(Object.fromEntries(query), queryFields);
  if (read.kind !== 'read' || query.size !== 1) return null;
  const { stk_request_id: id, ...others } = read.values;
  if (id !== undefined && !/^\d+$/.test(id)) return null;
  return { ...others, stk_request_id: id === undefined ? undefined : Number(id) };
}

function keyOfBody(call: Call, body: JsonBody): Key | null {
  const read = readFields(body, bodyFields);
  if (read.kind !== 'read' || call.query.size > 0) return null;
  const given = Object.values(read.values).filter((value) => value !== undefined);
  return given.length === 1 ? read.values : null;
}

function find(store: Store, account: Account, key: Key): Stk | null {
  const stk =
    store.byCheckout.get(key.checkout_request_id ?? '') ??
    store.byReference.get(ownKey(account.merchantId, key.account_reference ?? '')) ??
    store.stks.get(key.stk_request_id ?? 0);
  return stk?.merchantId === account.merchantId ? stk : null;
}

const orderStatuses = { PENDING: 'pending', SUCCESS: 'completed', FAILED: 'failed' } as const;

function statusOf(stk: Stk): JsonBody {
  return {
    ok: true,
    success: true,
    found: true,
    paid: stk.status === 'SUCCESS',
    failed: stk.status === 'FAILED',
    stk_status: stk.status,
    stk_request_id: stk.id,
    checkout_request_id: stk.checkoutRequestId,
    account_reference: stk.reference,
    external_reference: stk.reference,
    amount: stk.toldKes,
    phone: stk.phone,
    payment: paymentOf(stk),
    wallet_topup: null,
    created_at: eatTime(new Date(stk.createdAt)),
    order: {
      status: orderStatuses[stk.status],
      checkout_request_id: stk.checkoutRequestId,
      external_reference: stk.reference,
      amount: stk.toldKes,
      phone: stk.phone,
      stk_request_id: stk.id,
    },
  };
}

function paymentOf(stk: Stk): JsonBody | null {
  const { payment } = stk;
  if (payment === null) return null;
  return {
    id: payment.id,
    mpesa_receipt_number: payment.standIn ?? payment.receipt,
    amount: stk.toldKes,
    phone: stk.phone,
    transaction_time: eatTime(new Date(payment.at)),
    pending_confirmation: payment.standIn !== null,
  };
}
