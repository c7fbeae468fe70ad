/** An owner names a group for approvals by typing /approvals in it; typed there again, it is no longer that group. */
import { may } from '../../domain/roles.ts';
import { audit } from '../../ops/audit.ts';
import { lockBusiness } from '../../payouts/approve.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { reply } from './reply.ts';

const named = /^\/approvals(?:@\w+)?\s*$/i;

export function namesGroup(text: string): boolean {
  return named.test(text.trim());
}

/** Others in the group are not answered: whoever may decide is asked at the press. */
export async function onGroupApprovals(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { membership, tx, lane, identity } = ctx.turn;
  if (membership === null || !may(membership.role, 'change_business')) return;
  const business = await lockBusiness(tx, membership.businessId);
  const stops = business.approvals_group === lane;
  await tx
    .updateTable('business')
    .set({ approvals_group: stops ? null : lane })
    .where('id', '=', business.id)
    .execute();
  const group = deps.vault.hmac('audit', lane).toString('hex').slice(0, 32);
  await audit(tx, deps.clock.now(), business.id, identity.id, 'group_named', { group, named: !stops });
  await reply(ctx, deps, stops ? 'group-stopped' : 'group-named', { shop: business.name });
}
