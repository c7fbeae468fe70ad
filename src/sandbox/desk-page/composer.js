/** Where a person types, and what can be attached. */
import { html } from 'htm/preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useWords } from './words.js';

/** @typedef {(action: Record<string, unknown>) => Promise<boolean>} Ask */

/**
 * @param {{ draft: string, setDraft: (text: string) => void, ask: Ask, label: string,
 *   field: import('preact').RefObject<HTMLTextAreaElement>, channel: import('./state.js').Channel }} props
 */
export function Composer({ draft, setDraft, ask, label, field, channel }) {
  const w = useWords();
  const send = async () => {
    const text = draft.trim();
    if (text === '') return;
    setDraft('');
    if (!(await ask({ action: 'say', text }))) setDraft(text);
    field.current?.focus();
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  return html`
    <div class="composer">
      <${Attach} ask=${ask} label=${label} channel=${channel} />
      <textarea
        ref=${field}
        rows="1"
        placeholder=${w('message')}
        aria-label=${`${w('message')}: ${label}`}
        value=${draft}
        onInput=${(/** @type {InputEvent} */ event) => setDraft(/** @type {HTMLTextAreaElement} */ (event.target).value)}
        onKeyDown=${onKey}
      ></textarea>
      <button type="button" class="send" aria-label=${`${w('send')}: ${label}`} onClick=${send}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 12 20 5l-5 15-3.5-6z" /></svg>
      </button>
    </div>
  `;
}

/** @param {{ ask: Ask, label: string, channel: import('./state.js').Channel }} props */
function Attach({ ask, label, channel }) {
  const w = useWords();
  const [open, setOpen] = useState(false);
  const [contact, setContact] = useState(false);
  const clip = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const file = useRef(/** @type {HTMLInputElement | null} */ (null));
  const close = () => {
    setOpen(false);
    setContact(false);
  };
  useEffect(() => {
    if (!open) return undefined;
    /** @param {Event} event */
    const outside = (event) => {
      if (!root.current?.contains(/** @type {Node} */ (event.target))) close();
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  /** @param {Record<string, unknown>} action */
  const choose = (action) => {
    close();
    void ask(action);
  };
  const sendFile = async () => {
    const chosen = file.current?.files?.[0];
    if (chosen === undefined) return;
    choose({ action: 'file', name: chosen.name, base64: await base64(chosen) });
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key !== 'Escape' || !open) return;
    close();
    clip.current?.focus();
  };
  return html`
    <div class="attach" ref=${root} onKeyDown=${onKey}>
      <button type="button" ref=${clip} class="clip" aria-label=${`${w('attach')}: ${label}`} aria-expanded=${open} onClick=${() => setOpen(!open)}>
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5v14M5 12h14" /></svg>
      </button>
      <input ref=${file} type="file" hidden onChange=${sendFile} />
      ${
        open &&
        html`<div class="attach-menu">
          ${
            contact
              ? html`<${ContactForm} choose=${choose} />`
              : html`
                <button type="button" onClick=${() => choose({ action: 'share' })}>${w('shareOwn')}</button>
                <button type="button" onClick=${() => setContact(true)}>${w('shareOther')}</button>
                <button type="button" onClick=${() => file.current?.click()}>${w('file')}</button>
                <button type="button" onClick=${() => choose({ action: 'sticker' })}>${w('sticker')}</button>
                ${channel === 'whatsapp' && html`<button type="button" onClick=${() => choose({ action: 'day-later' })}>${w('dayLater')}</button>`}
              `
          }
        </div>`
      }
    </div>
  `;
}

/** @param {{ choose: (action: Record<string, unknown>) => void }} props */
function ContactForm({ choose }) {
  const w = useWords();
  const first = useRef(/** @type {HTMLInputElement | null} */ (null));
  useLayoutEffect(() => first.current?.focus(), []);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    choose({ action: 'contact', name: String(form.get('name')), phone: String(form.get('phone')) });
  };
  return html`<form onSubmit=${submit}>
    <label>${w('name')} <input ref=${first} name="name" required maxlength="64" /></label>
    <label>${w('number')} <input name="phone" required inputmode="tel" maxlength="40" /></label>
    <button type="submit">${w('send')}</button>
  </form>`;
}

/** @param {File} file @returns {Promise<string>} */
async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
