/**
 * The gateways beside BluePay, behind a door: their code is loaded when the first of them is opened, so that a desk
 * without them is ready as soon as before.
 */
import type { ParkedKind } from './gateway-names.ts';
import type { GatewayPark, Listening, Opened, ParkDeps, ParkSnapshot } from './gateway-park.ts';

export interface MoreGateways {
  /** A new account for a merchant of that name, at a gateway that listens from now on. */
  open(kind: ParkedKind, merchantName: string): Promise<Opened>;
  /** Accounts there that told their results to one address tell them to another. */
  moveResults(kind: ParkedKind, from: string, to: string): void;
  listening(): readonly Listening[];
  onChange(listener: () => void): () => void;
  snapshot(): ParkSnapshot;
  close(): Promise<void>;
}

/** `saved`: what listened before listens again, on the same ports; one that is taken is thrown as Node throws it. */
export async function openMoreGateways(deps: ParkDeps, saved: ParkSnapshot = {}): Promise<MoreGateways> {
  const listeners = new Set<() => void>();
  let parking: Promise<GatewayPark> | null = null;
  let park: GatewayPark | null = null;
  let closed = false;

  async function build(): Promise<GatewayPark> {
    const { openGatewayPark } = await import('./gateway-park.ts');
    const built = await openGatewayPark(deps, saved);
    built.onChange(() => {
      for (const listener of listeners) listener();
    });
    if (closed) await built.close();
    park = built;
    return built;
  }

  function parkNow(): Promise<GatewayPark> {
    parking ??= build();
    return parking;
  }

  if (Object.keys(saved).length > 0) await parkNow();
  return {
    open: async (kind, merchantName) => (await parkNow()).open(kind, merchantName),
    moveResults: (kind, from, to) => park?.moveResults(kind, from, to),
    listening: () => park?.listening() ?? [],
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => park?.snapshot() ?? {},
    close: async () => {
      closed = true;
      await park?.close();
    },
  };
}
