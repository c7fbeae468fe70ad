/** Invitations as they are read: what one is for a person, which stand open, and the links that carry them. */
import type { Selectable } from 'kysely';
import type { Locale, Tx } from '../db/tables.ts';
import type { InviteTable } from '../db/tables-payouts.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import { type Door, type Doors, doorsTo } from '../domain/doors.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import type { Role } from '../domain/roles.ts';
import { managesStaff, roleNow } from './staff.ts';

interface ViewDeps {
  readonly clock: Clock;
}

/** So many stay open at once: in more, one that is abused would not be noticed. */
export const openInvitesMost = 20;

/**
 * foreign: for somebody else. member: whoever asks belongs to the business already. revoked: withdrawn, or made by somebody
 * who may not invite any more.
 */
export type InviteState = 'open' | 'foreign' | 'member' | 'used' | 'revoked' | 'expired';

export interface InviteView {
  readonly id: string;
  readonly businessId: BusinessId;
  readonly shop: string;
  readonly locale: Locale;
  readonly role: Role;
  readonly by: { readonly id: IdentityId; readonly name: string | null };
  readonly expiresAt: Date;
  readonly state: InviteState;
}

const tokenShape = /^[0-9a-f]{32}$/;

/** As it is for this person. null: there is no such invitation. */
export async function findInvite(
  tx: Tx,
  deps: ViewDeps & { readonly vault: Vault },
  secret: string,
  who: IdentityId,
): Promise<InviteView | null> {
  if (!tokenShape.test(secret)) return null;
  const row = await tx
    .selectFrom('invite')
    .selectAll()
    .where('token_hmac', '=', deps.vault.hmac('invite', secret))
    .executeTakeFirst();
  return row === undefined ? null : viewFor(tx, deps, row, who);
}

export async function inviteById(tx: Tx, deps: ViewDeps, id: string, who: IdentityId): Promise<InviteView> {
  const row = await tx.selectFrom('invite').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return viewFor(tx, deps, row, who);
}

/** The newest open invitation that names this person. */
export async function inviteFor(tx: Tx, deps: ViewDeps, who: IdentityId): Promise<InviteView | null> {
  const rows = await tx
    .selectFrom('invite')
    .selectAll()
    .where('for_identity', '=', who)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', deps.clock.now())
    .orderBy('created_at', 'desc')
    .limit(openInvitesMost)
    .execute();
  for (const row of rows) {
    const view = await viewFor(tx, deps, row, who);
    if (view.state === 'open') return view;
  }
  return null;
}

async function viewFor(
  tx: Tx,
  deps: ViewDeps,
  row: Selectable<InviteTable>,
  who: IdentityId,
): Promise<InviteView> {
  const business = await tx
    .selectFrom('business')
    .select(['name', 'locale'])
    .where('id', '=', row.business_id)
    .executeTakeFirstOrThrow();
  const by = await tx
    .selectFrom('identity')
    .select(['id', 'name'])
    .where('id', '=', row.created_by)
    .executeTakeFirstOrThrow();
  return {
    id: row.id,
    businessId: row.business_id,
    shop: business.name,
    locale: business.locale,
    role: row.role,
    by,
    expiresAt: row.expires_at,
    state: await stateFor(tx, row, who, deps.clock.now()),
  };
}

async function stateFor(
  tx: Tx,
  row: Selectable<InviteTable>,
  who: IdentityId,
  now: Date,
): Promise<InviteState> {
  if (row.for_identity !== null && row.for_identity !== who) return 'foreign';
  if ((await roleNow(tx, row.business_id, who)) !== null) return 'member';
  if (row.used_at !== null) return 'used';
  if (row.revoked_at !== null || !(await managesStaff(tx, row.business_id, row.created_by))) return 'revoked';
  return row.expires_at <= now ? 'expired' : 'open';
}

export interface OpenInvite {
  readonly id: string;
  readonly role: Role;
  readonly expiresAt: Date;
  /** For one person; false: for whoever has the link. */
  readonly bound: boolean;
  /** That person's name; null: they never wrote here. */
  readonly forName: string | null;
}

/** What can still be used, oldest first. */
export async function openInvites(tx: Tx, businessId: BusinessId, now: Date): Promise<OpenInvite[]> {
  const rows = await tx
    .selectFrom('invite')
    .leftJoin('identity', 'identity.id', 'invite.for_identity')
    .select(['invite.id', 'invite.role', 'invite.expires_at as expiresAt', 'identity.name as forName'])
    .select(['invite.created_by', 'invite.for_identity'])
    .where('invite.business_id', '=', businessId)
    .where('invite.used_at', 'is', null)
    .where('invite.revoked_at', 'is', null)
    .where('invite.expires_at', '>', now)
    .orderBy('invite.created_at')
    .execute();
  const open: OpenInvite[] = [];
  for (const { created_by, for_identity, ...row } of rows)
    if (await managesStaff(tx, businessId, created_by)) open.push({ ...row, bound: for_identity !== null });
  return open;
}

const startPrefix = 'join_';

/** Where a chat opens it. */
export function inviteInChats(doors: Doors, secret: string): readonly Door[] {
  return doorsTo(doors, `${startPrefix}${secret}`);
}

/** The token in what `/start` was given; null: it is no invitation. */
export function tokenOfStart(argument: string): string | null {
  return argument.startsWith(startPrefix) ? argument.slice(startPrefix.length) : null;
}
