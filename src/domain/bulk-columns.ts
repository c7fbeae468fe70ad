/** Which column of a table of payouts is what: by the words of its first row, else by what stands in it. */
import { parseMsisdn } from './msisdn.ts';

export interface BulkColumns {
  readonly phone: number;
  readonly amount: number;
  readonly name: number | null;
  readonly note: number | null;
  /** The first row names the columns, and is no payout. */
  readonly named: boolean;
  /** How many columns there are: what stands beyond them belongs to none. */
  readonly width: number;
}

const words = {
  phone: /\b(?:phone|mobile|msisdn|simu|nambari|namba|tel|telephone|cell|cellphone)\b/,
  amount: /\b(?:amount|kiasi|sum|shillings?|shilingi|kes|kshs?)\b/,
  name: /\b(?:name|names|jina|majina|payee|mpokeaji|employee|mfanyakazi)\b/,
  note: /\b(?:reason|sababu|note|notes|description|maelezo|purpose|narration|remarks?)\b/,
} as const;

/** null: it cannot be told. `rows` are not empty. */
export function findColumns(rows: readonly (readonly string[])[]): BulkColumns | null {
  const head = rows[0] ?? [];
  return named(head) ?? guessed(rows);
}

function named(head: readonly string[]): BulkColumns | null {
  // A row of a phone is a payout, whatever its other cells say.
  if (head.some((cell) => parseMsisdn(cell).kind !== 'unread')) return null;
  const plain = head.map((cell) => cell.toLowerCase().replace(/[^\p{L}\d]+/gu, ' '));
  const free = new Set(plain.keys());
  const all = (word: RegExp): number[] => [...free].filter((i) => word.test(plain[i] ?? ''));
  const [phone, otherPhone] = all(words.phone);
  if (phone === undefined || otherPhone !== undefined) return null;
  free.delete(phone);
  const [amount, otherAmount] = all(words.amount);
  if (amount === undefined || otherAmount !== undefined) return null;
  free.delete(amount);
  const note = all(words.note)[0] ?? null;
  if (note !== null) free.delete(note);
  const name = all(words.name)[0] ?? null;
  return { phone, amount, name, note, named: true, width: head.length };
}

/** How many rows are looked at. */
const sample = 200;

function guessed(rows: readonly (readonly string[])[]): BulkColumns | null {
  // A first row without any figure is a heading of other words.
  const headed = rows.length > 1 && (rows[0] ?? []).every((cell) => !/\d/.test(cell));
  const seen = rows.slice(headed ? 1 : 0, sample);
  const width = Math.max(...seen.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, i) => i);
  const share = (is: (cell: string) => boolean) => (column: number) =>
    seen.filter((row) => is(row[column] ?? '')).length * 2 > seen.length;
  const phones = columns.filter(share((cell) => parseMsisdn(cell).kind === 'msisdn'));
  const [phone] = phones;
  if (phone === undefined || phones.length > 1) return null;
  const sums = columns.filter(
    (column) => column !== phone && share((cell) => /^\D{0,5}\d[\d,.\s]*\D{0,5}$/.test(cell))(column),
  );
  const [amount] = sums;
  if (amount === undefined || sums.length > 1) return null;
  const others = columns.filter(
    (column) => column !== phone && column !== amount && share((cell) => /\p{L}/u.test(cell))(column),
  );
  return { phone, amount, name: others[0] ?? null, note: others[1] ?? null, named: headed, width };
}
