/**
 * Invitations: a role in a business for whoever holds an unguessable link, once, or for one person alone. The token is
 * stored as a keyed hash only. Whether an invitation still counts is looked at when it is used: it falls with its time, with
 * a withdrawal, and with the right of whoever made it.
 */
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { ChatIdentity } from '../domain/chat-identity.ts';
import { plusSeconds } from '../domain/clock.ts';
import { type BusinessId, type IdentityId, newId } from '../domain/ids.ts';
import { token } from '../domain/random.ts';
import type { Role } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { addMember } from '../payments/businesses.ts';
import { endAlone } from './alone.ts';
import { lockBusiness } from './approve.ts';
import { type InviteView, inviteById, openInvites, openInvitesMost } from './invite-view.ts';
import { managesStaff, roleNow, type StaffDeps } from './staff.ts';

export interface InviteDeps extends StaffDeps {
  readonly vault: Vault;
}

/** Long enough for a day off, short enough to be forgotten safely. */
export const inviteSeconds = 48 * 3600;

export interface NewInvite {
  readonly businessId: BusinessId;
  readonly by: IdentityId;
  readonly role: Role;
  /** null: whoever opens the link first. */
  readonly forIdentity: IdentityId | null;
}

export type Invited =
  | { readonly kind: 'invited'; readonly token: string; readonly expiresAt: Date }
  | { readonly kind: 'no_right' | 'too_many' | 'is_member' };

export async function invite(tx: Tx, deps: InviteDeps, wish: NewInvite): Promise<Invited> {
  const { businessId, by, role, forIdentity } = wish;
  await lockBusiness(tx, businessId);
  if (!(await managesStaff(tx, businessId, by))) return { kind: 'no_right' };
  if (forIdentity !== null && (await roleNow(tx, businessId, forIdentity)) !== null)
    return { kind: 'is_member' };
  const now = deps.clock.now();
  if ((await openInvites(tx, businessId, now)).length >= openInvitesMost) return { kind: 'too_many' };
  const secret = token(deps.random);
  const id: string = newId(deps.clock, deps.random);
  const expiresAt = plusSeconds(now, inviteSeconds);
  await tx
    .insertInto('invite')
    .values({
      id,
      business_id: businessId,
      role,
      token_hmac: deps.vault.hmac('invite', secret),
      for_identity: forIdentity,
      created_by: by,
      created_at: now,
      expires_at: expiresAt,
      used_by: null,
      used_at: null,
      revoked_at: null,
    })
    .execute();
  await audit(tx, now, businessId, by, 'member_invited', { invite: id, role, for: forIdentity });
  return { kind: 'invited', token: secret, expiresAt };
}

/** The yes. Everything is looked at again: two people may have the same link open. */
export async function acceptInvite(
  tx: Tx,
  deps: InviteDeps,
  id: string,
  who: ChatIdentity & { readonly id: IdentityId },
): Promise<InviteView> {
  const { businessId } = await inviteById(tx, deps, id, who.id);
  await lockBusiness(tx, businessId);
  const view = await inviteById(tx, deps, id, who.id);
  if (view.state !== 'open') return view;
  const now = deps.clock.now();
  const { channel, externalId } = who;
  const joined = await addMember(tx, deps, businessId, { channel, externalId }, view.role);
  if (!('memberId' in joined)) throw new Error(`An invitation to ${businessId} led to ${joined.kind}.`);
  await tx.updateTable('invite').set({ used_by: who.id, used_at: now }).where('id', '=', id).execute();
  const entry = await audit(tx, now, businessId, who.id, 'member_joined', {
    member: joined.memberId,
    invite: id,
    role: view.role,
    invitedBy: view.by.id,
  });
  await endAlone(tx, deps, businessId, who.id);
  const { role, by } = view;
  await deps.tellStaff.member(tx, {
    ...{ kind: 'joined', businessId, identityId: who.id, role },
    ...{ by: by.id, entry },
  });
  return view;
}

export async function revokeInvite(
  tx: Tx,
  deps: Pick<InviteDeps, 'clock'>,
  { businessId, by, id }: { businessId: BusinessId; by: IdentityId; id: string },
): Promise<'revoked' | 'not_open' | 'no_right'> {
  await lockBusiness(tx, businessId);
  if (!(await managesStaff(tx, businessId, by))) return 'no_right';
  const now = deps.clock.now();
  const revoked = await tx
    .updateTable('invite')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('business_id', '=', businessId)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (revoked.numUpdatedRows === 0n) return 'not_open';
  await audit(tx, now, businessId, by, 'invite_revoked', { invite: id });
  return 'revoked';
}
