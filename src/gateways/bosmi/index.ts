import type { GatewayAdapter } from '../gateway.ts';
import { collect } from './collect.ts';
import { type BosmiConfig, bosmiConfig } from './config.ts';
import { createLookup } from './lookup.ts';
import { createBosmiWire } from './wire.ts';

/** No callback and no harmless call: the account is not checked at set-up, and polling is the only truth. */
export const bosmi: GatewayAdapter<BosmiConfig> = {
  kind: 'bosmi',
  title: 'BOSMI',
  config: bosmiConfig,
  open(config, http) {
    const wire = createBosmiWire(config, http);
    return {
      kind: 'bosmi',
      collect: (request) => collect(wire, request),
      lookup: createLookup(wire),
    };
  },
};
