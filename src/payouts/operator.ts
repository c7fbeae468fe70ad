/** Businesses and members as they begin: in the chat, or by an operator's commands. Each has its line in the log. */
import type { Tx } from '../db/tables.ts';
import type { ChatIdentity } from '../domain/chat-identity.ts';
import type { BusinessId } from '../domain/ids.ts';
import type { Role } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import {
  type AddedBusiness,
  addBusiness,
  addMember,
  type BusinessDeps,
  type MemberOutcome,
  type NewBusiness,
} from '../payments/businesses.ts';
import { identityKey } from '../payments/identities.ts';
import { endAlone } from './alone.ts';

/** `by`: whoever wrote to the bot and owns it now, or an operator, whom no chat knows. */
export async function startBusiness(
  tx: Tx,
  deps: BusinessDeps,
  business: NewBusiness,
  by: 'owner' | 'operator',
): Promise<AddedBusiness> {
  const added = await addBusiness(tx, deps, business);
  const { businessId, memberId, identityId } = added;
  const actor = by === 'owner' ? identityId : null;
  const facts = { member: memberId, identity: identityId, role: 'owner' };
  await audit(tx, deps.clock.now(), businessId, actor, 'business_opened', facts);
  return added;
}

/**
 * What an operator does at the command line: nobody in the chat did it, so that the entry names no actor. The running
 * program tells it (`staff-news.ts`).
 */
export async function addMemberByOperator(
  tx: Tx,
  deps: BusinessDeps,
  businessId: BusinessId,
  who: ChatIdentity,
  role: Role,
): Promise<MemberOutcome> {
  const before = await tx
    .selectFrom('member')
    .innerJoin('identity as chat', (join) =>
      join.on(({ eb, fn }) => eb('member.identity_id', '=', fn.coalesce('chat.person_id', 'chat.id'))),
    )
    .select('member.role')
    .where('member.business_id', '=', businessId)
    .where('chat.channel', '=', who.channel)
    .where('chat.external_id', '=', identityKey(deps.vault, who))
    .executeTakeFirst();
  const outcome = await addMember(tx, deps, businessId, who, role);
  if (outcome.kind !== 'added' && outcome.kind !== 'changed') return outcome;
  await endAlone(tx, deps, businessId, null);
  const { memberId } = outcome;
  const joined = outcome.kind === 'added';
  const entry = await audit(
    tx,
    deps.clock.now(),
    businessId,
    null,
    joined ? 'member_joined' : 'member_role',
    {
      member: memberId,
      ...(joined ? { role } : { from: before?.role ?? null, to: role }),
    },
  );
  // Who joined, and became something else before anybody was told, has joined.
  await tx
    .updateTable('member')
    .set((eb) => ({ untold_entry: eb.fn.coalesce('untold_entry', eb.val(entry)) }))
    .where('id', '=', memberId)
    .execute();
  return outcome;
}
