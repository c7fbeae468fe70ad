/**
 * Telegram's HTML as elements. It is parsed as data and rebuilt from an allow-list, never put into the page as markup:
 * names and notes in it come from people.
 */
import { h } from 'preact';

const plain = new Set(['b', 'strong', 'i', 'em', 'u', 's', 'code', 'pre', 'br']);

/** Links that open a chat with this very bot: Telegram presses Start there, WhatsApp has words ready to be sent. */
const ownBot = /^https:\/\/t\.me\/malipo_bot\?start=([\w-]{1,64})$/;
const ownNumber = /^https:\/\/wa\.me\/254201234567\?text=([\w%+-]{1,200})$/;

/** @typedef {(channel: import('./state.js').Channel, text: string) => void} Follow */

/** @param {{ source: string, follow: Follow }} props WhatsApp's addresses are bare text: they are links all the same. */
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
  if (node.nodeType === Node.TEXT_NODE) return withLinks(node.textContent ?? '', follow);
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  const inside = children(node, follow);
  if (plain.has(name)) return h(name, null, ...inside);
  const href = name === 'a' ? (node.getAttribute('href') ?? '') : '';
  if (href !== '') return link(href, [node.textContent], follow);
  return h('span', null, ...inside);
}

const address = /(https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)])/;

/** @param {string} text @param {Follow} follow @returns {import('preact').ComponentChild} */
function withLinks(text, follow) {
  const parts = text.split(address);
  return parts.length === 1
    ? text
    : parts.map((part, at) => (at % 2 === 1 ? link(part, [part], follow) : part));
}

/** @param {string} href @param {import('preact').ComponentChild[]} inside @param {Follow} follow */
function link(href, inside, follow) {
  const action = ownDoor(href);
  // The platforms' own sites know nothing of this desk.
  if (action !== null)
    return h('button', { type: 'button', class: 'link', onClick: () => follow(...action) }, ...inside);
  if (/^https?:\/\//.test(href))
    return h('a', { href, target: '_blank', rel: 'noreferrer noopener' }, ...inside);
  return h('span', null, ...inside);
}

/** @param {string} href @returns {Parameters<Follow> | null} */
function ownDoor(href) {
  const start = ownBot.exec(href)?.[1];
  if (start !== undefined) return ['telegram', `/start ${start}`];
  const text = ownNumber.exec(href)?.[1];
  return text === undefined ? null : ['whatsapp', decodeURIComponent(text.replaceAll('+', ' '))];
}
