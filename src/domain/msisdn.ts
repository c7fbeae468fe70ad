import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { cleanText, toAsciiFigures } from './typed-text.ts';

/** A Kenyan mobile number in the form gateways take: 2547XXXXXXXX or 2541XXXXXXXX. */
export type Msisdn = string & { readonly brand: 'msisdn' };

export type MsisdnReading =
  | { readonly kind: 'msisdn'; readonly msisdn: Msisdn }
  /** A number of another country. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unread' };

/** `2547****678`: for logs, groups, SMS, templates and pages. */
export function maskMsisdn(msisdn: Msisdn): string {
  return `${msisdn.slice(0, 4)}****${msisdn.slice(-3)}`;
}

/** M-Pesa's checkout ids end in the payer's phone: `ws_CO_…708374149` reads `ws_CO_…7****149`. */
export function maskPhoneIn(id: string): string {
  return id.replace(/([17])\d{5}(\d{3})(?!\d)/g, '$1****$2');
}

/** As people write a Kenyan mobile number among other words: with any of its beginnings, digits grouped or not. */
const gap = '[\\s().\\u2010-\\u2015-]{0,3}';
const writtenPhone = new RegExp(
  `(?<!\\d)((?:\\+?254|0)?${gap}0?${gap}[17])(?:${gap}\\d){5}((?:${gap}\\d){3})(?!\\d)`,
  'g',
);

/** `for 0712 345 678` reads `for 07****678`: for what people wrote, where anybody may read it. */
export function maskPhonesIn(text: string): string {
  return text.replace(
    writtenPhone,
    (_phone, start: string, end: string) => `${start}****${end.replace(/\D/g, '')}`,
  );
}

/** `0712 345 678`: only in private chats of its owner and of the business. */
export function showMsisdn(msisdn: Msisdn): string {
  return `0${msisdn.slice(3, 6)} ${msisdn.slice(6, 9)} ${msisdn.slice(9)}`;
}

/** Longer than any written phone, so that a pasted page is not searched for one number. */
const longestWritten = 60;

/** Reads a text that is one phone number and nothing else. */
export function parseMsisdn(text: string): MsisdnReading {
  if (text.length > 4 * longestWritten) return { kind: 'unread' };
  const written = toAsciiFigures(cleanText(text)).replace(/^tel:/i, '');
  if (written.length > longestWritten || !/^[+(]?[\d\s().+-]+$/.test(written)) return { kind: 'unread' };
  const compact = written.replace(/[\s().-]/g, '');
  const kenyan = /^(?:(?:\+|00)?2540?|0)?([17]\d{8})$/.exec(compact);
  const msisdn = `254${kenyan?.[1] ?? ''}`;
  if (kenyan !== null && isKenyanMobile(msisdn)) return { kind: 'msisdn', msisdn };
  return isForeign(compact) ? { kind: 'foreign' } : { kind: 'unread' };
}

/** The `max` metadata are needed: the default ones accept any 07 and 01 number. */
function isKenyanMobile(digits: string): digits is Msisdn {
  const number = parsePhoneNumberFromString(`+${digits}`);
  return number?.isValid() === true && number.getType() === 'MOBILE' && number.country === 'KE';
}

function isForeign(compact: string): boolean {
  const marked = /^(?:\+|00)([1-9]\d{6,14})$/.exec(compact)?.[1];
  if (marked !== undefined) return !marked.startsWith('254');
  if (!/^[1-9]\d{10,14}$/.test(compact) || compact.startsWith('254')) return false;
  return parsePhoneNumberFromString(`+${compact}`)?.isValid() === true;
}
