import { describe, expect, it } from 'vitest';
import { readFileOf } from '../../src/payouts/bulk-file.ts';
import { workbook, workbookOf, zip } from './workbook.ts';

const bounds = { leastCents: 10_00n, mostCents: 250_000_00n };

async function said(bytes: Buffer): Promise<string[]> {
  const reading = await readFileOf(bytes, 'file', bounds);
  if (reading.kind !== 'rows') return [reading.kind];
  return [
    ...reading.ready.map(({ number, msisdn, amountCents }) => `${number} ${msisdn} ${amountCents / 100n}`),
    ...reading.bad.map(({ number, why }) => `${number} ${why}`),
  ];
}

describe('a workbook', () => {
  it('is read by its values: numbers without their zero, what formulas had come to', async () => {
    const rows = [
      ['Simu', 'Kiasi', 'Jina'],
      [712345678, 1500, 'Otieno'],
      ['0712345678', '1,500', 'Akinyi'],
      [null, null, null],
      [{ xml: '<c><v>7.12345678E8</v></c>' }, { xml: '<c><f>500*2</f><v>1000</v></c>' }, null],
      ['7.12E+08', 500, 'Lost'],
      [712345678, 500.5, 'Cents'],
      [712345678, { xml: '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>' }, 'Broken'],
      [712345678, { xml: '<c t="b"><v>1</v></c>' }, 'Truth'],
    ];
    expect(await said(workbook(rows))).toEqual([
      '2 254712345678 1500',
      '3 254712345678 1500',
      '5 254712345678 1000',
      '6 phone',
      '7 cents',
      expect.stringMatching(/^8 (?:no_)?amount$/),
      '9 amount',
    ]);
  });

  it('is refused where it unpacks to more than it may, or reaches too far', async () => {
    expect(await said(workbookOf(`<sheetData>${' '.repeat(30 * 1024 * 1024)}</sheetData>`))).toEqual([
      'unreadable',
    ]);
    expect(
      await said(workbookOf('<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')),
    ).toEqual(['unreadable']);
    expect(
      await said(workbookOf('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>')),
    ).toEqual(['unreadable']);
  });

  it('is refused where it is none', async () => {
    expect(await said(zip({ 'a.txt': 'hello' }))).toEqual(['unreadable']);
    expect(await said(Buffer.from('PK\x03\x04 and nothing', 'latin1'))).toEqual(['unreadable']);
    const whole = workbook([
      ['phone', 'amount'],
      [712345678, 500],
    ]);
    for (const cut of [10, 100, whole.length - 5])
      expect(await said(whole.subarray(0, cut))).toEqual(['unreadable']);
  });
});

it('refuses other files, and files too large', async () => {
  expect(await said(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]))).toEqual([
    'unreadable',
  ]);
  expect(await said(Buffer.alloc(1024 * 1024 + 1, 'a'))).toEqual(['too_big']);
  expect(await said(Buffer.from('%PDF-1.7 binary\0'))).toEqual(['unreadable']);
});
