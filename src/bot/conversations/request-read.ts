/** How the answers of a request are read: pure, so that a replay reads them alike. */
import { type AmountReading, readAmount, sumsOf } from '../../domain/entry-amount.ts';
import { readLine } from '../../domain/entry-line.ts';
import { type PhoneReading, readPhone } from '../../domain/entry-phone.ts';
import { mpesaMaxCents, mpesaMinCents, showMoney } from '../../domain/money.ts';
import { type Msisdn, showMsisdn } from '../../domain/msisdn.ts';
import { cleanNote, noteLength, noteLimit } from '../../domain/typed-text.ts';
import type { Answer, Read, Say } from '../kit.ts';

export interface Payer {
  readonly msisdn: Msisdn;
  readonly name: string | null;
}

/** What an answer to the first question can hold: one may type it all at once. */
export interface Given {
  readonly cents: readonly bigint[];
  readonly sure: boolean;
  readonly phone: Msisdn | null;
  readonly note: string;
}

export function rangeSay(): Say {
  return { key: 'range', values: { min: showMoney(mpesaMinCents), max: showMoney(mpesaMaxCents) } };
}

export function unread(text: string, eg: string): Say {
  const short = [...text].slice(0, 40).join('');
  return { key: 'unread', values: { text: short, eg } };
}

/** The question is about a sum, so a lone sum is tried first; then a whole line. */
export function readGiven(answer: Answer): Read<Given> {
  if (answer.kind !== 'text') return { again: { key: 'ask-amount' } };
  const alone = givenBy(readAmount(answer.text), null, '');
  if (alone !== null) return alone;
  const line = readLine(answer.text);
  if (line.kind === 'request' && line.amount !== null) {
    const phone = line.phone?.kind === 'phone' ? line.phone.msisdn : null;
    const note = noteLength(line.note) <= noteLimit ? line.note : '';
    const given = givenBy(line.amount, phone, note);
    if (given !== null) return given;
  }
  return { again: unread(answer.text, '500') };
}

export function givenBy(reading: AmountReading, phone: Msisdn | null, note: string): Read<Given> | null {
  if (reading.kind === 'range') return { again: rangeSay() };
  if (reading.kind === 'unread') return null;
  return { value: { cents: sumsOf(reading), sure: reading.kind === 'amount', phone, note } };
}

export function readPayer(answer: Answer, payerName: string | null): Read<Payer> {
  if (answer.kind === 'other') return { again: { key: 'ask-phone' } };
  const text = answer.kind === 'contact' ? answer.phone : answer.text;
  const name = answer.kind === 'contact' ? cleanNote(answer.name) : payerName;
  return readPhoneAnswer(readPhone(text), text, name);
}

export function readPhoneAnswer(reading: PhoneReading, text: string, name: string | null): Read<Payer> {
  switch (reading.kind) {
    case 'phone':
      return { value: { msisdn: reading.msisdn, name } };
    case 'foreign':
      return { again: { key: 'foreign' } };
    case 'several': {
      const [a, ...rest] = reading.options.map(showMsisdn);
      return { again: { key: 'either', values: { a: a ?? '', b: rest.join(', ') } } };
    }
    case 'unread':
      return { again: unread(text, '0712 345 678') };
  }
}

export function readNote(answer: Answer): Read<string> {
  const note = answer.kind === 'text' ? cleanNote(answer.text) : '';
  const count = noteLength(note);
  if (count > noteLimit)
    return { again: { key: 'note-long', values: { max: String(noteLimit), count: String(count) } } };
  return note === '' ? { again: { key: 'ask-note' } } : { value: note };
}
