/** GET /v1/transactions and /v1/transactions/{checkout_request_id}: the document prints no answer of either. */
import { compactTime } from '../gateway-kit/daraja.ts';
import type { Push } from '../gateway-kit/pushes.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer, JsonBody } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SmartpayOffice } from './entry.ts';
import type { Key, TransactionShape } from './state.ts';
import { keyOf } from './state.ts';
import { error, timeText } from './wire.ts';

export type Status = 'pending' | 'completed' | 'failed';

export function statusOf({ result }: Push): Status {
  if (result === null) return 'pending';
  return result.code === 0 ? 'completed' : 'failed';
}

/** Of every key of the caller's merchant. */
export function merchantPushes({ state, pushes }: SmartpayOffice, { merchantId }: Key): readonly Push[] {
  return pushes.all().filter((push) => keyOf(state, Number(push.accountId)).merchantId === merchantId);
}

export function showTransaction(office: SmartpayOffice, key: Key, call: Call): Answer {
  const push = merchantPushes(office, key).find((one) => one.id === call.id);
  if (push === undefined || office.faults.take('status_not_found') !== null) return error('NOT_FOUND');
  return json({ success: true, ...shaped(push, office.state.transactionShape) });
}

function shaped(push: Push, { form, under }: TransactionShape): JsonBody {
  const body = form === 'status' ? statusForm(push) : darajaForm(push);
  return under === 'top' ? body : { [under]: body };
}

function statusForm(push: Push): JsonBody {
  const { result } = push;
  return {
    checkout_request_id: push.id,
    merchant_request_id: push.merchantRequestId,
    phone: push.phone,
    amount: push.toldKes,
    account_reference: push.reference,
    description: push.description,
    status: statusOf(push),
    mpesa_receipt: result?.receipt ?? null,
    result_code: result?.code ?? null,
    result_desc: result?.words ?? null,
    created_at: timeText(push.createdAt),
    completed_at: result === null ? null : timeText(result.at),
  };
}

/** Daraja's own query tells a payment under way as 4999, and the rest as in the webhook. */
function darajaForm(push: Push): JsonBody {
  const { result } = push;
  return {
    MerchantRequestID: push.merchantRequestId,
    CheckoutRequestID: push.id,
    ResultCode: result?.code ?? 4999,
    ResultDesc: result?.words ?? 'The transaction is still under processing',
    ...(result?.receipt == null
      ? {}
      : {
          Amount: push.toldKes,
          MpesaReceiptNumber: result.receipt,
          TransactionDate: compactTime(result.at),
          PhoneNumber: Number(push.phone),
        }),
  };
}

interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly status: string | null;
}

const maxLimit = 100;

export function listTransactions(office: SmartpayOffice, key: Key, call: Call): Answer {
  const page = readPage(call.query);
  if (typeof page === 'string') return error('MISSING_FIELDS', page);
  const { limit, offset, status } = page;
  const fitting = merchantPushes(office, key)
    .filter((push) => status === null || statusOf(push) === status)
    .toReversed();
  const transactions = fitting.slice(offset, offset + limit).map(statusForm);
  const counts = { count: transactions.length, total: fitting.length, limit, offset };
  return json({ success: true, transactions, ...counts });
}

/** A sentence where it is refused. */
function readPage(query: URLSearchParams): Page | string {
  const odd = [...query.keys()].find((name) => !['limit', 'offset', 'status'].includes(name));
  if (odd !== undefined) return `Unknown parameter ${odd}`;
  const [limit, offset] = [query.get('limit') ?? '20', query.get('offset') ?? '0'];
  const status = query.get('status');
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > maxLimit) return 'limit must be 1–100';
  if (!/^\d{1,9}$/.test(offset)) return 'offset must be a whole number';
  if (status !== null && !['pending', 'completed', 'failed'].includes(status))
    return 'status must be pending, completed or failed';
  return { limit: Number(limit), offset: Number(offset), status };
}
