/** Commands by their plain word, in English and Swahili, for chats without slash commands: "history", "leo", "status P-7KQ4M". */
import { readLine } from './entry-line.ts';
import { isPolite } from './entry-words.ts';
import { parseRef } from './refs.ts';
import { cleanText } from './typed-text.ts';

/** Names of CONTRACT.md's commands, without the slash, and two that have none there. */
export type WordCommand = (typeof commandNames)[number] | 'connect' | 'disconnect';

export interface WordReading {
  readonly command: WordCommand;
  readonly argument: string;
}

const commandNames = [
  'start',
  'request',
  'link',
  'payout',
  'approvals',
  'review',
  'history',
  'status',
  'verify',
  'today',
  'balance',
  'staff',
  'settings',
  'language',
  'freeze',
  'switch',
] as const;

/** One or two words; what stands behind them is the argument. */
const words: ReadonlyMap<string, WordCommand> = new Map<string, WordCommand>([
  ...commandNames.map((name) => [name, name] as const),
  ['anza', 'start'],
  ['kiungo', 'link'],
  ['idhini', 'approvals'],
  ['approval', 'approvals'],
  ['kagua', 'review'],
  ['historia', 'history'],
  ['hali', 'status'],
  ['hakiki', 'verify'],
  ['leo', 'today'],
  ['salio', 'balance'],
  ['wafanyakazi', 'staff'],
  ['mipangilio', 'settings'],
  ['lugha', 'language'],
  ['simamisha', 'freeze'],
  ['badilisha biashara', 'switch'],
  ['connect', 'connect'],
  ['unganisha', 'connect'],
  ['disconnect', 'disconnect'],
  ['tenganisha', 'disconnect'],
]);

/** What an argument of the command looks like. Other text behind the word is talk, not a command. */
const takes: Readonly<Partial<Record<WordCommand, (argument: string) => boolean>>> = {
  start: (argument) => /^[\w-]{6,64}$/.test(argument),
  link: (argument) => /^\S*\d/.test(argument),
  payout: (argument) => /\d/.test(argument),
  status: (argument) => parseRef(argument) !== null,
  connect: (argument) => /^[a-z0-9][\s-]?(?:[a-z0-9][\s-]?){6}[a-z0-9]$/i.test(argument),
  // A code without a digit is written in capitals: "verify RESTAURANT" means the code, "verify restaurant" does not.
  verify: (argument) => /^[a-z0-9-]*\d[a-z0-9-]*$/i.test(argument) || /^[A-Z]{10}$/.test(argument),
  language: (argument) => /^(?:en|english|kiingereza|sw|swahili|kiswahili)$/i.test(argument),
};

/** null: no command. Money verbs ("pay", "tuma") and greetings are `readLine`'s. */
export function readCommandWord(text: string): WordReading | null {
  const clean = cleanText(text);
  if (/^[pwb]\s?-/i.test(clean) && parseRef(clean) !== null) return { command: 'status', argument: clean };
  const spoken = clean.split(' ');
  while (spoken.length > 1 && isPolite(spoken.at(-1)?.toLowerCase() ?? '')) spoken.pop();
  for (const count of [2, 1]) {
    const command = words.get(spoken.slice(0, count).join(' ').toLowerCase());
    if (command === undefined) continue;
    const argument = spoken.slice(count).join(' ');
    if (argument === '' || takes[command]?.(argument) === true) return { command, argument };
  }
  return null;
}

/** A command by its word, or the words that open the menu. */
export function isCommandWord(text: string): boolean {
  return readCommandWord(text) !== null || readLine(text).kind === 'menu';
}

export function asksForHelp(text: string): boolean {
  return helpWords.has(wordAlone(text));
}

const helpWords: ReadonlySet<string> = new Set(['help', 'msaada', 'menu', 'menyu']);

/** Nobody's name, note or reason. "jambo", "mambo" and "sasa" may be a shop's name, "today" and "request" a note. */
const calls: ReadonlySet<string> = new Set([
  ...helpWords,
  ...['language', 'lugha'],
  ...['hi', 'hello', 'hey', 'niaje', 'habari', 'hujambo'],
]);

/**
 * A call to us, and never an answer to a question that takes any text. Words that end what is open are `readLine`'s, and
 * are heard before any question.
 */
export function isCall(text: string): boolean {
  return calls.has(wordAlone(text));
}

/** The one word that is left without a plea: "help me please!" is help. Empty: several, or none. */
function wordAlone(text: string): string {
  const spoken = cleanText(text)
    .toLowerCase()
    .replace(/[?!.,…]+/g, ' ')
    .split(' ')
    .filter((word) => word !== '' && !isPolite(word));
  return spoken.length === 1 ? (spoken[0] ?? '') : '';
}

/** An invitation or a payment link that was opened: it means itself also in the middle of something else. */
export function isOpenedLink(text: string): boolean {
  return /^start (?:pay|join)_[\w-]{6,64}$/i.test(cleanText(text));
}
