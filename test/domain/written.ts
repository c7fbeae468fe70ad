/** Ways in which people write sums and phones, for the property tests of entry. */
import fc from 'fast-check';
import { type Msisdn, parseMsisdn } from '../../src/domain/msisdn.ts';

/** Every whole sum that M-Pesa moves, in shillings. */
export const anyShillings = fc.integer({ min: 1, max: 250_000 });

const grouped = (n: number): string => n.toLocaleString('en-US');
const inThousands = (n: number): string => `${n / 1000}`;

export const amountForms: readonly ((n: number) => string)[] = [
  (n) => `${n}`,
  (n) => `${grouped(n)}`,
  (n) => `${n}/=`,
  (n) => `${grouped(n)}/-`,
  (n) => `${n}=`,
  (n) => `Ksh${n}.00`,
  (n) => `Ksh. ${grouped(n)}`,
  (n) => `KES ${grouped(n)}`,
  (n) => `sh ${n}`,
  (n) => `${n} bob`,
  (n) => `${n}bob.`,
  (n) => `kshs ${n}/=`,
  (n) => (n % 10 === 0 && n >= 1000 ? `${inThousands(n)}k` : `${n}`),
  (n) => (n % 10 === 0 && n >= 1000 ? `${inThousands(n)} K` : `${n}`),
  (n) => (n % 1000 === 0 ? `${inThousands(n)}G` : `${n}`),
  (n) => `\u200f${n}\u200e`,
  (n) => `${n}`.replace(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit))),
  (n) => `${n}`.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
];

/** Any number that the numbering plan gives to a mobile phone in Kenya. */
export const anyMsisdn: fc.Arbitrary<Msisdn> = fc
  .tuple(fc.constantFrom('7', '1'), fc.integer({ min: 0, max: 99_999_999 }))
  .map(([first, rest]) => parseMsisdn(`254${first}${String(rest).padStart(8, '0')}`))
  .filter((reading) => reading.kind === 'msisdn')
  .map((reading) => reading.msisdn);

const split = (digits: string, ...sizes: number[]): string[] => {
  let rest = digits;
  return sizes.map((size) => {
    const group = rest.slice(0, size);
    rest = rest.slice(size);
    return group;
  });
};

/** `n` has nine digits, without a zero or a country. */
const nationalForms: readonly ((n: string) => string)[] = [
  (n) => `0${n}`,
  (n) => n,
  (n) => `254${n}`,
  (n) => `+254${n}`,
  (n) => `00254${n}`,
  (n) => `+254 (0)${n}`,
  (n) => `+254 ${split(n, 3, 3, 3).join(' ')}`,
  (n) => `+254-${split(n, 3, 3, 3).join('-')}`,
  (n) => `0${split(n, 3, 3, 3).join(' ')}`,
  (n) => `0${split(n, 3, 3, 3).join('.')}`,
  (n) => `(0${n.slice(0, 3)}) ${split(n.slice(3), 3, 3).join('-')}`,
  (n) => `0${split(n, 1, 2, 2, 2, 2).join(' ')}`,
  (n) => `0${split(n, 2, 3, 4).join('\u00a0')}`,
  (n) => `0${split(n, 3, 6).join('\u2011')}`,
  (n) => `\u202a+254${n}\u202c`,
  (n) => `\u2066254\u200b${n}\u2069`,
  (n) => `0${n}`.replace(/\d/g, (digit) => String.fromCharCode(0x0660 + Number(digit))),
  (n) => `+254${n}`.replace(/[+\d]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
];

export const phoneForms: readonly ((msisdn: Msisdn) => string)[] = nationalForms.map(
  (write) => (msisdn: Msisdn) => write(msisdn.slice(3)),
);

/** Anything that can stand in a JavaScript string, lone surrogates and controls included. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  // Made of what the readers look for.
  fc
    .array(
      fc.constantFrom(
        ...[
          '0',
          '1',
          '5',
          '7',
          '00',
          '500',
          '254',
          '0712345678',
          '+',
          '-',
          '.',
          ',',
          ' ',
          '/',
          '=',
          '(',
          ')',
          'k',
          'x',
        ],
        ...[
          'ksh',
          'bob',
          'mia',
          'elfu',
          'laki',
          'na',
          'nusu',
          'kumi',
          'tano',
          'soo',
          'g',
          'e9',
          'tuma',
          'TFH774CBH1',
        ],
        ...['\u200f', '\u202e', '\u00a0', '\ud800', '٥', '５', '−'],
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
  fc
    .array(
      fc.constantFrom(
        'mia',
        'elfu',
        'soo',
        'thao',
        'laki',
        'na',
        'nusu',
        'kumi',
        'tano',
        'mbili',
        '5',
        '500',
      ),
      {
        maxLength: 14,
      },
    )
    .map((words) => words.join(' ')),
);
