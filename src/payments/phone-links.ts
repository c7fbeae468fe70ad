/** Which chat belongs to which phone. A phone links to one person per channel, a person to one phone. */
import type { Tx } from '../db/tables.ts';
import type { IdentityId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import type { PaymentDeps } from './context.ts';

export type Linked = {
  /** Who had the phone linked before, and is told that it moved. */
  readonly movedFrom: IdentityId | null;
};

/** The caller has made sure that the phone is the person's own. */
export async function linkPhone(
  tx: Tx,
  deps: Pick<PaymentDeps, 'vault' | 'clock'>,
  who: { readonly id: IdentityId; readonly channel: 'telegram' | 'whatsapp' },
  msisdn: Msisdn,
): Promise<Linked> {
  const hmac = deps.vault.hmac('phone', msisdn);
  const before = await tx
    .deleteFrom('phone_link')
    .where('channel', '=', who.channel)
    .where('phone_hmac', '=', hmac)
    .returning('identity_id')
    .executeTakeFirst();
  const link = {
    channel: who.channel,
    phone_sealed: deps.vault.seal(msisdn, `phone_link:${who.id}`),
    phone_hmac: hmac,
    linked_at: deps.clock.now(),
  };
  await tx
    .insertInto('phone_link')
    .values({ identity_id: who.id, ...link })
    .onConflict((conflict) => conflict.column('identity_id').doUpdateSet(link))
    .execute();
  const moved = before !== undefined && before.identity_id !== who.id;
  return { movedFrom: moved ? before.identity_id : null };
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
