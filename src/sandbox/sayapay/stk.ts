/** POST /stkpush/process, and the query that the menu names but no page shows: it speaks as Daraja's own does. */
import { acknowledgement, merchantRequestId } from '../gateway-kit/daraja.ts';
import type { FieldTable } from '../gateway-kit/fields.ts';
import { isCallbackUrl } from '../gateway-kit/fields.ts';
import { checkoutTime, digits, freshId } from '../gateway-kit/pushes.ts';
import { isMsisdn, mpesaTakes } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SayapayOffice } from './entry.ts';
import { badRequest, badToken, enter, refusal } from './entry.ts';

const stkFields = {
  phone: { kind: 'text', required: true },
  amount: { kind: 'number', required: true },
  reference: { kind: 'text', required: true },
  description: { kind: 'text', required: true },
  callbackUrl: { kind: 'text' },
} as const satisfies FieldTable;

const maxDescription = 13;

export async function pushStk(office: SayapayOffice, call: Call): Promise<Answer> {
  const { faults, pushes, random, scheduler, state } = office;
  if (faults.take('unauthorized') !== null) {
    state.tokens = [];
    return badToken(office);
  }
  const entry = enter(office, call, stkFields);
  if (entry.kind === 'refused') return entry.answer;
  const { account, values } = entry.value;
  const { phone, amount, reference, description, callbackUrl } = values;
  if (!isMsisdn(phone)) return badRequest(office, 'Invalid phone');
  if (!mpesaTakes(amount)) return badRequest(office, 'Invalid amount');
  if (description.length > maxDescription) return badRequest(office, 'description: at most 13 characters');
  if (callbackUrl !== undefined && !isCallbackUrl(callbackUrl))
    return badRequest(office, 'Invalid callbackUrl');
  if (faults.take('refused') !== null) {
    const words = { ResponseDescription: 'Rejected', CustomerMessage: 'Rejected' };
    return json({ ...acknowledgement({ id: '', merchantRequestId: '' }), ResponseCode: '1', ...words });
  }
  const push = await pushes.place(
    {
      id: freshId(pushes, () => `ws_CO_${checkoutTime(scheduler.now())}${digits(random, 4)}`),
      merchantRequestId: merchantRequestId(random),
      accountId: account.accountId,
      merchant: account.merchantName,
      reference,
      description,
      phone,
      amountKes: amount,
      callbackUrl: callbackUrl ?? null,
    },
    call,
  );
  return json(acknowledgement(push));
}

const queryFields = {
  CheckoutRequestID: { kind: 'text', aliases: ['checkoutRequestId'], required: true },
} as const satisfies FieldTable;

export function queryStk(office: SayapayOffice, call: Call): Answer {
  const entry = enter(office, call, queryFields);
  if (entry.kind === 'refused') return entry.answer;
  const { account, values } = entry.value;
  const push = office.pushes.find(values.CheckoutRequestID);
  if (push?.accountId !== account.accountId || office.faults.take('status_not_found') !== null)
    return badRequest(office, 'Invalid CheckoutRequestID');
  if (push.result === null) return refusal(office, '500.001.1001', 'The transaction is being processed');
  return json({
    ResponseCode: '0',
    ResponseDescription: 'The service request has been accepted successsfully',
    MerchantRequestID: push.merchantRequestId,
    CheckoutRequestID: push.id,
    ResultCode: String(push.result.code),
    ResultDesc: push.result.words,
  });
}
