import type { CheckOutcome, GatewayAdapter } from '../gateway.ts';
import { createCallback } from './callback.ts';
import { collect } from './collect.ts';
import { type DarajaPhpConfig, darajaPhpConfig } from './config.ts';
import { createRegister } from './register.ts';
import { createDarajaPhpWire, type DarajaPhpWire } from './wire.ts';

export const darajaPhp: GatewayAdapter<DarajaPhpConfig> = {
  kind: 'daraja-php',
  title: 'Daraja PHP',
  config: darajaPhpConfig,
  open(config, http, clock) {
    const wire = createDarajaPhpWire(config, http, clock);
    return {
      kind: 'daraja-php',
      collect: (request) => collect(wire, request),
      callback: createCallback(config.shortCode),
      check: () => check(wire),
      actions: { 'c2b-register': createRegister(wire) },
    };
  },
};

/** A token changes nothing; without credentials it proves the address only. */
async function check(wire: DarajaPhpWire): Promise<CheckOutcome> {
  const answer = await wire.token();
  if (answer.kind !== 'token') return answer;
  return {
    kind: 'checked',
    label: `Short code ${wire.config.shortCode}`,
    detail: 'the platform gave a token',
  };
}
