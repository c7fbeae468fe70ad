/** Which chat belongs to which phone. A phone links to one person per channel, a person to one phone. */
import type { Tx } from '../db/tables.ts';
import type { IdentityId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { type AuditAction, audit } from '../ops/audit.ts';
import type { PaymentDeps } from './context.ts';

export interface Linked {
  /** Who had the phone linked before, and is told that it moved. */
  readonly movedFrom: IdentityId | null;
  /** Another phone that the person had linked, whose receipts come here no longer. */
  readonly replaced: Msisdn | null;
}

/** The caller has made sure that the phone is the person's own. */
export async function linkPhone(
  tx: Tx,
  deps: Pick<PaymentDeps, 'vault' | 'clock'>,
  who: { readonly id: IdentityId; readonly channel: 'telegram' | 'whatsapp' },
  msisdn: Msisdn,
): Promise<Linked> {
  const hmac = deps.vault.hmac('phone', msisdn);
  const own = await ownLink(tx, deps, who.id);
  const before = await tx
    .deleteFrom('phone_link')
    .where('channel', '=', who.channel)
    .where('phone_hmac', '=', hmac)
    .returning('identity_id')
    .executeTakeFirst();
  const link = {
    channel: who.channel,
    phone_sealed: deps.vault.seal(msisdn, sealedFor(who.id)),
    phone_hmac: hmac,
    linked_at: deps.clock.now(),
  };
  await tx
    .insertInto('phone_link')
    .values({ identity_id: who.id, ...link })
    .onConflict((conflict) => conflict.column('identity_id').doUpdateSet(link))
    .execute();
  const moved = before !== undefined && before.identity_id !== who.id;
  const phone = hmac.toString('hex');
  if (moved) await auditLink(tx, deps, before.identity_id, 'phone_let_go', phone);
  await auditLink(tx, deps, who.id, 'phone_linked', phone);
  return {
    movedFrom: moved ? before.identity_id : null,
    replaced: own !== null && own.msisdn !== msisdn ? own.msisdn : null,
  };
}

/** The people who get the receipts of this phone. */
export async function linkedTo(tx: Tx, phoneHmac: Buffer): Promise<IdentityId[]> {
  const rows = await tx
    .selectFrom('phone_link')
    .select('identity_id')
    .where('phone_hmac', '=', phoneHmac)
    .execute();
  return rows.map((row) => row.identity_id);
}

/** The phone that the person linked, and when. null: none. */
export async function ownLink(
  tx: Tx,
  deps: Pick<PaymentDeps, 'vault'>,
  id: IdentityId,
): Promise<{ readonly msisdn: Msisdn; readonly linkedAt: Date } | null> {
  const row = await tx
    .selectFrom('phone_link')
    .select(['phone_sealed', 'linked_at'])
    .where('identity_id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { msisdn: deps.vault.open(row.phone_sealed, sealedFor(id)) as Msisdn, linkedAt: row.linked_at };
}

export async function unlinkPhone(tx: Tx, deps: Pick<PaymentDeps, 'clock'>, id: IdentityId): Promise<void> {
  const gone = await tx
    .deleteFrom('phone_link')
    .where('identity_id', '=', id)
    .returning('phone_hmac')
    .executeTakeFirst();
  if (gone !== undefined) await auditLink(tx, deps, id, 'phone_let_go', gone.phone_hmac.toString('hex'));
}

/** Who linked the same phone is no second person to approve a payout, so that a member's link is a matter of authority. */
async function auditLink(
  tx: Tx,
  { clock }: Pick<PaymentDeps, 'clock'>,
  identity: IdentityId,
  action: AuditAction,
  phone: string,
): Promise<void> {
  const rows = await tx
    .selectFrom('member')
    .select('business_id')
    .where('identity_id', '=', identity)
    .where('removed_at', 'is', null)
    .orderBy('business_id')
    .execute();
  for (const { business_id } of rows)
    await audit(tx, clock.now(), business_id, identity, action, { identity, phone });
}

/**
 * The phone of a chat that is another person's now goes along, unless that person has one: then it is let go, and answered
 * where it was another phone.
 */
export async function moveLink(
  tx: Tx,
  deps: Pick<PaymentDeps, 'vault' | 'clock'>,
  from: IdentityId,
  to: IdentityId,
): Promise<Msisdn | null> {
  const own = await ownLink(tx, deps, from);
  if (own === null) return null;
  const [moving] = await tx.deleteFrom('phone_link').where('identity_id', '=', from).returningAll().execute();
  if (moving === undefined) return null;
  const theirs = await ownLink(tx, deps, to);
  if (theirs !== null) return theirs.msisdn === own.msisdn ? null : own.msisdn;
  await tx
    .insertInto('phone_link')
    .values({ ...moving, identity_id: to, phone_sealed: deps.vault.seal(own.msisdn, sealedFor(to)) })
    .execute();
  await auditLink(tx, deps, to, 'phone_linked', moving.phone_hmac.toString('hex'));
  return null;
}

/** A prompt may stand open on the phone that the person linked. */
export async function isAskedNow(tx: Tx, id: IdentityId, now: Date): Promise<boolean> {
  const row = await tx
    .selectFrom('phone_link')
    .innerJoin('attempt', 'attempt.phone_hmac', 'phone_link.phone_hmac')
    .select('attempt.id')
    .where('phone_link.identity_id', '=', id)
    .where('attempt.live_until', '>', now)
    .where('attempt.state', 'in', ['sending', 'prompted', 'unknown'])
    .executeTakeFirst();
  return row !== undefined;
}

function sealedFor(id: IdentityId): string {
  return `phone_link:${id}`;
}
