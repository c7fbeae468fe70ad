/** A text of the bot, plain or in Telegram's HTML, as runs of one style each. */

export type Style = 'bold' | 'italic' | 'strike' | 'code' | 'pre';

export interface Run {
  readonly text: string;
  /** Outermost first. */
  readonly styles: readonly Style[];
}

/** Telegram's tags. Underlined text, spoilers and quotes have no mark on WhatsApp and stay as they are. */
const styleOf: Readonly<Record<string, Style>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strike',
  strike: 'strike',
  del: 'strike',
  code: 'code',
  pre: 'pre',
};

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** `parseMode` as in the Bot API. */
export function readText(text: string, parseMode: string | undefined): readonly Run[] {
  const runs = parseMode === 'HTML' ? readHtml(text) : [{ text, styles: [] }];
  return runs.map((run) => (isLiteral(run) ? run : { ...run, text: withoutSlashes(run.text) }));
}

export function isLiteral({ styles }: Run): boolean {
  return styles.includes('code') || styles.includes('pre');
}

function readHtml(html: string): Run[] {
  const runs: Run[] = [];
  const open: { readonly tag: string; readonly href: string | null; readonly from: number }[] = [];
  const add = (text: string): void => {
    const styles = [...new Set(open.flatMap(({ tag }) => styleOf[tag] ?? []))];
    const last = runs.at(-1);
    if (last !== undefined && last.styles.join() === styles.join())
      runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ text, styles });
  };
  let length = 0;
  for (const [token, slash, name, rest] of html.matchAll(/<(\/?)([a-z][a-z0-9-]*)([^>]*)>|[^<]+|</gi)) {
    const tag = name?.toLowerCase();
    if (tag === undefined) {
      const text = unescaped(token);
      length += text.length;
      add(text);
    } else if (slash === '') open.push({ tag, href: hrefOf(rest ?? ''), from: length });
    else if (open.some((one) => one.tag === tag)) {
      const [closed] = open.splice(
        open.findLastIndex((one) => one.tag === tag),
        1,
      );
      const address = closed?.href ?? null;
      if (address === null || textOf(runs).slice(closed?.from) === address) continue;
      const written = ` (${address})`;
      length += written.length;
      add(written);
    }
  }
  return runs;
}

/** Only addresses that a person could open from a text. */
function hrefOf(attributes: string): string | null {
  const href = unescaped(/\bhref\s*=\s*"([^"]*)"/i.exec(attributes)?.[1] ?? '');
  return /^https?:\/\//.test(href) ? href : null;
}

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (all, decimal, hex, name) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? all;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : all;
  });
}

/**
 * There are no slash commands on WhatsApp: the word alone is the command. Only a word of small letters that stands by itself
 * is one, so that addresses, paths and `500/=` stay.
 */
function withoutSlashes(text: string): string {
  return text.replace(/(^|[\s("'“‘])\/(?=[a-z]{2,}(?![\w/=@-]))/g, '$1');
}

export function textOf(runs: readonly Run[]): string {
  return runs.map(({ text }) => text).join('');
}

/** The runs from one place of their text to another. */
export function sliceRuns(runs: readonly Run[], from: number, to = Number.POSITIVE_INFINITY): Run[] {
  const taken: Run[] = [];
  let at = 0;
  for (const { text, styles } of runs) {
    const part = text.slice(Math.max(from - at, 0), Math.max(to - at, 0));
    if (part !== '') taken.push({ text: part, styles });
    at += text.length;
  }
  return taken;
}
