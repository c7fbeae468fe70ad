/**
 * "B2C Payout" of the menu, with the three fields that the SDK sample shows. Its answer and its result are in no document:
 * here Daraja's acknowledgement, and Daraja's Result to the account's callback URL.
 */
import { merchantRequestId } from '../gateway-kit/daraja.ts';
import type { FieldTable } from '../gateway-kit/fields.ts';
import { isWholeKes } from '../gateway-kit/fields.ts';
import { digits } from '../gateway-kit/pushes.ts';
import { isMsisdn, mpesaMaxKes } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SayapayOffice } from './entry.ts';
import { badRequest, enter } from './entry.ts';
import type { Payout, SayapayAccount } from './state.ts';

const b2cFields = {
  phone: { kind: 'text', required: true },
  amount: { kind: 'number', required: true },
  remarks: { kind: 'text', required: true },
} as const satisfies FieldTable;

const minKes = 10;
/** How long M-Pesa takes. */
const payoutMs = 2_000;

export function payOut(office: SayapayOffice, call: Call): Answer {
  const { mpesa, random, state } = office;
  const entry = enter(office, call, b2cFields);
  if (entry.kind === 'refused') return entry.answer;
  const { account, values } = entry.value;
  const { phone, amount, remarks } = values;
  if (!isMsisdn(phone)) return badRequest(office, 'Invalid phone');
  if (!isWholeKes(amount, minKes, mpesaMaxKes)) return badRequest(office, 'Invalid amount');
  const amountCents = BigInt(amount) * 100n;
  const movement = mpesa.payOut({
    msisdn: phone,
    amountCents,
    merchant: account.merchantName,
    account: remarks,
  });
  const payout: Payout = {
    conversationId: `AG_${digits(random, 8)}_${random.bytes(10).toString('hex')}`,
    originatorId: merchantRequestId(random),
    accountId: account.accountId,
    phone,
    amountKes: amount,
    remarks,
    receipt: movement?.receipt ?? null,
  };
  state.payouts = [...state.payouts, payout];
  tell(office, account, payout);
  office.changed();
  return json({
    ConversationID: payout.conversationId,
    OriginatorConversationID: payout.originatorId,
    ResponseCode: '0',
    ResponseDescription: 'Accept the service request successfully.',
  });
}

/** The money is there at once, the result two seconds later. */
function tell({ courier }: SayapayOffice, { callbackUrl }: SayapayAccount, payout: Payout): void {
  if (callbackUrl === null) return;
  const { receipt } = payout;
  const result = {
    ResultType: 0,
    ResultCode: receipt === null ? 2040 : 0,
    ResultDesc: receipt === null ? 'Credit Party customer type can not be supported' : 'Processed',
    OriginatorConversationID: payout.originatorId,
    ConversationID: payout.conversationId,
    TransactionID: receipt ?? '',
    ...(receipt === null
      ? {}
      : {
          ResultParameters: {
            ResultParameter: [
              { Key: 'TransactionAmount', Value: payout.amountKes },
              { Key: 'TransactionReceipt', Value: receipt },
            ],
          },
        }),
  };
  courier.send(callbackUrl, JSON.stringify({ Result: result }), payoutMs);
}
