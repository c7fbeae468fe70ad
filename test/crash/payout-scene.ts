/** One payout on its way through a program that dies: what people decide, through the services below the chat. */
import { sql } from 'kysely';
import { systemClock } from '../../src/domain/clock.ts';
import type { IdentityId, PayoutId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { PayoutState } from '../../src/domain/payout.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { addMember } from '../../src/payments/businesses.ts';
import { findOrAddIdentity } from '../../src/payments/identities.ts';
import { approvePayout } from '../../src/payouts/approve.ts';
import type { PayoutDeps } from '../../src/payouts/context.ts';
import { draftPayout } from '../../src/payouts/draft.ts';
import { askApproval } from '../../src/payouts/request.ts';
import { markPayout } from '../../src/payouts/review.ts';
import type { TestDatabase } from '../support/database.ts';
import type { Seeded } from './shop.ts';
import { until } from './until.ts';

export type Office = Awaited<ReturnType<typeof openOffice>>;

/** The people, and a hand on the same database as the program's. */
export async function openOffice(
  { db, vault }: TestDatabase,
  { businessId, accountId }: Seeded,
  publicUrl: string,
) {
  const quiet = async () => undefined;
  const deps: PayoutDeps = {
    ...{ vault, clock: systemClock, random: systemRandom, log: silentLog, publicUrl },
    tellPayout: { payout: quiet, batch: quiet, freeze: quiet },
  };
  const tx = <T>(run: Parameters<ReturnType<typeof db.transaction>['execute']>[0]): Promise<T> =>
    db.transaction().execute(run) as Promise<T>;
  const manager = async (externalId: string): Promise<IdentityId> => {
    const who = { channel: 'telegram', externalId } as const;
    await tx((each) => addMember(each, deps, businessId, who, 'owner'));
    return tx((each) => findOrAddIdentity(each, deps, who));
  };
  const [asha, brian] = [await manager('2001'), await manager('2002')];
  const row = (id: PayoutId) =>
    db.selectFrom('payout').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  async function approve(id: PayoutId): Promise<void> {
    const { version } = await row(id);
    const approval = { payoutId: id, by: brian, version, digits: null };
    const { kind } = await tx<{ kind: string }>((each) => approvePayout(each, deps, approval));
    if (kind !== 'approved') throw new Error(kind);
  }
  async function ask(id: PayoutId): Promise<void> {
    const { kind } = await tx<{ kind: string }>((each) =>
      askApproval(each, deps, id, asha, 'asked for again'),
    );
    if (kind !== 'waiting') throw new Error(kind);
  }
  return {
    row,
    approve,
    ask,
    owner: manager,
    /** Two who may approve what is asked for here. */
    approvers: async (): Promise<readonly IdentityId[]> => [brian, await manager('2003')],
    /** Asked for by one, and still to be approved by the other. */
    async waiting(kes: number, msisdn: string): Promise<PayoutId> {
      const id = await tx<PayoutId>((each) =>
        draftPayout(each, deps, {
          ...{ businessId, accountId, requestedBy: asha, amountCents: BigInt(kes) * 100n, chargeCents: 0n },
          ...{ msisdn: msisdn as Msisdn, payeeName: null, note: 'wages' },
        }),
      );
      await ask(id);
      return id;
    },
    /** Both have read the gateway's statement. */
    async mark(id: PayoutId, verdict: 'paid' | 'failed'): Promise<void> {
      const { round } = await row(id);
      for (const by of [asha, brian])
        await tx((each) => markPayout(each, deps, { payoutId: id, round, by, verdict, receipt: null }));
    },
    /** Brings every look-up forward until it stands there. */
    async becomes(id: PayoutId, states: readonly PayoutState[], more: () => string): Promise<PayoutState> {
      return until(
        `the payout is ${states.join(' or ')}`,
        async () => {
          const { state } = await row(id);
          if (states.includes(state)) return state;
          await sql`update payout set next_check_at = now() where id = ${id} and next_check_at > now()
            and state in ('sent_to_gateway', 'unknown')`.execute(db);
          return null;
        },
        more,
      );
    },
    async entries(id: PayoutId): Promise<string[]> {
      const rows = await db
        .selectFrom('payout_entry')
        .select(['round', 'kind'])
        .where('payout_id', '=', id)
        .orderBy('id')
        .execute();
      return rows.map(({ round, kind }) => `${round} ${kind}`);
    },
    async out(id: PayoutId): Promise<bigint[]> {
      const rows = await db.selectFrom('ledger').select('amount_cents').where('payout_id', '=', id).execute();
      return rows.map(({ amount_cents }) => amount_cents);
    },
  };
}
