/** The rows of a file, some at a time: those that cannot be paid first, with their reason. */
import type { Tx } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import type { BatchId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { batchState } from './bulk-result.ts';
import { payoutMark } from './payout-card.ts';

export const rowsPerPage = 10;

export interface RowLine {
  readonly number: number;
  readonly text: string;
  /** The name of the sentence that says why it cannot be paid; null: it can. */
  readonly why: string | null;
}

export interface RowsPage {
  readonly lines: readonly RowLine[];
  readonly page: number;
  readonly last: number;
}

/** `page`: from 0; beyond the last one is the last. */
export async function bulkRows(tx: Tx, vault: Vault, id: BatchId, page: number): Promise<RowsPage> {
  const count = async (table: 'payout' | 'payout_batch_row'): Promise<number> => {
    const { n } = await tx
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<bigint>().as('n'))
      .where('batch_id', '=', id)
      .executeTakeFirstOrThrow();
    return Number(n);
  };
  const bad = await count('payout_batch_row');
  const last = Math.max(0, Math.ceil((bad + (await count('payout'))) / rowsPerPage) - 1);
  const at = Math.min(Math.max(page, 0), last);
  const from = at * rowsPerPage;
  const lines = await badLines(tx, vault, id, from);
  const room = rowsPerPage - lines.length;
  const good = room === 0 ? [] : await goodLines(tx, vault, id, Math.max(0, from - bad), room);
  return { lines: [...lines, ...good], page: at, last };
}

async function badLines(tx: Tx, vault: Vault, id: BatchId, from: number): Promise<RowLine[]> {
  const rows = await tx
    .selectFrom('payout_batch_row')
    .selectAll()
    .where('batch_id', '=', id)
    .orderBy('number')
    .limit(rowsPerPage)
    .offset(from)
    .execute();
  return rows.map(({ number, text_sealed, why }) => ({
    number,
    text: vault.open(text_sealed, sealedAs.batchRow(id, number)),
    why: whyRow(why),
  }));
}

export function whyRow(why: string): string {
  return `bulk-w-${why.replaceAll('_', '-')}`;
}

async function goodLines(tx: Tx, vault: Vault, id: BatchId, from: number, most: number): Promise<RowLine[]> {
  const rows = await tx
    .selectFrom('payout')
    .selectAll()
    .where('batch_id', '=', id)
    .orderBy('batch_row')
    .limit(most)
    .offset(from)
    .execute();
  return rows.map((row) => {
    const phone = showMsisdn(openPhone(vault, row.phone_sealed, sealedAs.payoutPhone(row.id)));
    const name = row.payee_name === null ? '' : ` ${row.payee_name}`;
    const mark = batchState(row) === 'left' ? '' : `${payoutMark(row)} `;
    return {
      number: row.batch_row ?? 0,
      text: `${mark}${showMoney(row.amount_cents)} → ${phone}${name}`,
      why: null,
    };
  });
}
