/** Accounts are added by operators; their business's owners learn it here, in chat, once. */
import type { Database } from '../db/tables.ts';
import type { PaymentDeps } from './context.ts';

export function createAnnouncer(deps: PaymentDeps & { readonly db: Database }) {
  return {
    /** Tells of one new account; false when there is none. */
    runOnce: (): Promise<boolean> =>
      deps.db.transaction().execute(async (tx) => {
        const account = await tx
          .selectFrom('gateway_account')
          .select('id')
          .where('announced_at', 'is', null)
          .orderBy('created_at')
          .limit(1)
          .forNoKeyUpdate()
          .skipLocked()
          .executeTakeFirst();
        if (account === undefined) return false;
        await deps.tell.accountReady(tx, account.id);
        await tx
          .updateTable('gateway_account')
          .set({ announced_at: deps.clock.now() })
          .where('id', '=', account.id)
          .execute();
        return true;
      }),
  };
}
