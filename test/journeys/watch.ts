/** What every journey watches: when nothing is left to do, what the log holds, and that no money is made up. */
import { sql } from 'kysely';
import { type Logger, pino, stdSerializers } from 'pino';
import type { Database } from '../../src/db/tables.ts';
import { budgetBurstSeconds } from '../../src/payments/lookup-slot.ts';
import type { Bluepay } from '../../src/sandbox/bluepay/index.ts';
import type { Mpesa } from '../../src/sandbox/mpesa.ts';
import type { ManualScheduler } from '../../src/sandbox/scheduler.ts';
import type { Chat } from './chats.ts';

/** Longer than any honest answer, shorter than vitest's own limit, so that the failure names what was waited for. */
export const patienceMs = 8_000;

/** For what tells nobody of its changes: looked at again and again, on the real clock. */
export async function poll<T>(
  what: string,
  find: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  more: () => string = () => '',
): Promise<T> {
  for (const end = performance.now() + patienceMs; performance.now() < end; ) {
    const found = await find();
    if (found !== undefined && found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what}\n${more()}`);
}

/** The program's log at its finest, kept as it would be printed. */
export function createKeptLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const serializers = { err: stdSerializers.errWithCause };
  return { lines, log: pino({ level: 'trace', serializers }, { write: (line: string) => lines.push(line) }) };
}

/** Digits may be grouped; M-Pesa's checkout ids (`ws_CO_211120261431…`) and a run of digits in a hash or uuid are no phones. */
const wholePhone = /(?<![\da-f_-])(?:254|0)[ -]?[17]\d{2}[ -]?\d{3}[ -]?\d{3}(?![\da-f])/;

export function leaks(lines: readonly string[], secrets: readonly string[]): string[] {
  return lines.filter((line) => wholePhone.test(line) || secrets.some((secret) => line.includes(secret)));
}

/** A simulated gateway, as far as it is watched. */
interface Posting {
  readonly control: { idle(): Promise<void>; webhooks(): readonly unknown[] };
}

export interface Watched {
  /** The gateways beside BluePay. */
  readonly others: () => readonly Posting[];
  readonly scheduler: ManualScheduler;
  readonly chats: readonly Pick<Chat, 'pendingUpdates'>[];
  readonly bluepay: Bluepay;
  readonly mpesa: Mpesa;
  readonly db: Database;
}

type Wake = (which: (worker: string) => boolean) => void;

/**
 * Resolves when everything that is due now was done: nothing waits in a chat, a webhook, a box or a worker. `wake`: whoever
 * polls on the real clock looks at once, since the test's clock is another; those for whom nothing is due need not.
 */
export function quiet(world: Watched, more: () => string, wake: Wake = () => undefined): Promise<true> {
  let stillFor = 0;
  let looks = 0;
  return poll(
    'the program did not come to rest',
    async () => {
      for (const { control } of [world.bluepay, ...world.others()]) await control.idle();
      const due = await whoHasWork(world);
      const still = world.chats.every((chat) => chat.pendingUpdates() === 0) && due.length === 0;
      // Whoever is not watched here looks once; a look costs the database several statements.
      if (!still && looks % 4 === 0)
        wake((worker) => due.includes(worker) || (looks === 0 && !watchedWorkers.has(worker)));
      if (!still) looks++;
      stillFor = still ? stillFor + 1 : 0;
      return stillFor >= 2;
    },
    more,
  ) as Promise<true>;
}

const watchedWorkers: ReadonlySet<string> = new Set([
  ...['inbox telegram', 'inbox whatsapp', 'inbox gateway'],
  ...['deliver telegram', 'deliver whatsapp', 'deliver sms'],
  ...['submit', 'reconcile', 'balances', 'payouts', 'payout look-ups', 'bulk files', 'bulk progress'],
]);

/** By the names that the program gives its workers. */
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
    union all select 'bulk progress' where exists (select from payout_batch where next_look_at <= ${now})`.execute(
    db,
  );
  return rows.map(({ worker }) => worker);
}

/** How many callbacks the gateways have sent. */
export function postsOf(world: Pick<Watched, 'bluepay' | 'others'>): number {
  return [world.bluepay, ...world.others()].reduce((sum, { control }) => sum + control.webhooks().length, 0);
}

/** Money by the ledger, against the money that left the phones and that came to them. What a person marked is the person's word. */
export async function madeUpMoney({ db, mpesa }: Pick<Watched, 'db' | 'mpesa'>): Promise<string[]> {
  const rows = await db.selectFrom('ledger').selectAll().where('trust', '!=', 'person').execute();
  const attempts = await db.selectFrom('attempt').select(['id', 'reference']).execute();
  const payouts = await db.selectFrom('payout').select(['id', 'reference']).execute();
  const referenceOf = new Map(
    [...attempts, ...payouts].map(({ id, reference }) => [id as string, reference]),
  );
  return rows
    .filter(
      (row) =>
        !(row.direction === 'in' ? mpesa.moved() : mpesa.paidOut()).some(
          ({ account, amountCents, receipt }) =>
            // BOSMI takes no reference: only the receipt tells the movements apart there.
            (account === referenceOf.get(row.attempt_id ?? row.payout_id ?? '') ||
              (account === 'BOSMI' && row.receipt === receipt)) &&
            amountCents === row.amount_cents &&
            (row.receipt === receipt || row.receipt === null),
        ),
    )
    .map((row) => `${row.receipt} ${row.amount_cents}`);
}

/** Money and prompts that the log of who did what does not name: rows of the ledger and attempts, by id. */
export async function unlogged(db: Database): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select 'ledger ' || ledger.id as id from ledger where not exists (
      select from audit_entry line where line.business_id = ledger.business_id and (
        direction = 'in' and action = 'payment_evidence' and facts ->> 'attempt' = attempt_id::text
          and facts ->> 'creditedCents' = amount_cents::text and facts ->> 'evidence' = evidence_id::text
        or direction = 'out' and action = 'payout_evidence' and facts ->> 'payout' = payout_id::text
          and facts ->> 'entry' = 'post'))
    union all
    select 'attempt ' || id from attempt where not exists (
      select from audit_entry where action = 'payment_asked' and facts ->> 'attempt' = attempt.id::text
        and facts ->> 'amountCents' = amount_cents::text and facts ->> 'payer' = encode(phone_hmac, 'hex'))`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** The ledger holds each movement once, and nothing else. */
export async function moneyAgrees(world: Pick<Watched, 'db' | 'mpesa'>): Promise<boolean> {
  const rows = await world.db.selectFrom('ledger').select('amount_cents').execute();
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
  const moved = world.mpesa.moved().map(({ amountCents }) => amountCents);
  return (
    rows.length === moved.length &&
    sum(rows.map((row) => row.amount_cents)) === sum(moved) &&
    (await madeUpMoney(world)).length === 0
  );
}
