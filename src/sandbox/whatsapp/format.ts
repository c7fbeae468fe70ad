import type { Entity } from '../telegram/html.ts';

export interface Shown {
  readonly text: string;
  readonly entities: readonly Entity[];
}

const marks: Readonly<Record<string, string>> = {
  '*': 'bold',
  _: 'italic',
  '~': 'strikethrough',
  '`': 'code',
  '```': 'pre',
};

const wordy = /[\p{L}\p{N}]/u;

/**
 * A text as a person sees it: *bold*, _italic_, ~strike~, `code` and ```mono``` without their marks. A mark counts where a
 * word begins or ends and its inside begins and ends with no space, on one line but for mono; everything else stays.
 */
export function shown(source: string): Shown {
  const entities: Entity[] = [];
  const text = write(source, 0, entities);
  return { text, entities };
}

function write(source: string, offset: number, entities: Entity[]): string {
  let out = '';
  for (let at = 0; at < source.length; ) {
    const found = markAt(source, at);
    if (found === null) {
      out += source[at];
      at++;
      continue;
    }
    const slot = entities.length;
    const begins = offset + out.length;
    const inside = found.literal ? found.inside : write(found.inside, begins, entities);
    entities.splice(slot, 0, { type: found.type, offset: begins, length: inside.length });
    out += inside;
    at = found.end;
  }
  return out;
}

function markAt(
  source: string,
  at: number,
): {
  readonly type: string;
  readonly inside: string;
  readonly end: number;
  readonly literal: boolean;
} | null {
  const mark = source.startsWith('```', at) ? '```' : (source[at] ?? '');
  const type = marks[mark];
  if (type === undefined || wordy.test(source[at - 1] ?? ' ')) return null;
  const from = at + mark.length;
  const literal = mark.startsWith('`');
  for (let close = source.indexOf(mark, from); close !== -1; close = source.indexOf(mark, close + 1)) {
    const inside = source.slice(from, close);
    if (mark !== '```' && inside.includes('\n')) return null;
    const whole = inside.trim() !== '' && (mark === '```' || inside === inside.trim());
    if (whole && !wordy.test(source[close + mark.length] ?? ' '))
      return { type, inside, end: close + mark.length, literal };
  }
  return null;
}
