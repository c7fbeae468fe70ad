/** Safaricom's own forms, which several gateways hand through: the acknowledgement of a push and its callback. */
import type { Random } from '../../domain/random.ts';
import { eatTime } from '../mpesa/texts.ts';
import type { CallbackPlan } from './faults.ts';
import type { JsonBody } from './wire.ts';

export interface Told {
  readonly id: string;
  readonly merchantRequestId: string;
  readonly phone: string;
  readonly toldKes: number;
  readonly plan: CallbackPlan;
}

export interface ToldResult {
  readonly code: number;
  readonly words: string;
  readonly receipt: string | null;
  readonly at: number;
}

/** `20250617005603`, EAT. */
export function compactTime(at: number): number {
  return Number(eatTime(new Date(at)).replace(/\D/g, ''));
}

/** As JSON text, with what the push's plan does to its fields. */
export function stkCallback(push: Told, result: ToldResult): string {
  const { plan } = push;
  const number = (value: number): number | string => (plan.texts ? String(value) : value);
  const items = [
    { Name: 'Amount', Value: number(push.toldKes) },
    { Name: 'MpesaReceiptNumber', Value: result.receipt },
    { Name: 'TransactionDate', Value: number(compactTime(result.at)) },
    ...(plan.withoutPhone ? [] : [{ Name: 'PhoneNumber', Value: number(Number(push.phone)) }]),
    ...(plan.unknownFields ? [{ Name: 'Balance' }] : []),
  ];
  return JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: push.merchantRequestId,
        CheckoutRequestID: push.id,
        ResultCode: number(result.code),
        ResultDesc: result.words,
        ...(result.receipt === null ? {} : { CallbackMetadata: { Item: items } }),
        ...(plan.unknownFields ? { ThirdPartyReference: 'none' } : {}),
      },
    },
  });
}

const acceptedWords = 'Success. Request accepted for processing';

export function acknowledgement(push: Pick<Told, 'id' | 'merchantRequestId'>): JsonBody {
  return {
    MerchantRequestID: push.merchantRequestId,
    CheckoutRequestID: push.id,
    ResponseCode: '0',
    ResponseDescription: acceptedWords,
    CustomerMessage: acceptedWords,
  };
}

/** Daraja's own way to refuse: a code whose head is the HTTP status. */
export function darajaError(random: Random, errorCode: string, errorMessage: string): JsonBody {
  return { requestId: merchantRequestId(random), errorCode, errorMessage };
}

/** `29115-34620561-1`. */
export function merchantRequestId(random: Random): string {
  const number = (below: number): number => random.bytes(4).readUInt32BE() % below;
  return `${10_000 + number(90_000)}-${10_000_000 + number(90_000_000)}-1`;
}
