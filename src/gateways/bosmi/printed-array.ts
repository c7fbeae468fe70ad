import type { Body } from '../stk-values.ts';

/** `{`, `[`, `Array (` or `array(` alone on its line, also behind the `<pre>` of a PHP page. */
const opening = /^(?:<pre>)?\s*(?:\{|\[|(?:array)?\s*\(|array)$/i;
const closing = /^[})\]]\s*[;,]?\s*(?:<\/pre>)?$/i;
/** `"status" => 0`, `'status' => 0,` and print_r's `[status] => 0`. */
const line = /^(?:"(\w+)"|'(\w+)'|\[(\w+)\])\s*=>\s*(.*)$/;

/**
 * A PHP array as BOSMI's document prints it, one `key => value` a line, with texts in quotes or bare. null: it is none,
 * it breaks off before its end (a receipt could be cut in two), or a key stands twice (which one would be true?).
 */
export function readPrintedArray(text: string): Body | null {
  const lines = text
    .split(/\r?\n/)
    .map((each) => each.trim())
    .filter((each) => each !== '' && !/^<\/?pre>$/i.test(each));
  // print_r prints "Array" and "(" on two lines.
  const start = lines.findIndex((each) => line.test(each));
  const last = lines.at(-1);
  if (start < 1 || last === undefined || !closing.test(last)) return null;
  if (!lines.slice(0, start).every((each) => opening.test(each))) return null;
  const pairs = lines.slice(start, -1).map(readPair);
  const body = new Map<string, string>();
  const seen = new Set<string>();
  for (const pair of pairs) {
    if (pair === null || seen.has(pair.key)) return null;
    seen.add(pair.key);
    // What PHP has not, it prints as NULL or as nothing.
    if (pair.value !== '' && !/^null$/i.test(pair.value)) body.set(pair.key, pair.value);
  }
  return Object.fromEntries(body);
}

function readPair(text: string): { key: string; value: string } | null {
  const match = line.exec(text);
  if (match === null) return null;
  const [, double, single, bracket, rest = ''] = match;
  const bare = rest.trim().replace(/,$/, '').trim();
  const quoted = /^(["'])(.*)\1$/.exec(bare)?.[2];
  return { key: double ?? single ?? bracket ?? '', value: quoted ?? bare };
}
