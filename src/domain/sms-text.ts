/**
 * What an SMS costs in characters: GSM 03.38 holds 160 septets in one part and 153 in each of several; one character
 * outside it turns the whole text into UCS-2 with 70 and 67.
 */
const basicCharacters =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const basic = new Set(basicCharacters);
/** Each takes an escape septet before it. */
const extension = new Set('\f^{}\\[~]|€');

export interface SmsSize {
  readonly encoding: 'gsm7' | 'ucs2';
  /** Septets, or UTF-16 code units. */
  readonly units: number;
  readonly parts: number;
}

export function isGsm7(text: string): boolean {
  for (const character of text) if (!basic.has(character) && !extension.has(character)) return false;
  return true;
}

export function smsSize(text: string): SmsSize {
  if (isGsm7(text)) return measure(text, 'gsm7', (character) => (extension.has(character) ? 2 : 1), 160, 153);
  return measure(text, 'ucs2', (character) => character.length, 70, 67);
}

function measure(
  text: string,
  encoding: SmsSize['encoding'],
  sizeOf: (character: string) => number,
  single: number,
  each: number,
): SmsSize {
  const sizes = Array.from(text, sizeOf);
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= single) return { encoding, units, parts: 1 };
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    // An escape pair or a surrogate pair is never cut in two: it moves to the next part whole.
    if (used + size > each) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return { encoding, units, parts };
}

const lookAlikes: ReadonlyMap<string, string> = new Map([
  ['‘', "'"],
  ['’', "'"],
  ['‚', "'"],
  ['“', '"'],
  ['”', '"'],
  ['„', '"'],
  ['–', '-'],
  ['—', '-'],
  ['−', '-'],
  ['…', '...'],
  ['·', '-'],
  ['•', '-'],
  ['`', "'"],
  ['\t', ' '],
]);

/** A name or note as an SMS may carry it: look-alikes and accents folded to GSM-7, the rest dropped. */
export function foldToGsm7(text: string): string {
  let folded = '';
  for (const character of text.normalize('NFC')) {
    if (basic.has(character) || extension.has(character)) folded += character;
    else folded += lookAlikes.get(character) ?? plainForm(character);
  }
  return folded.replace(/ {2,}/g, ' ').trim();
}

function plainForm(character: string): string {
  if (/\s/u.test(character)) return ' ';
  const bare = character.normalize('NFKD').replace(/\p{M}/gu, '');
  return isGsm7(bare) ? bare : '';
}

/** `text` folded and cut to at most `septets`, so that one long name does not make the SMS two parts. */
export function fitSmsField(text: string, septets: number): string {
  let fitted = '';
  let used = 0;
  for (const character of foldToGsm7(text)) {
    used += extension.has(character) ? 2 : 1;
    if (used > septets) break;
    fitted += character;
  }
  return fitted.trimEnd();
}
