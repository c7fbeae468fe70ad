import { systemClock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { CollectRequest, OpenGateway } from '../../src/gateways/gateway.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { openHttp } from './loopback.ts';

export const apiSecret = 'bp_live_5f2e9c_secret';
export const channelId = '550e8400-e29b-41d4-a716-446655440000';

/** Opened as the house opens it: by the registry, over the real HTTP part. */
export function openBluepay(
  baseUrl: string,
  config: Record<string, unknown> = {},
  timeoutMs = 5000,
): { gateway: OpenGateway; lines: () => string } {
  const { http, lines } = openHttp({ timeoutMs });
  const opening = openGateway('bluepay', { baseUrl, apiSecret, channelId, ...config }, http, systemClock);
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  return { gateway: opening.gateway, lines };
}

/** An ability that BluePay declares. */
export function has<T>(ability: T | undefined): T {
  if (ability === undefined) throw new Error('BluePay should have this ability');
  return ability;
}

export const request: CollectRequest = {
  reference: 'P7KQ4MA1',
  amountCents: 100_00n,
  msisdn: '254712345678' as Msisdn,
  description: 'lunch',
  callbackUrl: 'https://shop.example/cb/aa/bb',
};
