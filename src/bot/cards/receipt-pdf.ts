/** The receipt as a slip of paper, 80 mm wide and as long as it needs. The same facts give the same bytes. */
import type { Locale } from '../../db/tables.ts';
import { showFullTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import type { ReceiptFacts, ReceiptStatus } from '../../payments/receipt.ts';
import type { Words } from '../words.ts';
import { printable } from './printable.ts';

export interface ReceiptPaper {
  readonly facts: ReceiptFacts;
  readonly locale: Locale;
  /** The receipt's page, for the QR code. */
  readonly url: string;
}

/** In points, 72 an inch. */
const width = (80 / 25.4) * 72;
const margin = 15;
const inner = width - 2 * margin;
const labelWidth = 74;
const qrSize = 104;
/** Longer than any slip, to measure on. */
const tallest = 3000;

export async function receiptPdf(words: Words, paper: ReceiptPaper): Promise<Buffer> {
  const tools = await loadTools();
  const height = draw(tools, newDocument(tools, words, paper, tallest), words, paper);
  const document = newDocument(tools, words, paper, height);
  draw(tools, document, words, paper);
  return await bytesOf(document);
}

/** Loaded when a receipt is first asked for: a third of a second and 35 MB that no start has to wait for. */
async function loadTools() {
  const [{ default: PDFDocument }, { create: createQr }] = await Promise.all([
    import('pdfkit'),
    import('qrcode'),
  ]);
  return { PDFDocument, createQr };
}
type Tools = Awaited<ReturnType<typeof loadTools>>;

function newDocument(
  { PDFDocument }: Tools,
  words: Words,
  { facts, locale }: ReceiptPaper,
  height: number,
): PDFKit.PDFDocument {
  return new PDFDocument({
    size: [width, Math.ceil(height)],
    margin: 0,
    lang: locale,
    displayTitle: true,
    info: {
      Title: `${words.say(locale, 'doc-title')} ${facts.ref}`,
      // Not the time of printing: a receipt that is asked for twice is one receipt.
      CreationDate: facts.paidAt,
    },
  });
}

function bytesOf(document: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  document.on('end', () => resolve(Buffer.concat(chunks)));
  document.on('error', reject);
  document.end();
  return promise;
}

const statusTexts = {
  paid: 'doc-paid',
  under_review: 'doc-review',
  part_refunded: 'doc-part-refunded',
  refunded: 'doc-refunded',
} as const satisfies Record<ReceiptStatus, string>;

/** Answers the height that was used. */
function draw(
  { createQr }: Tools,
  document: PDFKit.PDFDocument,
  words: Words,
  { facts, locale, url }: ReceiptPaper,
): number {
  const say = (key: string): string => words.say(locale, key);
  const shop = printable(facts.business.name);
  const rows = factRows(facts, locale, say).map(([label, value]) => [label, printable(value)] as const);
  const whole = shop.whole && rows.every(([, value]) => value.whole);
  const slip = createSlip(document);
  slip.line(shop.text, { size: 13, bold: true });
  slip.line(say('doc-title'), { size: 9 });
  slip.rule();
  slip.line(showMoney(facts.amountCents), { size: 22, bold: true });
  slip.line(say(statusTexts[facts.status]), { size: 11, bold: true });
  slip.rule();
  for (const [label, value] of rows) slip.row(label, value.text);
  slip.rule();
  slip.line(say('to-customer'), { size: 8.5, bold: true });
  slip.gap(8);
  slip.qr(createQr(url, { errorCorrectionLevel: 'M' }).modules);
  slip.gap(6);
  slip.line(say('doc-scan'), { size: 8 });
  if (!whole) slip.line(say('doc-letters'), { size: 8 });
  slip.line(url, { size: 6 });
  return slip.height();
}

function factRows(
  facts: ReceiptFacts,
  locale: Locale,
  say: (key: string) => string,
): (readonly [label: string, value: string])[] {
  const owed = facts.owed === null ? [] : [say(facts.owed === 'follows' ? 'doc-follows' : 'doc-in-sms')];
  const back = facts.refundedCents;
  const numbers = facts.numbers.map((number) =>
    facts.unconfirmed.includes(number) ? `${number} (${say('code-unconfirmed')})` : number,
  );
  return [
    [say('doc-code'), [...numbers, ...owed].join(', ')],
    [say('doc-ref'), facts.ref],
    [say('doc-at'), showFullTime(facts.paidAt, locale)],
    [say('doc-payer'), facts.payer],
    ...(facts.note === '' ? [] : [[say('doc-note'), facts.note] as const]),
    [say('doc-through'), facts.gateway],
    ...(back === 0n ? [] : [[say('doc-back'), showMoney(back)] as const]),
  ];
}

interface Style {
  readonly size: number;
  readonly bold?: boolean;
}

/** Writes downwards. */
function createSlip(document: PDFKit.PDFDocument) {
  let y = margin;
  const font = ({ size, bold = false }: Style): void =>
    void document.font(bold ? 'Helvetica-Bold' : 'Helvetica').fontSize(size);
  const write = (
    text: string,
    x: number,
    options: { width: number; align: 'left' | 'right' | 'center' },
  ): number => {
    const tall = document.heightOfString(text, options);
    document.text(text, x, y, options);
    return tall;
  };
  return {
    line: (text: string, style: Style): void => {
      font(style);
      y += write(text, margin, { width: inner, align: 'center' }) + 2;
    },
    row: (label: string, value: string): void => {
      font({ size: 9 });
      const labelTall = write(label, margin, { width: labelWidth, align: 'left' });
      font({ size: 9, bold: true });
      const x = margin + labelWidth;
      y += Math.max(labelTall, write(value, x, { width: inner - labelWidth, align: 'right' })) + 4;
    },
    rule: (): void => {
      y += 6;
      document
        .moveTo(margin, y)
        .lineTo(width - margin, y)
        .lineWidth(0.6)
        .dash(2, { space: 2 })
        .stroke()
        .undash();
      y += 8;
    },
    gap: (points: number): void => {
      y += points;
    },
    /** With the quiet zone of four modules that a scanner needs. */
    qr: (modules: { readonly size: number; readonly data: Uint8Array }): void => {
      const step = qrSize / (modules.size + 8);
      const left = (width - qrSize) / 2 + 4 * step;
      for (let at = 0; at < modules.data.length; at++)
        if (modules.data[at] === 1) {
          const column = at % modules.size;
          const row = (at - column) / modules.size;
          document.rect(left + column * step, y + (4 + row) * step, step, step);
        }
      document.fill('black');
      y += qrSize;
    },
    height: (): number => y + margin,
  };
}
