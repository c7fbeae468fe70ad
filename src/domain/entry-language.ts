/** In which language somebody begins, where their platform does not say. */
import { readCommandWord } from './entry-commands.ts';
import { isScaleWord } from './entry-numerals.ts';
import { isPolite, taskOfWord } from './entry-words.ts';
import { cleanText } from './typed-text.ts';

/** Of the words that do something here, those that are English, or said in English and Swahili alike. */
const english: ReadonlySet<string> = new Set([
  ...['hi', 'hello', 'hey', 'help', 'menu', 'start'],
  ...['request', 'ask', 'stk', 'prompt', 'send', 'pay', 'refund', 'balance', 'cancel', 'stop'],
  ...['link', 'payout', 'approvals', 'approval', 'review', 'history', 'status', 'verify', 'today'],
  ...['staff', 'settings', 'language', 'freeze', 'switch', 'connect', 'disconnect', 'g', 'punch'],
]);

/** Do nothing here, and open many a first message. */
const openings: ReadonlySet<string> = new Set([
  ...['tafadhali', 'samahani', 'nataka', 'nahitaji', 'nisaidie', 'nimepata', 'asante'],
  ...['salamu', 'salama', 'shikamoo', 'vipi', 'sema', 'jina', 'kiswahili', 'swahili'],
]);

const greetings: ReadonlySet<string> = new Set(['hi', 'hello', 'hey', 'please', 'pls', 'plz', 'kindly']);

/** The first word that says something is one of our Swahili words: "Hi, naomba risiti", "mia tano 0712345678", "lugha". */
export function opensInSwahili(text: string): boolean {
  const words = cleanText(text)
    .toLowerCase()
    .split(/[^\p{L}\p{N}-]+/u)
    .filter((word) => word !== '');
  const first = words.find((word) => !greetings.has(word)) ?? '';
  if (openings.has(first)) return true;
  if (english.has(first) || isPolite(first) || !/^[a-z]+$/.test(first)) return false;
  return taskOfWord(first) !== null || isScaleWord(first) || readCommandWord(text) !== null;
}
