import type { GatewayAdapter } from '../gateway.ts';
import { balances, check } from './account.ts';
import { createActions } from './actions.ts';
import { callback } from './callback.ts';
import { collect } from './collect.ts';
import { type SmartpayConfig, smartpayConfig } from './config.ts';
import { setup } from './destination.ts';
import { createLookup } from './lookup.ts';
import { createSms } from './sms.ts';
import { createSmartpayWire } from './wire.ts';

export const smartpay: GatewayAdapter<SmartpayConfig> = {
  kind: 'smartpay',
  title: 'SmartPay',
  config: smartpayConfig,
  phoneLimit: { prompts: 3, seconds: 300 },
  open(config, http, clock) {
    const wire = createSmartpayWire(config, http, clock);
    return {
      kind: 'smartpay',
      collect: (request) => collect(wire, request),
      lookup: createLookup(wire),
      callback,
      sms: createSms(wire),
      balances: () => balances(wire),
      setup: () => setup(wire),
      check: () => check(wire),
      actions: createActions(wire),
    };
  },
};
