/** Protects what a typed line does: it may ask for money or ask back, and never pays or credits anybody by itself. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LineReading, readLine } from '../../src/domain/entry-line.ts';
import { isNumeral } from '../../src/domain/entry-numerals.ts';
import { readPhone } from '../../src/domain/entry-phone.ts';
import { isCurrencyWord, isPolite, leadsToPhone, taskOfWord } from '../../src/domain/entry-words.ts';
import { isPayable, shillings } from '../../src/domain/money.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { amountForms, anyMsisdn, anyShillings, anyText, phoneForms } from './written.ts';

const amount = (sum: number) => ({ kind: 'amount', cents: shillings(sum) }) as const;
const either = (...sums: number[]) =>
  ({ kind: 'either', options: sums.map((sum) => shillings(sum)) }) as const;
const phone = (msisdn = '254712345678') => ({ kind: 'phone', msisdn: msisdn as Msisdn }) as const;
type Request = Extract<LineReading, { kind: 'request' }>;
const request = (parts: Partial<Request>): LineReading => ({
  ...{ kind: 'request', amount: null, phone: null, name: null, note: '' },
  ...parts,
});
const askOrSend = (parts: Partial<Request>): LineReading => ({
  ...(request(parts) as Request),
  kind: 'ask_or_send',
});

const english =
  'TFH774CBH1 Confirmed. Ksh500.00 sent to JOHN DOE 0712345678 on 17/6/25 at 2:32 PM. New M-PESA balance is Ksh1,000.00.';
const both = { amount: amount(500), phone: phone() };

describe('requests', () => {
  it.each([
    ['500 0712345678 lunch', { ...both, note: 'lunch' }],
    ['0712345678 500 lunch', { ...both, note: 'lunch' }],
    ['lunch 500 0712345678', { ...both, note: 'lunch' }],
    ['500 lunch 0712345678', { ...both, note: 'lunch' }],
    ['500,0712345678,lunch', { ...both, note: 'lunch' }],
    ['500/0712345678', both],
    ['0712345678-500', both],
    ['Ksh 500/= +254 712 345 678 Mama  Mboga', { ...both, note: 'Mama Mboga' }],
    ['0712 345 678 500 chakula', { ...both, note: 'chakula' }],
    ['712 345 678 500', both],
    ['soo tano 0712345678 chakula cha watu wawili', { ...both, note: 'chakula cha watu wawili' }],
    ['500 0712345678 2 lunches', { ...both, note: '2 lunches' }],
    ['500 0712345678 lipa kodi', { ...both, note: 'lipa kodi' }],
    ['500 0712345678 TFH774CBH1', { ...both, note: 'TFH774CBH1' }],
    ['Room 12 Ksh 500 0712345678', { ...both, note: 'Room 12' }],
    ['Mama G 500 0712345678', { ...both, note: 'Mama G' }],
    ['KES 105,001 0712345678', { amount: amount(105_001), phone: phone() }],
    ['77,070 0700 000 000', { amount: amount(77_070), phone: phone('254700000000') }],
    ['baki 500 0712345678', { ...both, note: 'baki' }],
    ['\u202a0712345678\u202c 500 lu\u200bnch', { ...both, note: 'lunch' }],
    ['hi 500 0712345678 chai', { ...both, note: 'chai' }],
    ['niombee 500 0712345678', both],
    ['naomba 500 kutoka 0712345678', both],
    ['mdai 0712345678 500 unga', { ...both, note: 'unga' }],
    ['send prompt 500 0712345678', both],
    ['Mama G 0712345678', { phone: phone(), note: 'Mama G' }],
    ['0712345678', { phone: phone() }],
    ['nitumie 500', { amount: amount(500) }],
    ['lipisha 500', { amount: amount(500) }],
    ['500', { amount: amount(500) }],
    ['500 lunch', { amount: amount(500), note: 'lunch' }],
    ['STK', {}],
    ['prompt', {}],
    ['Njeri 500', { amount: amount(500), name: 'Njeri' }],
    ['Mama Njeri 500 unga', { amount: amount(500), name: 'Mama Njeri', note: 'unga' }],
    ['mdai Njeri 500', { amount: amount(500), name: 'Njeri' }],
    ['lipisha Njeri', { name: 'Njeri' }],
  ] as const)('%s', (text, parts) => {
    expect(readLine(text)).toEqual(request(parts));
  });

  it.each([
    ['500-600 0712345678', { amount: either(500, 600), phone: phone() }],
    ['tano 0712345678', { amount: either(500, 5), phone: phone() }],
    ['1 500 0712345678', { amount: either(1500, 500), phone: phone() }],
    ['2 sodas 500 0712345678', { amount: either(2, 500), phone: phone(), note: '2 sodas 500' }],
    ['0 0712345678', { amount: { kind: 'range', cents: 0n }, phone: phone() }],
    ['250001 0712345678', { amount: { kind: 'range', cents: 25_000_100n }, phone: phone() }],
    ['-1', { amount: { kind: 'range', cents: -100n } }],
    ['500 071234567 lunch', { amount: amount(500), phone: { kind: 'unread' }, note: 'lunch' }],
    ['071234567 5 sodas', { amount: amount(5), phone: { kind: 'unread' }, note: 'sodas' }],
    ['500 +12025550123 x', { amount: amount(500), phone: { kind: 'foreign' }, note: 'x' }],
  ] as const)('%s has something to ask', (text, parts) => {
    expect(readLine(text)).toEqual(request(parts));
  });

  it('with two phones ask which, also where they overlap', () => {
    const options = ['254712345678', '254722345678'] as Msisdn[];
    expect(readLine('500 0712345678 0722345678')).toEqual(
      request({ amount: amount(500), phone: { kind: 'several', options } }),
    );
    expect(readLine('500 0712345678 +254712345678')).toEqual(request(both));
    expect(readPhone('700 712 345 678')).toEqual({
      kind: 'several',
      options: ['254700712345', '254712345678'],
    });
  });
});

describe('asking or sending', () => {
  it.each([
    'mtumie 500 0712345678',
    'tuma 500 0712345678',
    'send 500 to 0712345678',
    'lipa 0712345678 500',
    'Pay 0712345678 500',
    '0712345678 mtumie 500',
    'please send me 500 0712345678',
  ])('%s is asked, never guessed', (text) => {
    expect(readLine(text)).toEqual(askOrSend(both));
  });

  it('is asked without all figures too', () => {
    expect(readLine('tuma 500')).toEqual(askOrSend({ amount: amount(500) }));
    expect(readLine('mtumie Njeri 500')).toEqual(askOrSend({ amount: amount(500), name: 'Njeri' }));
    expect(readLine('tuma pesa')).toEqual(askOrSend({}));
  });
});

describe('other lines', () => {
  it.each([
    [{ kind: 'verify', code: null }, ['nimelipa', 'nimetuma 500', 'imeingia?', 'Imeingia']],
    [
      { kind: 'verify', code: 'TFH774CBH1' },
      ['TFH774CBH1', 'tfh774cbh1', 'nimelipa TFH774CBH1', 'code TFH774CBH1', english],
    ],
    [{ kind: 'refund' }, ['rudisha', 'refund', 'Rudisha 500', 'refund P-7KQ4M']],
    [{ kind: 'balance' }, ['salio', 'baki', 'Salio?']],
    [{ kind: 'cancel' }, ['ghairi', 'wacha', 'acha', 'Cancel.']],
    [{ kind: 'menu' }, ['ombi', 'malipo', 'hi', 'Niaje', 'msaada', 'habari yako']],
    [
      { kind: 'none' },
      [
        '',
        '/request 500',
        'ndiyo',
        'asante sana',
        'see you at 5',
        'RESTAURANT',
        '\u200b',
        'ghairi 500 0712345678',
      ],
    ],
  ] as const)('read as %j', (reading, texts) => {
    for (const text of texts) expect(readLine(text), text).toEqual(reading);
  });
});

describe('readPhone', () => {
  it.each(['namba ni 0712 345 678', 'Njeri: +254712345678.', '0712345678 0712345678'])(
    'finds the phone in %s',
    (text) => {
      expect(readPhone(text)).toEqual(phone());
    },
  );

  it.each([
    ['hakuna', 'unread'],
    ['071234567', 'unread'],
    ['call +1 202 555 0123', 'foreign'],
    ['500', 'unread'],
  ])('%s is %s', (text, kind) => {
    expect(readPhone(text)).toEqual({ kind });
  });
});

const isPlain = (word: string): boolean => {
  const key = word.toLowerCase();
  const known = taskOfWord(key) !== null || isPolite(key) || isNumeral(key);
  return !known && !leadsToPhone(key) && !isCurrencyWord(key);
};
/** Words that no sum, phone, verb or code is made of. */
const noteWord = fc.stringMatching(/^[a-zA-Zéñмع]{2,8}$/).filter(isPlain);
const note = fc.array(noteWord, { maxLength: 5 });
const surePhones = phoneForms.filter((write) => /[+(]|^[0٠]/.test(write('254712345678' as Msisdn)));

describe('any line', () => {
  it('gives amount, phone and every word of the note, in either order', () => {
    const written = fc.tuple(
      anyShillings,
      fc.constantFrom(...amountForms),
      anyMsisdn,
      fc.constantFrom(...surePhones),
    );
    fc.assert(
      fc.property(written, note, fc.boolean(), ([sum, writeSum, msisdn, writePhone], words, phoneFirst) => {
        const figures = [writeSum(sum), writePhone(msisdn)];
        const line = [...(phoneFirst ? figures.reverse() : figures), ...words].join(' ');
        // "700 070 000 0000" holds two phones that overlap, and is asked about.
        fc.pre(!/(?:^|[^\d,.])[17]\d{2}\s\d{3}\s\d{3}\s\d/.test(line));
        expect(readLine(line)).toEqual(
          request({ amount: amount(sum), phone: phone(msisdn), note: words.join(' ') }),
        );
      }),
      { numRuns: 100000 },
    );
  });

  it('keeps the words of a note before, between and after the figures in their order', () => {
    fc.assert(
      fc.property(note, note, note, anyMsisdn, (before, between, after, msisdn) => {
        const line = [...before, '1,234', ...between, `0${msisdn.slice(3)}`, ...after].join(' \u200f ');
        const words = [...before, ...between, ...after].join(' ');
        expect(readLine(line)).toEqual(request({ amount: amount(1234), phone: phone(msisdn), note: words }));
      }),
    );
  });

  it('never throws, and names no amount that M-Pesa does not move', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = readLine(text);
        readPhone(text);
        if (line.kind !== 'request' && line.kind !== 'ask_or_send') return;
        if (line.amount?.kind === 'amount') expect(isPayable(line.amount.cents)).toBe(true);
        expect(line.phone?.kind !== 'several' || line.phone.options.length > 1).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '1 ',
    '0712345678 ',
    '07',
    '1.',
    ' ',
    'mia elfu ',
    '(',
    '+254 ',
    'ksh ',
    '500-',
    'a',
    '\u200f',
    '7 1 2 ',
    'x1',
  ])('stays quick when %j comes thousands of times', (piece) => {
    const text = piece.repeat(Math.ceil(50_000 / piece.length));
    const before = performance.now();
    readLine(text);
    readPhone(text);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
