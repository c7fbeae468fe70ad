/**
 * Telegram's HTML as elements. It is parsed as data and rebuilt from an allow-list, never put into the page as markup:
 * names and notes in it come from people.
 */
import { h } from 'preact';

const plain = new Set(['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'br']);

/** A link that opens this very bot, and presses Start there. */
const ownBot = /^https:\/\/t\.me\/malipo_bot\?start=([\w-]{1,64})$/;

/** @typedef {(payload: string) => void} Follow */

/** @param {{ source: string, follow: Follow }} props */
export function Rich({ source, follow }) {
  const body = new DOMParser().parseFromString(source, 'text/html').body;
  return h('span', null, ...children(body, follow));
}

/** @param {Node} node @param {Follow} follow @returns {import('preact').ComponentChild[]} */
function children(node, follow) {
  return [...node.childNodes].map((child) => one(child, follow));
}

/** @param {Node} node @param {Follow} follow @returns {import('preact').ComponentChild} */
function one(node, follow) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  const inside = children(node, follow);
  if (plain.has(name)) return h(name, null, ...inside);
  const href = name === 'a' ? (node.getAttribute('href') ?? '') : '';
  const payload = ownBot.exec(href)?.[1];
  // Telegram's own site knows nothing of this desk.
  if (payload !== undefined)
    return h('button', { type: 'button', class: 'link', onClick: () => follow(payload) }, ...inside);
  if (/^https?:\/\//.test(href))
    return h('a', { href, target: '_blank', rel: 'noreferrer noopener' }, ...inside);
  return h('span', null, ...inside);
}
