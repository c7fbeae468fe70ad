/**
 * Who belongs to a business and as what. Owners change it; every change is looked at again under the business's row, is
 * written into the audit log, and is told to the owners in the same transaction.
 */
import type { ChatChannel, Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId, MemberId } from '../domain/ids.ts';
import { may, type Role } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { addMember, removeMember } from '../payments/businesses.ts';
import { endAlone } from './alone.ts';
import { lockBusiness } from './approve.ts';
import { dropOrphansOf } from './asker.ts';
import { endAbandonedOf } from './bulk-left.ts';
import type { PayoutDeps } from './context.ts';

export interface StaffChange {
  readonly kind: 'joined' | 'role' | 'removed';
  readonly businessId: BusinessId;
  /** Whom it is about. */
  readonly identityId: IdentityId;
  /** What they are now; of whoever was removed, what they were. */
  readonly role: Role;
  /** Who did it; of a join, who invited. null: an operator, whom no chat knows. */
  readonly by: IdentityId | null;
  /** The audit entry: the cause of what is said. */
  readonly entry: bigint;
  /** How many open invitations ended with whoever was removed. */
  readonly invites?: number;
}

/** Who says it is wired where the bot is. */
export interface StaffTell {
  /**
   * Owners hear of it, and whom it is about. What waits for a decision is put before whoever decides now, and the open
   * cards of whoever left lose their buttons.
   */
  member(tx: Tx, change: StaffChange): Promise<void>;
}

export interface StaffDeps extends Pick<PayoutDeps, 'clock' | 'random' | 'vault' | 'tellPayout'> {
  readonly tellStaff: StaffTell;
}

export interface StaffMember {
  readonly id: MemberId;
  readonly identityId: IdentityId;
  readonly channel: ChatChannel;
  readonly externalId: string;
  /** null: they never wrote here. */
  readonly name: string | null;
  readonly role: Role;
}

/** The members, the oldest first. */
export async function staffOf(tx: Tx, businessId: BusinessId): Promise<StaffMember[]> {
  return tx
    .selectFrom('member')
    .innerJoin('identity', 'identity.id', 'member.identity_id')
    .select([
      'member.id',
      'identity.id as identityId',
      'identity.channel',
      'identity.external_id as externalId',
      'identity.name',
      'member.role',
    ])
    .where('member.business_id', '=', businessId)
    .where('member.removed_at', 'is', null)
    .orderBy('member.created_at')
    .orderBy('member.id')
    .execute();
}

/** What the person is now; every change of it holds the business's row, so that it stands while the caller does. */
export async function roleNow(tx: Tx, businessId: BusinessId, who: IdentityId): Promise<Role | null> {
  const member = await tx
    .selectFrom('member')
    .select('role')
    .where('business_id', '=', businessId)
    .where('identity_id', '=', who)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return member?.role ?? null;
}

/** The person may change who belongs to the business. The caller holds the business's row, or only shows something. */
export async function managesStaff(tx: Tx, businessId: BusinessId, who: IdentityId): Promise<boolean> {
  const role = await roleNow(tx, businessId, who);
  return role !== null && may(role, 'manage_staff');
}

export interface StaffAct {
  readonly businessId: BusinessId;
  readonly by: IdentityId;
  readonly memberId: MemberId;
}

export type StaffOutcome = {
  readonly kind:
    | 'done'
    | 'unchanged'
    | 'no_right'
    /** Somebody removed them meanwhile. */
    | 'gone'
    /** A business keeps at least one owner: nobody else may change it. */
    | 'last_owner';
};

export async function setRole(
  tx: Tx,
  deps: StaffDeps,
  { businessId, by, memberId, role }: StaffAct & { readonly role: Role },
): Promise<StaffOutcome> {
  const member = await lockMember(tx, { businessId, by, memberId });
  if ('kind' in member) return member;
  const { channel, externalId, identityId } = member;
  const outcome = await addMember(tx, deps, businessId, { channel, externalId }, role);
  if (outcome.kind === 'unchanged' || outcome.kind === 'last_owner') return { kind: outcome.kind };
  const entry = await audit(tx, deps.clock.now(), businessId, by, 'member_role', {
    member: memberId,
    identity: identityId,
    from: member.role,
    to: role,
  });
  await endAlone(tx, deps, businessId, by);
  // Files are locked before payouts.
  await endAskedBy(tx, deps, businessId, identityId);
  await deps.tellStaff.member(tx, { kind: 'role', businessId, identityId, role, by, entry });
  return { kind: 'done' };
}

export async function removeStaff(tx: Tx, deps: StaffDeps, act: StaffAct): Promise<StaffOutcome> {
  const { businessId, by, memberId } = act;
  const member = await lockMember(tx, act);
  if ('kind' in member) return member;
  if ((await removeMember(tx, deps, businessId, member)) === 'last_owner') return { kind: 'last_owner' };
  const { identityId, role } = member;
  const invites = await revokeOf(tx, deps, businessId, identityId);
  const entry = await audit(tx, deps.clock.now(), businessId, by, 'member_removed', {
    member: memberId,
    identity: identityId,
    was: role,
    invites,
  });
  await endAskedBy(tx, deps, businessId, identityId);
  await deps.tellStaff.member(tx, { kind: 'removed', businessId, identityId, role, by, entry, invites });
  return { kind: 'done' };
}

/** All that the person left waiting, where they may not ask any more: files before payouts, as they are locked everywhere. */
export async function endAskedBy(
  tx: Tx,
  deps: Pick<StaffDeps, 'clock' | 'tellPayout'>,
  businessId: BusinessId,
  asker: IdentityId,
): Promise<void> {
  await endAbandonedOf(tx, deps, businessId, asker);
  await dropOrphansOf(tx, deps, businessId, asker);
}

/**
 * What would let them back, or somebody of theirs in: invitations that they made, that are for them, and every link that is
 * for whoever opens it. Answers how many were open.
 */
async function revokeOf(tx: Tx, deps: StaffDeps, businessId: BusinessId, id: IdentityId): Promise<number> {
  const now = deps.clock.now();
  const revoked = await tx
    .updateTable('invite')
    .set({ revoked_at: now })
    .where('business_id', '=', businessId)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where((eb) =>
      eb.or([eb('created_by', '=', id), eb('for_identity', '=', id), eb('for_identity', 'is', null)]),
    )
    .returning('expires_at')
    .execute();
  return revoked.filter(({ expires_at }) => expires_at > now).length;
}

async function lockMember(tx: Tx, act: StaffAct): Promise<StaffMember | StaffOutcome> {
  await lockBusiness(tx, act.businessId);
  if (!(await managesStaff(tx, act.businessId, act.by))) return { kind: 'no_right' };
  const staff = await staffOf(tx, act.businessId);
  return staff.find(({ id }) => id === act.memberId) ?? { kind: 'gone' };
}
