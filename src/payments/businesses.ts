/** Setting up a business and its people. The bot and the operator's commands call the same functions. */
import type { Locale, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { ChatIdentity } from '../domain/chat-identity.ts';
import type { Clock } from '../domain/clock.ts';
import { type BusinessId, type IdentityId, type MemberId, newId } from '../domain/ids.ts';
import type { Random } from '../domain/random.ts';
import type { Role } from '../domain/roles.ts';
import { cleanText } from '../domain/typed-text.ts';
import { findOrAddIdentity } from './identities.ts';

export interface BusinessDeps {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
}

/** In characters as a reader counts them; the database holds the same limit. */
export const businessNameLimit = 40;

export type NameReading =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too_long'; readonly length: number };

/** A business's or an account's name as it is shown to customers. Never cut: a name that is too long is asked again. */
export function readName(text: string): NameReading {
  const name = cleanText(text);
  const length = [...name].length;
  if (length === 0) return { kind: 'empty' };
  return length > businessNameLimit ? { kind: 'too_long', length } : { kind: 'name', name };
}

export interface NewBusiness {
  /** As `readName` gives it. */
  readonly name: string;
  readonly owner: ChatIdentity;
  readonly locale: Locale;
}

export interface AddedBusiness {
  readonly businessId: BusinessId;
  readonly memberId: MemberId;
  readonly identityId: IdentityId;
}

/** The business, with its owner as first member. What a business may do by default is decided here. */
export async function addBusiness(tx: Tx, deps: BusinessDeps, business: NewBusiness): Promise<AddedBusiness> {
  const businessId = newId<BusinessId>(deps.clock, deps.random);
  await tx
    .insertInto('business')
    .values({
      id: businessId,
      name: business.name,
      locale: business.locale,
      customer_sms: true,
      created_at: deps.clock.now(),
    })
    .execute();
  const identityId = await findOrAddIdentity(tx, deps, business.owner);
  const memberId = await insertMember(tx, deps, businessId, identityId, 'owner');
  await enterBusiness(tx, identityId, businessId);
  return { businessId, memberId, identityId };
}

export type MemberOutcome =
  | { readonly kind: 'added' | 'changed' | 'unchanged'; readonly memberId: MemberId }
  | { readonly kind: 'no_business' }
  /** A business keeps at least one owner: nobody else may change it. */
  | { readonly kind: 'last_owner' };

/** Makes a person a member, or gives a member another role. */
export async function addMember(
  tx: Tx,
  deps: BusinessDeps,
  businessId: BusinessId,
  who: ChatIdentity,
  role: Role,
): Promise<MemberOutcome> {
  // The lock makes two changes of the owners wait for each other.
  const business = await tx
    .selectFrom('business')
    .select('id')
    .where('id', '=', businessId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (business === undefined) return { kind: 'no_business' };
  const identityId = await findOrAddIdentity(tx, deps, who);
  const member = await tx
    .selectFrom('member')
    .select(['id', 'role', 'removed_at'])
    .where('business_id', '=', businessId)
    .where('identity_id', '=', identityId)
    .executeTakeFirst();
  const outcome = await giveRole(tx, deps, businessId, identityId, member, role);
  if (outcome.kind !== 'last_owner') await enterBusiness(tx, identityId, businessId);
  return outcome;
}

async function giveRole(
  tx: Tx,
  deps: BusinessDeps,
  businessId: BusinessId,
  identityId: IdentityId,
  member: { id: MemberId; role: Role; removed_at: Date | null } | undefined,
  role: Role,
): Promise<MemberOutcome> {
  if (member === undefined)
    return { kind: 'added', memberId: await insertMember(tx, deps, businessId, identityId, role) };
  const active = member.removed_at === null;
  if (active && member.role === role) return { kind: 'unchanged', memberId: member.id };
  if (active && member.role === 'owner' && (await countOwners(tx, businessId)) === 1)
    return { kind: 'last_owner' };
  await tx.updateTable('member').set({ role, removed_at: null }).where('id', '=', member.id).execute();
  return { kind: active ? 'changed' : 'added', memberId: member.id };
}

/**
 * Ends a membership, at once: authority is looked at whenever it is used. The person works in another of their businesses
 * from now on. The caller holds the business's row.
 */
export async function removeMember(
  tx: Tx,
  deps: Pick<BusinessDeps, 'clock'>,
  businessId: BusinessId,
  member: { readonly id: MemberId; readonly identityId: IdentityId; readonly role: Role },
): Promise<'removed' | 'last_owner'> {
  if (member.role === 'owner' && (await countOwners(tx, businessId)) === 1) return 'last_owner';
  await tx.updateTable('member').set({ removed_at: deps.clock.now() }).where('id', '=', member.id).execute();
  const next = await tx
    .selectFrom('member')
    .select('business_id')
    .where('identity_id', '=', member.identityId)
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  await tx
    .updateTable('identity')
    .set({ current_business_id: next?.business_id ?? null })
    .where('id', '=', member.identityId)
    .where('current_business_id', '=', businessId)
    .execute();
  return 'removed';
}

async function countOwners(tx: Tx, businessId: BusinessId): Promise<number> {
  const owners = await tx
    .selectFrom('member')
    .select('id')
    .where('business_id', '=', businessId)
    .where('role', '=', 'owner')
    .where('removed_at', 'is', null)
    .execute();
  return owners.length;
}

async function insertMember(
  tx: Tx,
  deps: BusinessDeps,
  businessId: BusinessId,
  identityId: IdentityId,
  role: Role,
): Promise<MemberId> {
  const id = newId<MemberId>(deps.clock, deps.random);
  await tx
    .insertInto('member')
    .values({
      id,
      business_id: businessId,
      identity_id: identityId,
      role,
      created_at: deps.clock.now(),
      removed_at: null,
    })
    .execute();
  return id;
}

/** A person's first business is the one they work in until they switch. */
async function enterBusiness(tx: Tx, identityId: IdentityId, businessId: BusinessId): Promise<void> {
  await tx
    .updateTable('identity')
    .set({ current_business_id: businessId })
    .where('id', '=', identityId)
    .where('current_business_id', 'is', null)
    .execute();
}
