import type { CheckOutcome, GatewayAdapter } from '../gateway.ts';
import { createCallback } from './callback.ts';
import { collect } from './collect.ts';
import { type SayapayConfig, sayapayConfig } from './config.ts';
import { createLookup } from './lookup.ts';
import { createPayout } from './payout.ts';
import { createSayapayWire, type SayapayWire } from './wire.ts';

export const sayapay: GatewayAdapter<SayapayConfig> = {
  kind: 'sayapay',
  title: 'SayaPay',
  config: sayapayConfig,
  open(config, http, clock) {
    const wire = createSayapayWire(config, http, clock);
    const { stkQuery, b2c } = config.paths;
    return {
      kind: 'sayapay',
      collect: (request) => collect(wire, request),
      callback: createCallback(stkQuery !== undefined),
      check: () => check(wire),
      ...(b2c !== undefined && { payout: createPayout(wire, b2c) }),
      ...(stkQuery !== undefined && { lookup: createLookup(wire, stkQuery) }),
    };
  },
};

/** A token changes nothing, and proves the credentials. */
async function check(wire: SayapayWire): Promise<CheckOutcome> {
  const answer = await wire.token();
  if (answer.kind !== 'token') return answer;
  return { kind: 'checked', label: 'SayaPay', detail: 'credentials accepted: SayaPay gave a token' };
}
