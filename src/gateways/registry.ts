import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { bluepay } from './bluepay/index.ts';
import { bosmi } from './bosmi/index.ts';
import { darajaPhp } from './daraja-php/index.ts';
import {
  type GatewayAdapter,
  type GatewayKind,
  gatewayKinds,
  type OpenGateway,
  type PhoneLimit,
} from './gateway.ts';
import type { GatewayHttp } from './http.ts';
import { sayapay } from './sayapay/index.ts';
import { smartpay } from './smartpay/index.ts';

/** The gateways that this version can open. */
const adapters: Partial<Record<GatewayKind, GatewayAdapter>> = {
  bluepay,
  smartpay,
  bosmi,
  'daraja-php': darajaPhp,
  sayapay,
} satisfies Partial<Record<GatewayKind, GatewayAdapter>>;

export type Opening =
  | { readonly kind: 'open'; readonly gateway: OpenGateway }
  /** `known` is what may be named instead. */
  | { readonly kind: 'unknown_kind'; readonly known: readonly GatewayKind[] }
  /** One line per fault: the key and what is expected, never the value. */
  | { readonly kind: 'bad_config'; readonly faults: readonly string[] };

export const knownKinds: readonly GatewayKind[] = gatewayKinds.filter((kind) => adapters[kind] !== undefined);

export function gatewayTitle(kind: string): string | null {
  return adapterOf(kind)?.title ?? null;
}

export function phoneLimitOf(kind: string): PhoneLimit | null {
  return adapterOf(kind)?.phoneLimit ?? null;
}

export function openGateway(kind: string, rawConfig: unknown, http: GatewayHttp, clock: Clock): Opening {
  const adapter = adapterOf(kind);
  if (adapter === null) return { kind: 'unknown_kind', known: knownKinds };
  const parsed = adapter.config.safeParse(rawConfig);
  if (!parsed.success) return { kind: 'bad_config', faults: faultsOf(adapter, parsed.error) };
  return { kind: 'open', gateway: adapter.open(parsed.data, http, clock) };
}

function adapterOf(kind: string): GatewayAdapter | null {
  const known = knownKinds.find((each) => each === kind);
  return known === undefined ? null : (adapters[known] ?? null);
}

function faultsOf(adapter: GatewayAdapter, error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(adapter, key));
    if (issue.path.length === 0) return ['configuration: expected a JSON object'];
    return [`${issue.path.join('.')}: ${issue.message}`];
  });
}

function unknownKey(adapter: GatewayAdapter, key: string): string {
  const shown = key.replace(/[^\w.-]/g, '?').slice(0, 40);
  const { config, title } = adapter;
  const known = config instanceof z.ZodObject ? `; the keys are ${Object.keys(config.shape).join(', ')}` : '';
  return `${shown}: ${title} has no such key${known}`;
}
