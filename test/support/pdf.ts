/** Reads the PDFs of this program back: the words that they show, where they stand, and how large the page is. */
import { inflateSync } from 'node:zlib';

export interface PdfWords {
  readonly text: string;
  /** In points from the lower left corner. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface PdfContent {
  readonly width: number;
  readonly height: number;
  readonly pages: number;
  readonly words: readonly PdfWords[];
  /** The content stream as it is. */
  readonly drawing: string;
  /** All words in order, one line each. */
  readonly text: string;
}

export function readPdf(bytes: Buffer): PdfContent {
  const file = bytes.toString('latin1');
  if (!file.startsWith('%PDF-') || !file.trimEnd().endsWith('%%EOF'))
    throw new Error('This is no whole PDF.');
  const box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(file);
  const drawing = streamsOf(bytes, file).find((stream) => stream.includes(' Tm')) ?? '';
  const words = wordsOf(drawing);
  return {
    width: Number(box?.[1]),
    height: Number(box?.[2]),
    pages: file.match(/\/Type \/Page\b(?!s)/g)?.length ?? 0,
    words,
    drawing,
    text: words.map(({ text }) => text).join('\n'),
  };
}

function streamsOf(bytes: Buffer, file: string): string[] {
  return [...file.matchAll(/\/Length (\d+)[\s\S]*?>>\s*stream\n/g)].map((found) => {
    const start = found.index + found[0].length;
    const raw = bytes.subarray(start, start + Number(found[1]));
    return (found[0].includes('FlateDecode') ? inflateSync(raw) : raw).toString('latin1');
  });
}

/** pdfkit writes Windows-1252 as hexadecimal strings with kerning between them. */
function wordsOf(drawing: string): PdfWords[] {
  const latin = new TextDecoder('windows-1252');
  const pattern = /1 0 0 1 ([\d.-]+) ([\d.-]+) Tm\s+\/\w+ ([\d.]+) Tf[^[]*\[([^\]]*)\] TJ/g;
  return [...drawing.matchAll(pattern)].map(([, x, y, size, parts = '']) => ({
    text: [...parts.matchAll(/<([0-9a-f]*)>/g)]
      .map(([, hex = '']) => latin.decode(Buffer.from(hex, 'hex')))
      .join(''),
    x: Number(x),
    y: Number(y),
    size: Number(size),
  }));
}
