/** Adapters opened as the house opens them: by the registry, over the real HTTP part. */
import type { Clock } from '../../src/domain/clock.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { CollectRequest, OpenGateway, ReceivedCallback } from '../../src/gateways/gateway.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { openHttp } from './loopback.ts';

export interface Opened {
  readonly gateway: OpenGateway;
  readonly lines: () => string;
}

export function openAs(
  kind: string,
  config: Readonly<Record<string, unknown>>,
  options: { readonly timeoutMs?: number; readonly clock?: Clock } = {},
): Opened {
  const { http, lines } = openHttp({ timeoutMs: options.timeoutMs ?? 5000 });
  const opening = openGateway(kind, config, http, options.clock ?? systemClock);
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  return { gateway: opening.gateway, lines };
}

export function has<T>(ability: T | undefined): T {
  if (ability === undefined) throw new Error('the gateway should have this ability');
  return ability;
}

export const collectRequest: CollectRequest = {
  reference: 'P7KQ4MA1',
  amountCents: 100_00n,
  msisdn: '254712345678' as Msisdn,
  description: 'lunch, for two & <b>all</b>',
  callbackUrl: 'https://shop.example/cb/aa/bb',
};

export const delivered = (body: string): ReceivedCallback => ({ headers: {}, body: Buffer.from(body) });

/** Daraja's acknowledgement, as two of the documents print it. */
export const acknowledgement = {
  MerchantRequestID: '29115-34620561-1',
  CheckoutRequestID: 'ws_CO_191220191020363925',
  ResponseCode: '0',
  ResponseDescription: 'Success. Request accepted for processing',
  CustomerMessage: 'Success. Request accepted for processing',
};

export const acknowledgedIds = { correlationId: 'ws_CO_191220191020363925', requestId: '29115-34620561-1' };

/** Daraja's callback as SayaPay's document prints it, without its comment. */
export function stkCallback(
  change: Record<string, unknown> = {},
  item: Record<string, unknown> = {},
): string {
  const items = {
    Amount: 1200,
    MpesaReceiptNumber: 'NLJ7RT61SV',
    TransactionDate: 20240309142233,
    PhoneNumber: 254712345678,
    ...item,
  };
  return JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: '29115-34620561-1',
        CheckoutRequestID: 'ws_CO_191220191020363925',
        ResultCode: 0,
        ResultDesc: 'The service request is processed successfully.',
        CallbackMetadata: { Item: Object.entries(items).map(([Name, Value]) => ({ Name, Value })) },
        ...change,
      },
    },
  });
}
