/** What the words of a line do, in English, Swahili and Sheng; lower case. */

const tasks = {
  /** Money is asked of a customer. */
  request: [
    ...['nitumie', 'niombee', 'naomba', 'omba', 'ombi', 'mdai', 'lipisha', 'mlipishe', 'malipo'],
    ...['stk', 'prompt', 'request', 'ask'],
  ],
  /** Said of asking and of sending alike: never a payout by guess. */
  ask_or_send: ['mtumie', 'tuma', 'send', 'lipa', 'mlipe', 'pay'],
  refund: ['rudisha', 'rudishia', 'nirudishie', 'mrudishie', 'rejesha', 'refund'],
  verify: [
    'nimelipa',
    'nimeshalipa',
    'nishalipa',
    'nililipa',
    'nimetuma',
    'nimeshatuma',
    'imeingia',
    'imefika',
  ],
  balance: ['salio', 'baki', 'balance'],
  cancel: ['ghairi', 'wacha', 'acha', 'cancel', 'stop'],
  menu: [
    ...['hi', 'hello', 'hey', 'niaje', 'sasa', 'mambo', 'habari', 'jambo', 'hujambo'],
    ...['msaada', 'help', 'menu', 'menyu', 'start'],
  ],
} as const;

export type Task = keyof typeof tasks;

const taskOf: ReadonlyMap<string, Task> = new Map(
  (Object.keys(tasks) as Task[]).flatMap((task) => tasks[task].map((word) => [word, task] as const)),
);

export function taskOfWord(word: string): Task | null {
  return taskOf.get(word) ?? null;
}

/** Alone these open the menu; before a sum they ask for it. */
const menuAlone: ReadonlySet<string> = new Set(['ombi', 'malipo']);

export function opensMenuAlone(word: string): boolean {
  return menuAlone.has(word) || taskOf.get(word) === 'menu';
}

const polite: ReadonlySet<string> = new Set([
  'tafadhali',
  'please',
  'pls',
  'plz',
  'kindly',
  'me',
  'a',
  'pesa',
  'money',
]);

/** Says nothing at the start of a line. */
export function isPolite(word: string): boolean {
  return polite.has(word);
}

const beforePhone: ReadonlySet<string> = new Set([
  ...['to', 'from', 'kwa', 'kutoka', 'number', 'phone', 'tel', 'namba', 'nambari', 'simu'],
]);

/** Leads to the phone after it and is no part of the note. */
export function leadsToPhone(word: string): boolean {
  return beforePhone.has(word);
}

const beforeCode: ReadonlySet<string> = new Set([
  'code',
  'kodi',
  'verify',
  'hakiki',
  'receipt',
  'risiti',
  'mpesa',
  'm-pesa',
]);

export function leadsToCode(word: string): boolean {
  return beforeCode.has(word);
}

const currencies: ReadonlySet<string> = new Set([
  ...['ksh', 'kshs', 'kes', 'sh', 'shs', 'shilingi', 'shilling', 'shillings', 'bob'],
]);

export function isCurrencyWord(word: string): boolean {
  return currencies.has(word);
}
