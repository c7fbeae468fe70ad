import type { GatewayAdapter } from '../gateway.ts';
import { balances } from './balances.ts';
import { createCallback } from './callback.ts';
import { check, complete } from './channels.ts';
import { collect } from './collect.ts';
import { type BluepayConfig, bluepayConfig } from './config.ts';
import { createLookup } from './lookup.ts';
import { payLinkActions } from './pay-links.ts';
import { createPayout } from './payout.ts';
import { createSms } from './sms.ts';
import { createBluepayWire } from './wire.ts';

export const bluepay: GatewayAdapter<BluepayConfig> = {
  kind: 'bluepay',
  title: 'BluePay',
  config: bluepayConfig,
  open(config, http) {
    const wire = createBluepayWire(config, http);
    return {
      kind: 'bluepay',
      collect: (request) => collect(wire, request),
      lookup: createLookup(wire),
      callback: createCallback(config.apiSecret),
      payout: createPayout(wire),
      sms: createSms(wire),
      balances: () => balances(wire),
      actions: payLinkActions(config.baseUrl, http),
      check: () => check(wire),
      complete: () => complete(wire),
    };
  },
};
