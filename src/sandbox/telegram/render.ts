import type { Entity } from './html.ts';

const tagOf: ReadonlyMap<string, string> = new Map([
  ['bold', 'b'],
  ['italic', 'i'],
  ['underline', 'u'],
  ['strikethrough', 's'],
  ['code', 'code'],
  ['pre', 'pre'],
  ['blockquote', 'blockquote'],
  ['expandable_blockquote', 'blockquote'],
]);

/** A message's text as HTML for a page: all of the text escaped, only the tags made here. */
export function renderHtml(text: string, entities: readonly Entity[]): string {
  const edges = new Set([
    0,
    text.length,
    ...entities.flatMap((one) => [one.offset, one.offset + one.length]),
  ]);
  const points = [...edges].sort((a, b) => a - b);
  const open: Entity[] = [];
  let html = '';
  for (const [index, point] of points.entries()) {
    html += closeUntil(text, open, point);
    for (const entity of entities.filter((one) => one.offset === point)) {
      open.push(entity);
      html += openTag(text, entity);
    }
    html += escapeHtml(text.slice(point, points[index + 1] ?? point));
  }
  return html;
}

/** Entities may overlap without being nested; what goes on is closed and opened again, as HTML wants it. */
function closeUntil(text: string, open: Entity[], point: number): string {
  const ends = (entity: Entity): boolean => entity.offset + entity.length <= point;
  const first = open.findIndex(ends);
  if (first === -1) return '';
  const cut = open.splice(first);
  const goingOn = cut.filter((entity) => !ends(entity));
  open.push(...goingOn);
  const closing = cut
    .toReversed()
    .map((entity) => `</${tagName(entity)}>`)
    .join('');
  return closing + goingOn.map((entity) => openTag(text, entity)).join('');
}

function tagName(entity: Entity): string {
  if (entity.type === 'text_link' || entity.type === 'url') return 'a';
  return tagOf.get(entity.type) ?? 'span';
}

function openTag(text: string, entity: Entity): string {
  const name = tagName(entity);
  if (name === 'span') return `<span class="${escapeHtml(entity.type)}">`;
  if (name !== 'a') return `<${name}>`;
  const url = entity.url ?? text.slice(entity.offset, entity.offset + entity.length);
  const safe = /^(https?|tg|mailto|tel):/i.test(url) ? url : `http://${url}`;
  return `<a href="${escapeHtml(safe)}" target="_blank" rel="noopener noreferrer">`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
