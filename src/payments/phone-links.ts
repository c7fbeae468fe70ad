/** Which chat belongs to which phone. A phone links to one person per channel, a person to one phone. */
import type { Tx } from '../db/tables.ts';
import type { IdentityId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
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

export async function unlinkPhone(tx: Tx, id: IdentityId): Promise<void> {
  await tx.deleteFrom('phone_link').where('identity_id', '=', id).execute();
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
