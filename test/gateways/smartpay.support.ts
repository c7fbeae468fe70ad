import type { Clock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { OperatorOutcome } from '../../src/gateways/abilities.ts';
import type { CollectRequest, OpenGateway } from '../../src/gateways/gateway.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { openHttp, type Seen, says, serve } from './loopback.ts';

/** As the document prints it. */
export const apiKey = 'a3f8c1e9b2d4f6a0e7c5b8d1f3a9e2c6b4d7f0a2e5c8b1d3f6a9e0c2b5d8f1a4';
export const otherKey = apiKey.split('').reverse().join('');

export interface ManualClock extends Clock {
  advance(seconds: number): void;
}

export function manualClock(): ManualClock {
  let at = Date.parse('2025-06-03T12:00:00Z');
  return { now: () => new Date(at), advance: (seconds) => (at += seconds * 1000) };
}

/** Opened as the house opens it: by the registry, over the real HTTP part. */
export function openSmartpay(
  baseUrl: string,
  clock: Clock = manualClock(),
  timeoutMs = 5000,
): { gateway: OpenGateway; lines: () => string } {
  const { http, lines } = openHttp({ timeoutMs });
  const opening = openGateway('smartpay', { baseUrl, apiKey }, http, clock);
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  return { gateway: opening.gateway, lines };
}

/** An ability that SmartPay declares. */
export function has<T>(ability: T | undefined): T {
  if (ability === undefined) throw new Error('SmartPay should have this ability');
  return ability;
}

export const request: CollectRequest = {
  reference: 'ORDER101',
  amountCents: 150_00n,
  msisdn: '254712345678' as Msisdn,
  description: 'lunch',
  callbackUrl: 'https://shop.example/cb/aa/bb',
};

type Script = Readonly<
  Record<string, readonly [status: number, text: string, headers?: Record<string, string>]>
>;

/** Answers by "METHOD /path"; anything else is a 404 as the document words it. */
export async function scripted(script: Script) {
  return serve((response, seen) => {
    const [status, text, headers] = script[nameOf(seen)] ?? [404, refusal('NOT_FOUND')];
    says(status, text, { 'content-type': 'application/json', ...headers })(response);
  });
}

export const nameOf = (seen: Seen) => `${seen.method} ${seen.path}`;

export const refusal = (code: string, message = 'said so') =>
  JSON.stringify({ success: false, message, error_code: code });

/** The account's own callback URL. */
export const callbackUrl = 'https://shop.example/cb/0123456789abcdef0123456789abcdef';

export function act(gateway: OpenGateway, name: string, config?: unknown): Promise<OperatorOutcome> {
  return has(has(gateway.actions)[name]).run(config, { callbackUrl, operationUrl: () => callbackUrl });
}

/** GET /v1/account as the document prints it. */
export const account = `{
  "success": true,
  "account": {
    "account_number": "SP36413506",
    "fullname": "John Kamau",
    "verified": true
  },
  "active_key": {
    "id": 4,
    "name": "Production App",
    "plan": "Professional",
    "limit_remaining": 4850,
    "fraud_suspended": false
  },
  "subscription": {
    "plan": "Professional",
    "status": "active",
    "expires_at": "2025-07-01 00:00:00",
    "api_calls": 5000
  },
  "transaction_stats": {
    "total": 312, "completed": 298, "pending": 4, "failed": 10
  }
}`;
