import { performance } from 'node:perf_hooks';
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

  const inline = (text: string) =>
    workbookOf(`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>${text}</t></is></c></row></sheetData>`);

  it.each([
    ['unpacks to more than it may', workbookOf(`<sheetData>${' '.repeat(30 * 1024 * 1024)}</sheetData>`)],
    ['holds one text of megabytes', inline('a'.repeat(7 * 1024 * 1024))],
    ['holds a text longer than a cell', inline('a'.repeat(32 * 1024 + 1))],
    [
      'reaches too far down',
      workbookOf('<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'),
    ],
    [
      'reaches too far to the right',
      workbookOf('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>'),
    ],
  ])('is given up where it %s', async (_what, bytes) => {
    expect(bytes.length).toBeLessThan(64 * 1024);
    expect(await said(bytes)).toEqual(['too_heavy']);
  });

  it('is given up where it takes too long or too much memory, and nobody else waits for it', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => [712_000_000 + i, 500]);
    const bytes = workbook([['phone', 'amount'], ...rows]);
    expect(await readFileOf(bytes, 'file', bounds, { seconds: 0, megabytes: 128 })).toEqual({
      kind: 'too_heavy',
    });
    expect(await readFileOf(bytes, 'file', bounds, { seconds: 60, megabytes: 16 })).toEqual({
      kind: 'too_heavy',
    });
    const from = performance.eventLoopUtilization();
    const read = await readFileOf(bytes, 'file', bounds);
    const { utilization } = performance.eventLoopUtilization(from);
    expect(read.kind === 'rows' && read.ready.length).toBe(10_000);
    // Read in our own thread it is 1.
    expect(utilization).toBeLessThan(0.6);
  });

  it('is refused where its directory is not what stands in it', async () => {
    const whole = workbook([
      ['phone', 'amount'],
      [712345678, 500],
    ]);
    expect(await said(whole)).toEqual(['2 254712345678 500']);
    const harmless = zip({ 'a.txt': 'hello' });
    const directory = (bytes: Buffer) => bytes.readUInt32LE(bytes.length - 6);
    // All of the workbook in front, and a directory of one other entry.
    const hidden = Buffer.concat([whole.subarray(0, directory(whole)), harmless]);
    const moved = directory(whole);
    hidden.writeUInt32LE(moved + directory(harmless), hidden.length - 6);
    hidden.writeUInt32LE(moved, moved + directory(harmless) + 42);
    expect(await said(hidden)).toEqual(['unreadable']);
    const spoilt = (at: number, value: number): Buffer => {
      const copy = Buffer.from(whole);
      copy.writeUInt32LE(value, at);
      return copy;
    };
    // The first local header: sizes packed and unpacked, name; the directory: size unpacked; the end: the count.
    for (const bytes of [spoilt(18, 7), spoilt(22, 7), spoilt(30, 7), spoilt(directory(whole) + 24, 7)])
      expect(await said(bytes)).toEqual(['unreadable']);
    expect(await said(spoilt(whole.length - 14, 0x00040004))).toEqual(['unreadable']);
  });

  it('is read by its first sheet, and the others that hold rows are named', async () => {
    const head = ['phone', 'amount'];
    const others = { Casuals: [head, [712345679, 600], ['', null]], Empty: [['', null]], Notes: [['hello']] };
    const whole = workbook([head, [712345678, 500]], others);
    const reading = await readFileOf(whole, 'file', bounds);
    expect(reading).toMatchObject({
      ready: [{ amountCents: 500_00n }],
      unread: [
        { name: 'Casuals', rows: 2 },
        { name: 'Notes', rows: 1 },
      ],
    });
    expect(await said(workbook([['', null]], others))).toEqual(['first_empty']);
    expect(await said(workbook([['', null]], { Empty: [['']] }))).toEqual(['empty']);
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
