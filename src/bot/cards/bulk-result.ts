/** The result of a file of payouts as a CSV file, in the order of the file that was sent. */
import type { Locale, Tx } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import { showFullTime } from '../../domain/eat.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { rowsOf } from '../../payouts/bulk-hash.ts';
import type { PayoutRow } from '../../payouts/reserve.ts';
import type { Words } from '../words.ts';
import type { BulkView } from './bulk-view.ts';

export type RowState = 'sent' | 'not' | 'open' | 'left';

/** What became of a row, in one word. */
export function batchState({ state }: Pick<PayoutRow, 'state'>): RowState {
  switch (state) {
    case 'paid':
      return 'sent';
    case 'failed':
    case 'reversed':
    case 'rejected':
    case 'expired':
    case 'void':
      return 'not';
    case 'sending':
    case 'sent_to_gateway':
    case 'unknown':
    case 'review':
      return 'open';
    case 'draft':
    case 'waiting':
    case 'approved':
      return 'left';
  }
}

interface ResultDeps {
  readonly vault: Vault;
  readonly words: Words;
}

export async function resultFile(
  tx: Tx,
  { vault, words }: ResultDeps,
  { batch }: Pick<BulkView, 'batch'>,
  locale: Locale,
): Promise<Buffer> {
  const say = (key: string) => words.say(locale, key);
  const rows: { readonly number: number; readonly line: string }[] = [];
  for await (const some of rowsOf(tx, batch.id))
    for (const row of some)
      rows.push({
        number: row.batch_row ?? 0,
        line: csvLine([
          String(row.batch_row ?? ''),
          row.ref,
          openPhone(vault, row.phone_sealed, sealedAs.payoutPhone(row.id)),
          String(row.amount_cents / 100n),
          row.payee_name ?? '',
          say(`bulk-s-${batchState(row)}`),
          row.receipt_final === true ? (row.receipt ?? '') : '',
          row.paid_at === null ? '' : showFullTime(row.paid_at, locale),
        ]),
      });
  const bad = await tx.selectFrom('payout_batch_row').selectAll().where('batch_id', '=', batch.id).execute();
  for (const { number, text_sealed, why } of bad) {
    const text = vault.open(text_sealed, sealedAs.batchRow(batch.id, number));
    const said = say(`bulk-w-${why.replaceAll('_', '-')}`);
    rows.push({ number, line: csvLine([String(number), '', '', '', text, said, '', '']) });
  }
  rows.sort((a, b) => a.number - b.number);
  const head = csvLine(say('bulk-columns').split(','));
  // The mark in front tells Excel that it is UTF-8.
  return Buffer.from(`\ufeff${[head, ...rows.map(({ line }) => line)].join('\r\n')}\r\n`);
}

function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

/** A cell that a spreadsheet would take for a formula is kept a text (OWASP, "CSV Injection"). */
export function csvCell(text: string): string {
  const plain = /^[\s]*[=+\-@|\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n;\t]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
