/**
 * What a line of chat asks for: "500 0712345678 lunch" in either order, the verbs of entry-words, a pasted M-Pesa SMS. What
 * can be read in two ways comes back as something to ask; text alone credits nothing and pays nobody.
 */
import type { AmountReading } from './entry-amount.ts';
import { sumsOf } from './entry-amount.ts';
import { joinPhones, type PhoneReading } from './entry-phone.ts';
import { findSums, type Item, type Sum, splitLine, type WordItem } from './entry-sums.ts';
import { isPolite, leadsToCode, opensMenuAlone, type Task, taskOfWord } from './entry-words.ts';
import { findReceipt, looksLikeMpesaSms } from './receipt.ts';
import { cleanText } from './typed-text.ts';

/** The parts of a line that names money. `name`: one or two words that stand for a customer ("Njeri 500"), no phone. */
interface Money {
  readonly amount: AmountReading | null;
  readonly phone: PhoneReading | null;
  readonly name: string | null;
  readonly note: string;
}

export type LineReading =
  | ({ readonly kind: 'request' } & Money)
  /** Asking for money or sending it: only a button decides. */
  | ({ readonly kind: 'ask_or_send' } & Money)
  /** The person says that something was paid: look its code up. */
  | { readonly kind: 'verify'; readonly code: string | null }
  | { readonly kind: 'refund' }
  | { readonly kind: 'balance' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'menu' }
  | { readonly kind: 'none' };

const none: LineReading = { kind: 'none' };

export function readLine(text: string): LineReading {
  const clean = cleanText(text);
  if (clean === '' || clean.startsWith('/')) return none;
  const { items, phones } = splitLine(clean);
  const verify = readVerify(clean, items);
  if (verify !== null) return verify;
  const sums = findSums(items);
  const lead = readLead(items, sums);
  if (lead.tasks.includes('refund')) return { kind: 'refund' };
  const hasFigures = phones.length > 0 || sums.some((sum) => sum.strong);
  // "ghairi 500 0712…" is no request; what it would stop is not said either.
  if (hasFigures && lead.tasks[0] === 'cancel') return none;
  const keyword = hasFigures ? null : readKeyword(items);
  return keyword ?? readMoney(items, sums, joinPhones(phones), lead);
}

function readVerify(clean: string, items: readonly Item[]): LineReading | null {
  const words = items.filter((item) => item.kind === 'word');
  const first = words[0]?.key ?? '';
  const claims = looksLikeMpesaSms(clean) || taskOfWord(first) === 'verify';
  if (claims) return { kind: 'verify', code: findReceipt(clean) };
  const alone = items.length === 1 || (items.length <= 4 && leadsToCode(first));
  const code = alone ? findReceipt(clean) : null;
  return code === null ? null : { kind: 'verify', code };
}

/** A line without figures that is one of the known words, with a greeting's or a plea's few words around it. */
function readKeyword(items: readonly Item[]): LineReading | null {
  const words = items.filter((item) => item.kind === 'word' && !isPolite(item.key)) as WordItem[];
  const first = words[0]?.key ?? '';
  if (words.length === 0 || words.length > 4) return null;
  if (opensMenuAlone(first))
    return words.length === 1 || taskOfWord(first) === 'menu' ? { kind: 'menu' } : null;
  const task = taskOfWord(first);
  if (task === 'cancel') return words.length <= 2 ? { kind: 'cancel' } : null;
  return task === 'balance' ? { kind: 'balance' } : null;
}

/** Verbs, greetings and pleas that open a line, and where what they are about begins. */
interface Lead {
  readonly end: number;
  readonly tasks: readonly Task[];
}

function readLead(items: readonly Item[], sums: readonly Sum[]): Lead {
  const tasks: Task[] = [];
  let end = 0;
  for (const item of items) {
    if (item.kind !== 'word' || sums.some((sum) => sum.start === end)) break;
    const task = leadTask(item.key);
    if (task === null && !(isPolite(item.key) && (tasks.length > 0 || item.key.length > 2))) break;
    if (task !== null) tasks.push(task);
    end += 1;
  }
  return { end, tasks };
}

/** "baki 500 0712…" asks for what is left to pay: the word belongs to the note. */
function leadTask(word: string): Task | null {
  const task = taskOfWord(word);
  return task === 'balance' || task === 'verify' ? null : task;
}

interface Choice {
  readonly amount: AmountReading | null;
  /** The place of the sum in the line; null where it was not singled out, so that the note keeps every number. */
  readonly at: Sum | null;
}

function readMoney(
  items: readonly Item[],
  sums: readonly Sum[],
  phone: PhoneReading | null,
  lead: Lead,
): LineReading {
  const choice = chooseSum(items, sums, lead);
  const figuresEnd = lastFigure(items, choice);
  const rest = items
    .map((item, index) => ({ item, index }))
    .filter(({ index }) => !isInside(index, choice.at));
  const verbs = rest.filter(
    ({ item, index }) => index >= lead.end && index < figuresEnd && isMoneyVerb(item),
  );
  const tasks = [...lead.tasks, ...verbs.map(({ item }) => taskOfItem(item))];
  const told = rest.filter(
    (place) => place.item.kind === 'word' && place.index >= lead.end && !verbs.includes(place),
  );
  const { name, note } = nameAndNote(told as Told[], phone, choice);
  const parts = { amount: choice.amount, phone, name, note };
  if (tasks.includes('request')) return { kind: 'request', ...parts };
  if (tasks.includes('ask_or_send')) return { kind: 'ask_or_send', ...parts };
  const asks = phone !== null || (choice.amount !== null && startsLikeRequest(told as Told[], choice));
  return asks ? { kind: 'request', ...parts } : none;
}

interface Told {
  readonly item: WordItem;
  readonly index: number;
}

/** "500 lunch", "Njeri 500 lunch"; but "see you at 5" is talk. */
function startsLikeRequest(told: readonly Told[], choice: Choice): boolean {
  if (choice.at === null) return true;
  const before = wordsBefore(told, choice.at);
  return before.length === 0 || isName(before);
}

/**
 * "amount phone note" and "phone amount note" say which number is the sum. Otherwise one that names its currency, then the
 * only one; of several any may be meant.
 */
function chooseSum(items: readonly Item[], sums: readonly Sum[], lead: Lead): Choice {
  const placed = sums.find((sum) => isPlaced(items, sum, lead.end));
  if (placed !== undefined) return { amount: placed.reading, at: placed };
  const strong = sums.filter((sum) => sum.strong);
  const payable = strong.filter((sum) => sum.reading.kind !== 'range');
  const pool = payable.length > 0 ? payable : strong;
  const marked = pool.filter((sum) => sum.marked);
  const [only, ...others] = marked.length === 1 ? marked : pool;
  if (only === undefined) return { amount: null, at: null };
  if (others.length === 0) return { amount: only.reading, at: only };
  return { amount: eitherOf(pool), at: null };
}

function isPlaced(items: readonly Item[], sum: Sum, start: number): boolean {
  const next = items[sum.end];
  if (sum.start === start) return next?.kind === 'phone' || next === undefined;
  return sum.start === start + 1 && items[start]?.kind === 'phone';
}

function eitherOf(sums: readonly Sum[]): AmountReading {
  const options = [...new Set(sums.flatMap((sum) => sumsOf(sum.reading).slice(0, 1)))];
  return options.length === 0
    ? { kind: 'range', cents: null }
    : { kind: 'either', options: options.slice(0, 2) };
}

function lastFigure(items: readonly Item[], choice: Choice): number {
  const lastPhone = items.findLastIndex((item) => item.kind === 'phone');
  return Math.max(lastPhone, choice.at?.start ?? -1);
}

function isInside(index: number, sum: Sum | null): boolean {
  return sum !== null && index >= sum.start && index < sum.end;
}

function taskOfItem(item: Item): Task | null {
  return item.kind === 'word' ? taskOfWord(item.key) : null;
}

function isMoneyVerb(item: Item): boolean {
  const task = taskOfItem(item);
  return task === 'request' || task === 'ask_or_send';
}

function nameAndNote(
  told: readonly Told[],
  phone: PhoneReading | null,
  choice: Choice,
): Pick<Money, 'name' | 'note'> {
  const at = choice.at;
  // Without a sum only a verb makes these words matter: "lipisha Njeri".
  const before = at === null ? (choice.amount === null ? told : []) : wordsBefore(told, at);
  if (phone !== null || !isName(before)) return { name: null, note: write(told) };
  return { name: write(before), note: write(told.slice(before.length)) };
}

function wordsBefore(told: readonly Told[], sum: Sum): readonly Told[] {
  return told.filter(({ index }) => index < sum.start);
}

function isName(told: readonly Told[]): boolean {
  const isWord = ({ item }: Told): boolean => /^[\p{L}\p{M}'’.-]+$/u.test(item.shown);
  return told.length >= 1 && told.length <= 2 && told.every(isWord);
}

function write(told: readonly Told[]): string {
  return told.map(({ item }) => item.shown).join(' ');
}
