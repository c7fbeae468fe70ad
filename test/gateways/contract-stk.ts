/** Daraja's own bodies, which three of the documents pass on. */
import type { Reason } from '../../src/domain/payment.ts';
import type { CallbackFixture, Facts, Fields } from './contract-fixture.ts';

export const stkIds = { correlationId: 'ws_CO_191220191020363925', requestId: '29115-34620561-1' };

export const acknowledged = {
  ResponseCode: '0',
  ResponseDescription: 'Success. Request accepted for processing',
  MerchantRequestID: stkIds.requestId,
  CheckoutRequestID: stkIds.correlationId,
  CustomerMessage: 'Success. Request accepted for processing',
};

/** As `lookup` keys after `acknowledged`. */
export const stkKeys = { ...stkIds, reference: 'P7KQ4MA1' };

function stkPaidBody({ correlationId, amount, receipt, phone }: Facts): Fields {
  const items = {
    Amount: amount,
    MpesaReceiptNumber: receipt,
    TransactionDate: 20250617005603,
    PhoneNumber: phone === '254712345678' ? 254712345678 : phone,
  };
  return {
    Body: {
      stkCallback: {
        MerchantRequestID: stkIds.requestId,
        CheckoutRequestID: correlationId,
        ResultCode: 0,
        ResultDesc: 'The service request is processed successfully.',
        CallbackMetadata: {
          Item: Object.entries(items).flatMap(([Name, Value]) =>
            Value === undefined ? [] : [{ Name, Value }],
          ),
        },
      },
    },
  };
}

const failedBody = (ResultCode: unknown): Fields => ({
  Body: { stkCallback: { ...stkIds, CheckoutRequestID: stkIds.correlationId, ResultCode, ResultDesc: 'No' } },
});

/** Result codes as a document lists them. */
export type Codes = readonly (readonly [code: number, reason: Reason])[];

export function stkCallbacks(trust: 'lookup' | 'capability', codes: Codes): Omit<CallbackFixture, 'proves'> {
  return {
    trust,
    answer: { ResultCode: 0, ResultDesc: 'Accepted' },
    paid: stkPaidBody,
    namesReference: false,
    failed: [
      ...codes.map(([code, reason]) => ({
        name: `ResultCode ${code}`,
        body: failedBody(code),
        reason,
        rawCode: String(code),
      })),
      { name: 'a code as text', body: failedBody('1032'), reason: 'cancelled', rawCode: '1032' },
      { name: 'a code that nobody knows', body: failedBody(31337), reason: 'unmapped', rawCode: '31337' },
    ],
  };
}
