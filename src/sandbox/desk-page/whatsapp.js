/** What only WhatsApp has: buttons as part of the bubble, lists that open from below, ticks. */
import { html } from 'htm/preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Message} Message */

const marks = { waiting: '🕓', sent: '✓', delivered: '✓✓', read: '✓✓' };

/** @param {{ ticks: NonNullable<Message['ticks']> }} props */
export function Ticks({ ticks }) {
  const w = useWords();
  return html` <span class=${`ticks ${ticks}`} title=${w(ticks)}><span aria-hidden="true">${marks[ticks]}</span><span class="hidden">${w(ticks)}</span></span>`;
}

const reply = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 6 4 12l6 6M4 12h9a7 7 0 0 1 7 7" /></svg>`;

/**
 * @param {{ message: Message, busy: boolean, press: (data: string | null) => void,
 *   open: (message: Message) => void }} props
 */
export function Replies({ message, busy, press, open }) {
  const { menu, buttons } = message;
  if (menu !== undefined)
    return html`<div class="wa-replies">
      <button type="button" aria-haspopup="dialog" disabled=${busy} onClick=${() => open(message)}><span aria-hidden="true">☰ </span>${menu}</button>
    </div>`;
  if (buttons.length === 0) return null;
  return html`<div class="wa-replies">
    ${buttons.flat().map((button) =>
      button.url === null
        ? html`<button type="button" key=${button.data} disabled=${busy} onClick=${() => press(button.data)}>
            ${reply}${button.text}
          </button>`
        : html`<a key=${button.url} href=${button.url} target="_blank" rel="noreferrer noopener"><span aria-hidden="true">↗ </span>${button.text}</a>`,
    )}
  </div>`;
}

/** @param {{ message: Message, choose: (data: string | null) => void, close: () => void }} props */
export function ListSheet({ message, choose, close }) {
  const w = useWords();
  const sheet = useRef(/** @type {HTMLElement | null} */ (null));
  // Before the next key can be pressed: Escape is heard by what has the focus.
  useLayoutEffect(() => {
    const before = document.activeElement;
    sheet.current?.querySelector('button')?.focus({ preventScroll: true });
    return () => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true });
  }, []);
  /** @param {KeyboardEvent} event */
  const onKey = (event) => event.key === 'Escape' && close();
  /** @param {Event} event */
  const beside = (event) => event.target === event.currentTarget && close();
  return html`<div class="sheet-back" onClick=${beside} onKeyDown=${onKey}>
    <section class="sheet" role="dialog" aria-modal="true" aria-label=${message.menu} ref=${sheet}>
      <header><strong>${message.menu}</strong><button type="button" class="sheet-close" aria-label=${w('close')} onClick=${close}>✕</button></header>
      <div class="sheet-rows">
        ${message.buttons.flat().map(
          (row) => html`<button type="button" key=${row.data} onClick=${() => choose(row.data)}>
            <span>${row.text}</span>${row.description && html`<small>${row.description}</small>`}
          </button>`,
        )}
      </div>
    </section>
  </div>`;
}
