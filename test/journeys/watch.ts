/** What every journey watches: when nothing is left to do, what the log holds, and that no money is made up. */
import { sql } from 'kysely';
import { type Logger, pino, stdSerializers } from 'pino';
import type { Database } from '../../src/db/tables.ts';
import type { Bluepay } from '../../src/sandbox/bluepay/index.ts';
import type { Mpesa } from '../../src/sandbox/mpesa.ts';
import type { ManualScheduler } from '../../src/sandbox/scheduler.ts';
import type { createTelegramServer } from '../../src/sandbox/telegram/server.ts';

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

/** Digits may be grouped; M-Pesa's checkout ids (`ws_CO_211120261431…`) are no phones. */
const wholePhone = /(?<![\d_])(?:254|0)[ -]?[17]\d{2}[ -]?\d{3}[ -]?\d{3}(?!\d)/;

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
  readonly telegram: ReturnType<typeof createTelegramServer>;
  readonly bluepay: Bluepay;
  readonly mpesa: Mpesa;
  readonly db: Database;
}

/**
 * Resolves when everything that is due now was done: nothing waits in a chat, a webhook, a box or a worker. `wake`: whoever polls on the real clock looks at once, since the test's clock is another.
 */
export function quiet(world: Watched, more: () => string, wake: () => void = () => undefined): Promise<true> {
  let stillFor = 0;
  let looks = 0;
  return poll(
    'the program did not come to rest',
    async () => {
      for (const { control } of [world.bluepay, ...world.others()]) await control.idle();
      const still = world.telegram.control.pendingUpdates() === 0 && (await open(world)) === 0;
      if (!still && looks++ % 4 === 0) wake();
      stillFor = still ? stillFor + 1 : 0;
      return stillFor >= 2;
    },
    more,
  ) as Promise<true>;
}

async function open({ db, scheduler }: Watched): Promise<number> {
  const now = scheduler.now();
  const { rows } = await sql<{ open: bigint }>`
    select (select count(*) from inbox where state = 'pending' and due_at <= ${now})
      + (select count(*) from outbox where state = 'pending' and due_at <= ${now})
      + (select count(*) from attempt where state in ('queued', 'sending')
        or lease_until is not null
        or (state = 'prompted' and live_until <= ${now})
        or next_check_at <= ${now})
      + (select count(*) from balance_question)
      + (select count(*) from payout join business on business.id = payout.business_id
        where state = 'sending' or payout.next_check_at <= ${now}
        or (state = 'approved' and frozen_at is null and batch_id is null))
      + (select count(*) from payout p join payout_batch b on b.id = p.batch_id
        join business on business.id = p.business_id join gateway_account a on a.id = p.account_id
        where p.state = 'approved' and b.state = 'running' and frozen_at is null
        and coalesce(a.next_payout_at, ${now}) <= ${now})
      + (select count(*) from stored_file where state in ('wanted', 'here') and due_at <= ${now})
      + (select count(*) from payout_batch where next_look_at <= ${now}) as open`.execute(db);
  return Number(rows[0]?.open);
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

/** The ledger holds each movement once, and nothing else. */
export async function moneyAgrees(world: Watched): Promise<boolean> {
  const rows = await world.db.selectFrom('ledger').select('amount_cents').execute();
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
  const moved = world.mpesa.moved().map(({ amountCents }) => amountCents);
  return (
    rows.length === moved.length &&
    sum(rows.map((row) => row.amount_cents)) === sum(moved) &&
    (await madeUpMoney(world)).length === 0
  );
}
