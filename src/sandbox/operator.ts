/**
 * Whoever runs the bot, at this desk: the bot tells a new business what the operator must run, and the operator runs it,
 * with an account at the simulated gateway. Elsewhere a person does that.
 */
import type { RunCommand } from './command.ts';
import { gatewayAdd } from './provision.ts';
import { filled, type World } from './world.ts';

export interface Operator {
  /** Something was said in a chat. */
  note(): void;
}

export interface OperatorDeps {
  readonly run: RunCommand;
  readonly world: World;
  readonly warn: (line: string) => void;
}

const asked = /gateway add --business ([0-9a-f-]{36})/;

export function createOperator({ run, world, warn }: OperatorDeps): Operator {
  const seen = new Set<string>();
  const connect = async (businessId: string): Promise<void> => {
    const account = world.bluepay.control.addAccount({
      merchantName: merchantNameOf(businessId),
      ...filled,
    });
    const answer = await run(gatewayAdd(businessId, { url: world.bluepay.url, account }));
    if (answer.kind === 'failed') warn(`A new business could not be connected: ${answer.line}`);
  };
  return {
    note: () => {
      for (const businessId of askedFor(world)) {
        if (seen.has(businessId) || isConnected(world, businessId)) continue;
        seen.add(businessId);
        void connect(businessId);
      }
    },
  };
}

function askedFor(world: World): string[] {
  const { telegram, whatsapp } = world;
  return [telegram.control, whatsapp.server.control]
    .flatMap((control) => control.chats().flatMap(({ id }) => control.messages(id)))
    .filter((message) => message.fromBot)
    .map((message) => asked.exec(message.text)?.[1])
    .filter((id) => id !== undefined);
}

/** The simulated gateway remembers it, also over a restart of the desk. */
function isConnected(world: World, businessId: string): boolean {
  const name = merchantNameOf(businessId);
  return world.bluepay.control.accounts().some((account) => account.merchantName === name);
}

function merchantNameOf(businessId: string): string {
  return `Merchant ${businessId.slice(-6)}`;
}
