/**
 * When nothing is left to do. The database is asked only once nobody is seen at work in this process: a question costs more
 * than the work that it would interrupt.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { plusSeconds } from '../../src/domain/clock.ts';
import { budgetBurstSeconds } from '../../src/payments/lookup-slot.ts';
import type { TestDatabase } from '../support/database.ts';
import { poll, postsOf, type Watched } from './watch.ts';

export type Wake = (which: (worker: string) => boolean) => void;

/** The program's calls, as far as they end: a long poll waits for what is yet to come. */
export interface Calls {
  readonly fetch: typeof fetch;
  isBusy(): boolean;
  begun(): number;
}

export function watchCalls(through: typeof fetch): Calls {
  let open = 0;
  let begun = 0;
  return {
    isBusy: () => open > 0,
    begun: () => begun,
    fetch: async (input, init) => {
      if (String(input).endsWith('/getUpdates')) return through(input, init);
      open++;
      begun++;
      try {
        return await through(input, init);
      } finally {
        open--;
      }
    },
  };
}

export interface QuietDeps {
  readonly world: Watched;
  /** Whoever was added is known to the program. */
  readonly known: () => Promise<void>;
  readonly database: Pick<TestDatabase, 'isBusy' | 'uses'>;
  readonly calls: Calls;
  /** Whoever polls on the real clock looks at once, since the test's clock is another. */
  readonly wake: Wake;
  /** What is told where the program never rests. */
  readonly more: () => string;
}

/** A call that a test leaves without an answer is no reason to wait for ever. */
const mostWaitMs = 100;

/** Resolves when everything that is due now was done: nothing waits in a chat, a webhook, a box or a worker. */
export function createQuiet({ world, known, database, calls, wake, more }: QuietDeps): () => Promise<void> {
  const written = (): boolean => world.chats.every((chat) => chat.pendingUpdates() === 0);
  const isAtWork = (): boolean => database.isBusy() || calls.isBusy() || !written();
  /** Changes with whatever could leave something to do. */
  const state = (): string =>
    [world.scheduler.now().getTime(), database.uses(), calls.begun(), postsOf(world)].join(' ');
  let rested = '';

  const gatewaysIdle = async (): Promise<void> => {
    for (const { control } of [world.bluepay, ...world.others()]) await control.idle();
  };
  const settled = async (): Promise<void> => {
    for (const end = performance.now() + mostWaitMs; isAtWork() && performance.now() < end; )
      await setTimeout(1);
  };

  return async () => {
    await known();
    let stillFor = 0;
    let looks = 0;
    await poll(
      'the program did not come to rest',
      async () => {
        await gatewaysIdle();
        await settled();
        if (state() === rested && !isAtWork()) return true;
        const before = database.uses();
        const due = await whoHasWork(world);
        const isStill = written() && !due.some((worker) => watchedWorkers.has(worker));
        if (!isStill) {
          stillFor = 0;
          // Whoever is not waited for looks once.
          wake((worker) => due.includes(worker) && (looks === 0 || watchedWorkers.has(worker)));
          looks++;
          return false;
        }
        stillFor++;
        await setImmediate();
        await gatewaysIdle();
        // Nobody but this question was at the database, and nobody is on the way to it.
        const isAlone = database.uses() === before + 1 && !isAtWork();
        if (isAlone) rested = state();
        return isAlone || stillFor >= 2;
      },
      more,
    );
  };
}

/** By the names that the program gives its workers. */
const watchedWorkers: ReadonlySet<string> = new Set([
  ...['inbox telegram', 'inbox whatsapp', 'inbox gateway'],
  ...['deliver telegram', 'deliver whatsapp', 'deliver sms'],
  ...['submit', 'reconcile', 'balances', 'payouts', 'payout look-ups', 'bulk files', 'bulk progress'],
]);

/** The watched ones, and of the others all that may find something. */
async function whoHasWork({ db, scheduler }: Watched): Promise<string[]> {
  const now = scheduler.now();
  const { rows } = await sql<{ worker: string }>`
    select distinct 'inbox ' || source as worker from inbox where state = 'pending' and due_at <= ${now}
    union all select distinct 'deliver ' || channel from outbox where state = 'pending' and due_at <= ${now}
    union all select 'submit' where exists (select from attempt where state in ('queued', 'sending'))
    union all select 'reconcile' where exists (
      select from attempt where lease_until is not null
      or (state = 'prompted' and live_until <= ${now})
      or next_check_at <= ${now})
    union all select 'balances' where exists (select from balance_question)
    union all select 'payouts' where exists (
      select from payout left join payout_batch b on b.id = batch_id
      join business on business.id = payout.business_id join gateway_account a on a.id = payout.account_id
      where payout.state = 'approved' and frozen_at is null
      and (batch_id is null or (b.state = 'running' and coalesce(a.next_payout_at, ${now}) <= ${now})))
    union all select 'payout look-ups' where exists (
      select from payout join gateway_account a on a.id = account_id
      where payout.state = 'sending' or (next_check_at <= ${now} and (gateway_payout_id is null
        or next_lookup_slot <= ${now}::timestamptz + ${budgetBurstSeconds} * interval '1 second')))
    union all select 'bulk files' where exists (
      select from stored_file where state in ('wanted', 'here') and due_at <= ${now})
    union all select 'bulk progress' where exists (select from payout_batch where next_look_at <= ${now})
    union all select 'setup' where exists (
      select from gateway_account where setup_due_at is null or setup_due_at <= ${now})
    union all select 'announce' where exists (select from gateway_account where announced_at is null)
    union all select 'staff news' where exists (select from member where untold_entry is not null)
    union all select 'audit' where (select count(*) >= 100 or min(at) <= ${plusSeconds(now, -60)}
      from audit_entry where batch is null)
    union all select 'balance watch' where exists (
      select from gateway_account where state = 'active'
      and greatest(created_at, balances_at, balances_asked_at) <= ${plusSeconds(now, -120)})`.execute(db);
  return rows.map(({ worker }) => worker);
}
