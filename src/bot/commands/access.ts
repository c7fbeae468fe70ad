import type { Tx } from '../../db/tables.ts';
import type { BusinessId } from '../../domain/ids.ts';
import { leastRoleFor, may, type Right } from '../../domain/roles.ts';
import type { BotContext, BotDeps } from '../context.ts';
import type { Membership } from '../turn.ts';
import { reply } from './reply.ts';

/** The membership that holds the right, or null after the person was told whom to ask. */
export async function requireRight(ctx: BotContext, deps: BotDeps, right: Right): Promise<Membership | null> {
  const { membership } = ctx.turn;
  if (membership === null) {
    await reply(ctx, deps, 'no-business');
    return null;
  }
  if (may(membership.role, right)) return membership;
  await reply(ctx, deps, 'role', await roleValues(ctx, deps, membership.businessId, right));
  return null;
}

/** Who may do it, for the sentence that says so. */
export async function roleValues(
  ctx: BotContext,
  deps: BotDeps,
  businessId: BusinessId,
  right: Right,
): Promise<Record<string, string>> {
  const role = deps.words.say(ctx.turn.locale, `role-${leastRoleFor(right)}`);
  return { role, who: (await whoMay(ctx.turn.tx, businessId, right)) ?? role };
}

/** The name of somebody to ask: the member who has held the right longest. null: they never wrote here. */
async function whoMay(tx: Tx, businessId: BusinessId, right: Right): Promise<string | null> {
  const members = await tx
    .selectFrom('member')
    .innerJoin('identity', 'identity.id', 'member.identity_id')
    .select(['identity.name', 'member.role'])
    .where('member.business_id', '=', businessId)
    .where('member.removed_at', 'is', null)
    .orderBy('member.created_at')
    .execute();
  const holder = members.find(({ role }) => may(role, right));
  return holder?.name ?? null;
}
