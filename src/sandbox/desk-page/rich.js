/**
 * Telegram's HTML as elements. It is parsed as data and rebuilt from an allow-list, never put into the page as markup:
 * names and notes in it come from people.
 */
import { h } from 'preact';

const plain = new Set(['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'br']);

/** @param {{ source: string }} props */
export function Rich({ source }) {
  const body = new DOMParser().parseFromString(source, 'text/html').body;
  return h('span', null, ...children(body));
}

/** @param {Node} node @returns {import('preact').ComponentChild[]} */
function children(node) {
  return [...node.childNodes].map(one);
}

/** @param {Node} node @returns {import('preact').ComponentChild} */
function one(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  if (plain.has(name)) return h(name, null, ...children(node));
  const href = name === 'a' ? (node.getAttribute('href') ?? '') : '';
  if (/^https?:\/\//.test(href))
    return h('a', { href, target: '_blank', rel: 'noreferrer noopener' }, ...children(node));
  return h('span', null, ...children(node));
}
