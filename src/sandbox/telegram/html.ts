import { badRequest } from './rules.ts';

/** Telegram's formatted text: offsets and lengths count UTF-16 units, as in the Bot API's MessageEntity. */
export interface Entity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
  readonly language?: string;
  readonly custom_emoji_id?: string;
}

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

interface OpenTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly from: number;
}

const typeOfTag: ReadonlyMap<string, string> = new Map([
  ['b', 'bold'],
  ['strong', 'bold'],
  ['i', 'italic'],
  ['em', 'italic'],
  ['u', 'underline'],
  ['ins', 'underline'],
  ['s', 'strikethrough'],
  ['strike', 'strikethrough'],
  ['del', 'strikethrough'],
  ['tg-spoiler', 'spoiler'],
  ['span', 'spoiler'],
  ['tg-emoji', 'custom_emoji'],
  ['a', 'text_link'],
  ['code', 'code'],
  ['pre', 'pre'],
  ['blockquote', 'blockquote'],
]);

const named: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
]);

const refuse = (why: string): Error => badRequest(`can't parse entities: ${why}`);

/** Reads the HTML of `parse_mode: HTML` by the rules of the Bot API's "HTML style"; anything else there is a refusal. */
export function parseHtml(source: string): FormattedText {
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  let text = '';
  let at = 0;
  while (at < source.length) {
    const next = nextToken(source, at);
    at = next.end;
    if (next.kind === 'text') text += next.text;
    else if (next.kind === 'start')
      open.push({ name: next.name, attributes: next.attributes, from: text.length });
    else closeTag(next, open, entities, text);
  }
  const last = open.at(-1);
  if (last !== undefined) throw refuse(`Can't find end tag corresponding to start tag "${last.name}"`);
  return { text, entities: inOrder(entities) };
}

type Token =
  | { readonly kind: 'text'; readonly text: string; readonly end: number }
  | {
      readonly kind: 'start';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly end: number;
    }
  | { readonly kind: 'end'; readonly name: string; readonly offset: number; readonly end: number };

function nextToken(source: string, at: number): Token {
  if (source[at] === '<') return source[at + 1] === '/' ? endTag(source, at) : startTag(source, at);
  if (source[at] === '&') return character(source, at);
  const stop = source.slice(at).search(/[<&]/);
  const end = stop === -1 ? source.length : at + stop;
  return { kind: 'text', text: source.slice(at, end), end };
}

function character(source: string, at: number): Token {
  const found = /^&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/i.exec(source.slice(at, at + 12));
  const decimal =
    found?.[1] ?? (found?.[2] === undefined ? undefined : String(Number.parseInt(found[2], 16)));
  const code = decimal === undefined ? 0 : Number(decimal);
  const decoded =
    code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : named.get(found?.[3]?.toLowerCase() ?? '');
  if (found === null || decoded === undefined) return { kind: 'text', text: '&', end: at + 1 };
  return { kind: 'text', text: decoded, end: at + found[0].length };
}

function byteOffset(source: string, at: number): number {
  return Buffer.byteLength(source.slice(0, at));
}

function startTag(source: string, at: number): Token {
  const offset = byteOffset(source, at);
  const name = (/^[^\s>]*/.exec(source.slice(at + 1))?.[0] ?? '').toLowerCase();
  let end = at + 1 + name.length;
  if (end >= source.length) throw refuse(`Unclosed start tag at byte offset ${offset}`);
  if (!typeOfTag.has(name)) throw refuse(`Unsupported start tag "${name}" at byte offset ${offset}`);
  const attributes = new Map<string, string>();
  const attribute = /\s+([^\s=>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/y;
  attribute.lastIndex = end;
  for (let found = attribute.exec(source); found !== null; found = attribute.exec(source)) {
    const value = found[2] ?? found[3] ?? found[4];
    if (value === undefined && name !== 'blockquote')
      throw refuse(
        `Expected equal sign in declaration of an attribute of the tag "${name}" at byte offset ${offset}`,
      );
    attributes.set((found[1] ?? '').toLowerCase(), decode(value ?? ''));
    end = attribute.lastIndex;
  }
  const close = /^\s*>/.exec(source.slice(end));
  if (close === null) throw refuse(`Unclosed start tag at byte offset ${offset}`);
  if (name === 'span' && attributes.get('class') !== 'tg-spoiler')
    throw refuse(`Tag "span" must have class "tg-spoiler" at byte offset ${offset}`);
  return { kind: 'start', name, attributes, end: end + close[0].length };
}

function decode(value: string): string {
  let text = '';
  for (let at = 0; at < value.length; ) {
    const token =
      value[at] === '&'
        ? character(value, at)
        : { kind: 'text' as const, text: value[at] ?? '', end: at + 1 };
    if (token.kind === 'text') text += token.text;
    at = token.end;
  }
  return text;
}

function endTag(source: string, at: number): Token {
  const offset = byteOffset(source, at);
  const found = /^<\/([^\s>]*)\s*>/.exec(source.slice(at));
  if (found === null) throw refuse(`Unclosed end tag at byte offset ${offset}`);
  return { kind: 'end', name: (found[1] ?? '').toLowerCase(), offset, end: at + found[0].length };
}

function closeTag(
  tag: { readonly name: string; readonly offset: number },
  open: OpenTag[],
  entities: Entity[],
  text: string,
): void {
  const last = open.pop();
  if (last === undefined) throw refuse(`Unexpected end tag at byte offset ${tag.offset}`);
  if (tag.name !== '' && tag.name !== last.name)
    throw refuse(
      `Unmatched end tag at byte offset ${tag.offset}, expected "</${last.name}>", found "</${tag.name}>"`,
    );
  const length = text.length - last.from;
  if (length > 0) addEntity(entities, last, length, text.slice(last.from));
}

function addEntity(entities: Entity[], tag: OpenTag, length: number, inner: string): void {
  const type = typeOfTag.get(tag.name) ?? 'bold';
  const entity = { type, offset: tag.from, length };
  const language = /^language-(.+)$/.exec(tag.attributes.get('class') ?? '')?.[1];
  if (tag.name === 'a') {
    const url = tag.attributes.get('href') ?? inner;
    // The real server keeps the words and forgets a link that is none.
    if (/^(https?|tg|mailto|tel):|^[\w-]+(\.[\w-]+)+/i.test(url)) entities.push({ ...entity, url });
  } else if (tag.name === 'code' && language !== undefined) entities.push({ ...entity, language });
  else if (tag.name === 'pre') entities.push(withLanguageOf(entities, entity));
  else if (tag.name === 'blockquote' && tag.attributes.has('expandable'))
    entities.push({ ...entity, type: 'expandable_blockquote' });
  else if (tag.name === 'tg-emoji')
    entities.push({ ...entity, custom_emoji_id: tag.attributes.get('emoji-id') ?? '' });
  else entities.push(entity);
}

/** `<pre><code class="language-x">` is one entity with a language. */
function withLanguageOf(entities: Entity[], pre: Entity): Entity {
  const inner = entities.at(-1);
  if (inner?.type !== 'code' || inner.offset !== pre.offset || inner.length !== pre.length) return pre;
  entities.pop();
  return inner.language === undefined ? pre : { ...pre, language: inner.language };
}

function inOrder(entities: readonly Entity[]): Entity[] {
  return [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
}

/** The server cuts white space at both ends; entities move with the text. */
export function trimmed(formatted: FormattedText): FormattedText {
  const cut = formatted.text.length - formatted.text.trimStart().length;
  const text = formatted.text.trim();
  const entities = formatted.entities.flatMap((entity) => {
    const from = Math.max(0, entity.offset - cut);
    const to = Math.min(text.length, entity.offset + entity.length - cut);
    return to > from ? [{ ...entity, offset: from, length: to - from }] : [];
  });
  return { text, entities };
}

/** What the server finds in plain text by itself, as far as a bot reads it: commands, mentions and links. */
export function detectEntities(text: string): Entity[] {
  const patterns: readonly (readonly [string, RegExp])[] = [
    ['bot_command', /(?<![\w/@])\/[a-z0-9_]{1,64}(?:@\w{3,32})?(?!\w)/gi],
    ['mention', /(?<![\w/@])@\w{3,32}/g],
    ['url', /https?:\/\/[^\s<>"]+[^\s<>".,!?)]/gi],
  ];
  const found = patterns.flatMap(([type, pattern]) =>
    [...text.matchAll(pattern)].map((match) => ({ type, offset: match.index, length: match[0].length })),
  );
  return inOrder(found);
}
