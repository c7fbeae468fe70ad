/** Daraja's acknowledgement of an STK push, which several gateways pass on: it accepts a prompt, and pays nothing. */
import type { GatewayIds } from './gateway.ts';
import { type Body, readCode, readId } from './stk-values.ts';

export interface StkAcknowledgement {
  /** `correlationId` is CheckoutRequestID, `requestId` MerchantRequestID, as in the callback. */
  readonly ids: GatewayIds;
  /** ResponseCode "0" and a checkout id to match the callback by. */
  readonly accepted: boolean;
  /** An error that names a prompt is no proof that there is none. */
  readonly namesPrompt: boolean;
  /** ResponseCode, or Daraja's own errorCode; null where neither is there. */
  readonly code: string | null;
}

export function readAcknowledgement(body: Body): StkAcknowledgement {
  const ids = { correlationId: readId(body.CheckoutRequestID), requestId: readId(body.MerchantRequestID) };
  const responseCode = readCode(body.ResponseCode);
  return {
    ids,
    accepted: responseCode === '0' && body.errorCode === undefined && ids.correlationId !== null,
    namesPrompt: ids.correlationId !== null || ids.requestId !== null,
    code: readCode(body.errorCode) ?? responseCode,
  };
}

/** Daraja's sentence, then those that the gateways put beside it; null: there is none. */
export function acknowledgementSentence(body: Body): string | null {
  const said = [
    body.errorMessage,
    body.ResponseDescription,
    body.CustomerMessage,
    body.ResultDesc,
    body.message,
    body.error,
  ].find((each) => typeof each === 'string' && each.trim() !== '');
  return typeof said === 'string' ? said : null;
}
