/** The shop of the desk, made with the operator commands that CONTRACT names. */
import { z } from 'zod';
import type { Account } from './bluepay/store.ts';
import { businessName } from './cast.ts';
import type { CommandCall, RunCommand } from './command.ts';
import { gatewayTitles } from './gateway-names.ts';
import { userOf } from './members.ts';

export interface Provisioned {
  readonly businessId: string;
  readonly accountId: string;
}

export type Provisioning =
  | { readonly kind: 'done'; readonly provisioned: Provisioned }
  | { readonly kind: 'failed'; readonly line: string };

export interface GatewayAccess {
  readonly url: string;
  readonly account: Account;
}

const business = z.object({ businessId: z.string() });
const account = z.object({ accountId: z.string() });

class CommandFailed extends Error {}

export async function provision(run: RunCommand, gateway: GatewayAccess): Promise<Provisioning> {
  try {
    const owner = userOf('shop', 'telegram');
    const { businessId } = business.parse(
      await answerOf(run, { args: ['business', 'add', '--name', businessName, '--owner', owner] }),
    );
    const added = await answerOf(run, gatewayAdd(businessId, gateway));
    return { kind: 'done', provisioned: { businessId, accountId: account.parse(added).accountId } };
  } catch (cause) {
    if (cause instanceof CommandFailed) return { kind: 'failed', line: cause.message };
    throw cause;
  }
}

async function answerOf(run: RunCommand, call: CommandCall): Promise<unknown> {
  const answer = await run(call);
  if (answer.kind === 'failed') throw new CommandFailed(answer.line);
  return answer.json;
}

/** The credentials go through standard input, so that they stand in no list of processes. */
export function gatewayAdd(businessId: string, { url, account: merchant }: GatewayAccess): CommandCall {
  const config = { baseUrl: url, apiSecret: merchant.apiSecret, channelId: merchant.channels[0]?.channelId };
  return {
    args: [
      'gateway',
      'add',
      '--business',
      businessId,
      '--kind',
      'bluepay',
      '--name',
      gatewayTitles.bluepay,
      '--config',
      '-',
    ],
    stdin: JSON.stringify(config),
  };
}
