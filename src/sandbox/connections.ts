/**
 * The shop's accounts at gateways beside BluePay. The operator opens each with the command that an operator runs, and
 * enters the callback URL that it answers at the gateway. Which account a prompt goes through is the shop's own choice.
 */
import { z } from 'zod';
import { businessName } from './cast.ts';
import type { CommandCall, RunCommand } from './command.ts';
import type { Saved } from './desk-file.ts';
import { type DeskGatewayKind, gatewayTitles, type ParkedKind } from './gateway-names.ts';
import type { Opened } from './gateway-park.ts';
import type { World } from './world.ts';

export type Connected = Saved['connected'][number];
export type ConnectionState = 'none' | 'connecting' | 'connected';

export interface Connections {
  /** null: done. A sentence: why it cannot be. */
  connect(kind: ParkedKind): Promise<string | null>;
  stateOf(kind: ParkedKind): ConnectionState;
  /** The gateway behind an account, by what `payment show` calls the account. */
  gatewayOf(label: string): DeskGatewayKind;
  all(): readonly Connected[];
}

export interface ConnectionsDeps {
  readonly run: RunCommand;
  readonly world: World;
  readonly known: readonly Connected[];
  /** Where gateways reach the program now. */
  readonly publicUrl: string;
  /** The shop; null while no command can be run for it. */
  readonly business: () => string | null;
  readonly changed: () => void;
  /** Written down before anybody is told. */
  readonly save: () => Promise<void>;
}

const added = z.object({ accountId: z.string(), callbackUrl: z.string(), label: z.string() });

export function createConnections(deps: ConnectionsDeps): Connections {
  const all = deps.known.map((one) => rebased(deps, one));
  const underWay = new Set<ParkedKind>();

  async function open(kind: ParkedKind, businessId: string): Promise<string | null> {
    const opened = await deps.world.moreGateways.open(kind, businessName);
    const answer = await deps.run(accountAdd(businessId, opened));
    if (answer.kind === 'failed') return sentenceOf(kind, answer.line);
    const account = added.parse(answer.json);
    opened.tellResultsTo(account.callbackUrl);
    all.push({ kind, ...account });
    await deps.save();
    return null;
  }

  return {
    connect: async (kind) => {
      const businessId = deps.business();
      const refused = refusal(kind, stateOf(kind), businessId);
      if (refused !== null || businessId === null) return refused;
      underWay.add(kind);
      deps.changed();
      try {
        return await open(kind, businessId);
      } finally {
        underWay.delete(kind);
        deps.changed();
      }
    },
    stateOf,
    gatewayOf: (label) => all.find((one) => one.label === label)?.kind ?? 'bluepay',
    all: () => all,
  };

  function stateOf(kind: ParkedKind): ConnectionState {
    if (all.some((one) => one.kind === kind)) return 'connected';
    return underWay.has(kind) ? 'connecting' : 'none';
  }
}

function refusal(kind: ParkedKind, state: ConnectionState, businessId: string | null): string | null {
  const title = gatewayTitles[kind];
  if (state === 'connected') return `${title} is connected already.`;
  if (state === 'connecting') return `${title} is being connected.`;
  return businessId === null ? 'The app is not up yet. Connect the gateway once it is.' : null;
}

function sentenceOf(kind: ParkedKind, line: string): string {
  const why = line.split('\n')[0] ?? '';
  return `${gatewayTitles[kind]} could not be connected: ${why}`;
}

/** The credentials go through standard input, so that they stand in no list of processes. */
function accountAdd(businessId: string, { kind, config, acceptUnsigned }: Opened): CommandCall {
  const name = gatewayTitles[kind];
  const which = ['--business', businessId, '--kind', kind, '--name', name, '--config', '-'];
  return {
    args: ['gateway', 'add', ...which, ...(acceptUnsigned ? ['--accept-unsigned'] : [])],
    stdin: JSON.stringify(config),
  };
}

/** A desk that comes back on another port tells the gateways its new address, as a merchant does who has moved. */
function rebased({ world, publicUrl }: ConnectionsDeps, one: Connected): Connected {
  const { pathname } = new URL(one.callbackUrl);
  const callbackUrl = `${publicUrl}${pathname}`;
  if (callbackUrl !== one.callbackUrl) world.moreGateways.moveResults(one.kind, one.callbackUrl, callbackUrl);
  return { ...one, callbackUrl };
}
