import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BulkReading, readBulk } from '../../src/domain/bulk-read.ts';
import { decodeText, looksLikeBulk, readCsv, readPasted } from '../../src/domain/bulk-text.ts';
import { showMsisdn } from '../../src/domain/msisdn.ts';

const bounds = { leastCents: 10_00n, mostCents: 250_000_00n };

function csv(text: string): BulkReading {
  const table = readCsv(text);
  if (table === null) throw new Error('not a CSV file');
  return readBulk(table, bounds);
}

/** `row phone shillings name/note`, and `row why` of the bad ones. */
function said(reading: BulkReading): string[] {
  if (reading.kind !== 'rows') return [reading.kind];
  return [
    ...reading.ready.map(
      ({ number, msisdn, amountCents, name, note }) =>
        `${number} ${msisdn} ${amountCents / 100n} ${name ?? ''}/${note ?? ''}`,
    ),
    ...reading.bad.map(({ number, why }) => `${number} ${why}`),
  ];
}

describe('a file with a heading', () => {
  it.each([
    ['phone,amount,name,reason\n0712345678,500,Otieno,wages', '2 254712345678 500 Otieno/wages'],
    [
      'Sababu;Jina;Kiasi (KES);Nambari ya simu\nkazi;Otieno;1,500.00;0712 345 678',
      '2 254712345678 1500 Otieno/kazi',
    ],
    ['MSISDN\tAmount\r\n+254712345678\tKES 500\r\n', '2 254712345678 500 /'],
    ['\ufeffphone,amount\n"0712345678","1,500"', '2 254712345678 1500 /'],
    ['sep=;\nsimu;kiasi\n254712345678;500/=', '2 254712345678 500 /'],
    ['phone,amount\n\n ,\n712345678,500', '4 254712345678 500 /'],
    ['phone,amount,name\n0712345678,500,"=HYPERLINK(""x"")"', '2 254712345678 500 =HYPERLINK("x")/'],
  ])('is read: %j', (text, row) => expect(said(csv(text))).toEqual([row]));

  it.each([
    [',500', 'no_phone'],
    ['7.12E+08,500', 'phone'],
    ['07123,500', 'phone'],
    ['020 2222222,500', 'phone'],
    ['+255 712 345 678,500', 'foreign'],
    ['0712345678,', 'no_amount'],
    ['0712345678,five hundred', 'amount'],
    ['0712345678,-500', 'amount'],
    ['0712345678,=5*100', 'amount'],
    ['0712345678,5E+02', 'amount'],
    ['0712345678,1.5k', 'amount'],
    ['0712345678,500.50', 'cents'],
    ['0712345678,1.500', 'point'],
    ['0712345678,50.000', 'point'],
    ['0712345678,"KES 1,500.000"', 'point'],
    ['0712345678,1000.000', 'point'],
    ['0712345678,9', 'range'],
    ['0712345678,0', 'range'],
    ['0712345678,250001', 'range'],
    ['0712345678,99999999999999999999', 'amount'],
    ['0712345678,12,500', 'columns'],
    ['0712345678,500,x', 'columns'],
  ])('says why %j is no payout', (line, why) => {
    expect(said(csv(`phone,amount\n${line}`))).toEqual([`2 ${why}`]);
  });

  it('takes no cell after a sum without quotes for a name', () => {
    expect(said(csv('phone,amount,name\n0712345678,12,500'))).toEqual(['2 columns']);
  });

  it('does not choose between two sums or two phones', () => {
    expect(said(csv('phone,amount,amount paid\n0712345678,500,600'))).toEqual(['no_columns']);
    expect(said(csv('phone,mobile,amount\n0712345678,0722000111,600'))).toEqual(['no_columns']);
  });
});

describe('a file without a heading', () => {
  it('is read where each column is plain by itself', () => {
    expect(said(csv('Otieno,0712345678,500,wages\nAkinyi,0722000111,600,wages'))).toEqual([
      '1 254712345678 500 Otieno/wages',
      '2 254722000111 600 Akinyi/wages',
    ]);
    expect(said(csv('Who,Where,How much\nOtieno,0712345678,500'))).toEqual(['2 254712345678 500 Otieno/']);
  });

  it('is sent back where the sum cannot be told', () => {
    expect(said(csv('0712345678,500,600\n0722000111,700,800'))).toEqual(['no_columns']);
    expect(said(csv('hello\nworld'))).toEqual(['no_columns']);
    expect(said(csv('\n \n'))).toEqual(['empty']);
    expect(said(csv('phone,amount'))).toEqual(['empty']);
  });
});

it('takes ten thousand rows and not one more', () => {
  const rows = (n: number) => `phone,amount\n${'0712345678,500\n'.repeat(n)}`;
  expect(said(csv(rows(10_001)))).toEqual(['too_many']);
  const most = csv(rows(10_000));
  expect(most.kind === 'rows' && most.ready.length).toBe(10_000);
});

it('counts no blank line as a row, and leaves no row out behind them', () => {
  const rows = (n: number, between: string) => `phone,amount\n${`0712345678,500\n${between}`.repeat(n)}`;
  for (const between of ['\n', ' , \n', '\u200b\n\n']) {
    const most = csv(rows(10_000, between));
    expect(most.kind === 'rows' && [most.ready.length, most.bad.length]).toEqual([10_000, 0]);
    expect(most.kind === 'rows' && most.ready.at(-1)?.number).toBe(2 + 9_999 * between.split('\n').length);
    expect(said(csv(rows(10_001, between)))).toEqual(['too_many']);
  }
  expect(said(csv(`phone,amount\n${'\n'.repeat(500_000)}0712345678,500`))).toEqual([
    '500002 254712345678 500 /',
  ]);
});

it('decodes what spreadsheets write, and refuses what is no text', () => {
  expect(decodeText(Buffer.from('\ufeffsimu', 'utf16le'))).toBe('simu');
  expect(decodeText(Buffer.from([0x53, 0xe9]))).toBe('Sé');
  expect(decodeText(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0, 0]))).toBeNull();
});

describe('pasted lines', () => {
  const pasted = (text: string) => said(readBulk(readPasted(text), bounds));

  it('are read with the phone first or the sum first', () => {
    expect(
      pasted('0712345678 500 Otieno\nKsh 1,500 +254 722 000 111 Akinyi Wa\n\n0733000222: 600/='),
    ).toEqual(['2 254712345678 500 Otieno/', '3 254722000111 1500 Akinyi Wa/', '5 254733000222 600 /']);
    expect(pasted('0712345678,500,Otieno\n0722000111, 600')).toEqual([
      '2 254712345678 500 Otieno/',
      '3 254722000111 600 /',
    ]);
  });

  it.each([
    ['0712345678,12,500', 'amount'],
    ['0712345678 500 600', 'amount'],
    ['0712345678 50.000', 'point'],
    ['0712345678 and 0722000111 500', 'phone'],
    ['0712345678 lunch', 'no_amount'],
    ['hello', 'phone'],
  ])('say why %j is no payout', (line, why) => {
    expect(pasted(line)).toEqual([`2 ${why}`]);
  });

  it('are told from other messages', () => {
    expect(looksLikeBulk('0712345678 500\n0722000111 600')).toBe(true);
    expect(looksLikeBulk('500 0712345678 lunch')).toBe(false);
    expect(looksLikeBulk('Call me on 0712345678\nor 0722000111')).toBe(false);
    expect(looksLikeBulk('TFH774CBH1 Confirmed. Ksh500.00 sent to OTIENO 0712345678\non 21/11/26')).toBe(
      false,
    );
  });
});

describe('whatever is sent', () => {
  it('is read without a fault, and what comes back can be paid', () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '0712345678',
        '500',
        '1,500',
        'phone',
        'amount',
        '=1',
        '"',
        '7.1E+08',
        '254712345678.0',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 12 }),
        fc.constantFrom(',', ';', '\t'),
        (rows, by) => {
          const text = rows.map((cells) => cells.join(by)).join('\n');
          for (const table of [readCsv(text), readPasted(text)]) {
            if (table === null) continue;
            const reading = readBulk(table, bounds);
            if (reading.kind !== 'rows') continue;
            for (const row of reading.ready) {
              expect(row.msisdn).toMatch(/^254[17]\d{8}$/);
              expect(row.amountCents >= bounds.leastCents && row.amountCents <= bounds.mostCents).toBe(true);
              expect(row.amountCents % 100n).toBe(0n);
            }
          }
        },
      ),
    );
  });

  it('comes back as it was written, in any of the ways to write it', () => {
    const payee = fc.record({
      phone: fc.integer({ min: 710_000_000, max: 729_999_999 }).map((n) => `254${n}`),
      shillings: fc.integer({ min: 10, max: 250_000 }),
    });
    const grouped = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
    const ways = fc.constantFrom(
      (n: number) => String(n),
      (n: number) => `"${grouped(n)}"`,
      (n: number) => `${n}.00`,
      (n: number) => `"KES ${grouped(n)}"`,
      (n: number) => `"${grouped(n)}/="`,
    );
    fc.assert(
      fc.property(
        fc.array(payee, { minLength: 1, maxLength: 8 }),
        ways,
        fc.boolean(),
        (payees, way, short) => {
          const lines = payees.map(
            ({ phone, shillings }) =>
              `${short ? phone.slice(3) : showMsisdn(phone as never)},${way(shillings)}`,
          );
          expect(said(csv(`phone,amount\n${lines.join('\n')}`))).toEqual(
            payees.map(({ phone, shillings }, i) => `${i + 2} ${phone} ${shillings} /`),
          );
        },
      ),
    );
  });
});
