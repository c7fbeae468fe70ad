/** What every journey watches: what the log holds, and that no money is made up. */
import { sql } from 'kysely';
import { type Logger, pino, stdSerializers } from 'pino';
import type { Database } from '../../src/db/tables.ts';
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
