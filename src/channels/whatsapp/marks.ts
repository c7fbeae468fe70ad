/**
 * Runs as WhatsApp writes them: *bold*, _italic_, ~strike~, `code` and ```mono```. A mark counts where a word begins or ends and
 * its inside neither begins nor ends with a space, on one line but for mono (faq.whatsapp.com, "How to format your messages").
 * There is no way to escape a mark, so one that nobody meant is written with a letter that looks like it.
 */
import { isLiteral, type Run, type Style } from './text.ts';

const markOf: Readonly<Record<Style, string>> = {
  bold: '*',
  italic: '_',
  strike: '~',
  code: '`',
  pre: '```',
};

const lookalikes: Readonly<Record<string, string>> = { '*': '∗', _: 'ˍ', '~': '∼', '`': 'ˋ' };

interface Piece {
  readonly text: string;
  /** Nobody's own words: our marks, and what stands literally between them. */
  readonly fixed: boolean;
}

export function writeMarked(runs: readonly Run[]): string {
  const pieces: Piece[] = [];
  runs.forEach((run, i) => {
    const before = pieces.at(-1)?.text.at(-1) ?? '';
    const after = runs[i + 1]?.text.at(0) ?? '';
    pieces.push(...marked(run, before, after));
  });
  return withoutAccidents(pieces);
}

/** One line of text that carries no formatting at all. */
export function writePlain(text: string): string {
  return writeMarked([{ text, styles: [] }]);
}

function marked(run: Run, before: string, after: string): Piece[] {
  if (run.styles.length === 0) return [{ text: run.text, fixed: false }];
  if (run.styles.includes('pre')) return wrapped({ ...run, styles: ['pre'] }, run.text, before, after);
  const lines = run.text.split('\n');
  return lines.flatMap((line, i) => {
    const [first, last] = [i === 0, i === lines.length - 1];
    const pieces = wrapped(run, line, first ? before : '\n', last ? after : '\n');
    return last ? pieces : [...pieces, { text: '\n', fixed: false }];
  });
}

/** The marks hug the words: spaces stay outside. Where marks would not count, the words stand alone. */
function wrapped(run: Run, text: string, before: string, after: string): Piece[] {
  const core = text.trim();
  const from = text.indexOf(core);
  const [lead, trail] = [text.slice(0, from), text.slice(from + core.length)];
  const styles = run.styles.includes('code') ? (['code'] as const) : run.styles;
  const marks = styles.map((style) => markOf[style]);
  const fits =
    core !== '' &&
    // A mark behind an address would be read as part of it.
    !core.includes('://') &&
    !isWordy((lead || before).at(-1) ?? '') &&
    !isWordy((trail || after).at(0) ?? '') &&
    !marks.some((mark) => core.includes(mark));
  if (!fits) return [{ text, fixed: false }];
  return [
    { text: lead, fixed: false },
    { text: marks.join(''), fixed: true },
    { text: core, fixed: isLiteral(run) },
    { text: marks.toReversed().join(''), fixed: true },
    { text: trail, fixed: false },
  ].filter((piece) => piece.text !== '');
}

function withoutAccidents(pieces: readonly Piece[]): string {
  const text = pieces.map((piece) => piece.text).join('');
  if (!/[*_~`]/.test(text)) return text;
  const fixed = pieces.flatMap((piece) => new Array<boolean>(piece.text.length).fill(piece.fixed));
  const addresses = [...text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(
    (found) => [found.index, found.index + found[0].length] as const,
  );
  const cells = text.split('');
  for (const { index, 0: same } of text.matchAll(/([*_~`])\1*/g)) {
    const places = Array.from(same, (_, i) => index + i).filter((at) => fixed[at] === false);
    if (!places.some((at) => opens(cells, at))) continue;
    const inAddress = addresses.some(([from, to]) => from < index && index < to);
    for (const at of places)
      cells[at] = inAddress ? inPercent(cells[at] ?? '') : (lookalikes[cells[at] ?? ''] ?? '');
  }
  return cells.join('');
}

/** The same address to every server. */
function inPercent(mark: string): string {
  return `%${mark.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Does a mark at this place open something that is closed further on? */
function opens(cells: readonly string[], at: number): boolean {
  const char = cells[at] ?? '';
  const isThree = (from: number) => [0, 1, 2].every((i) => cells[from + i] === char);
  const mono = char === '`' && isThree(at);
  const from = at + (mono ? 3 : 1);
  if (isWordy(cells[at - 1]?.at(-1) ?? '') || (!mono && isBlank(cells[from]))) return false;
  let words = false;
  for (let close = from; close < cells.length; close++) {
    if (!mono && cells[close] === '\n') return false;
    if (
      cells[close] === char &&
      (mono ? words && isThree(close) : close > from && !isBlank(cells[close - 1]))
    )
      if (!isWordy(cells[close + (mono ? 3 : 1)]?.at(0) ?? '')) return true;
    words ||= !isBlank(cells[close]);
  }
  return false;
}

function isBlank(cell: string | undefined): boolean {
  return cell === undefined || cell.trim() === '';
}

function isWordy(char: string): boolean {
  return /[\p{L}\p{N}]/u.test(char);
}
