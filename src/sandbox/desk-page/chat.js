/** A Telegram chat with the bot, as one person sees it. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Composer } from './composer.js';
import { Rich } from './rich.js';
import { act, clock } from './state.js';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Person} Person */
/** @typedef {import('./state.js').Message} Message */

const nearBottom = 80;

/** @param {{ person: Person, label: string, suggestion: string | null }} props */
export function Chat({ person, label, suggestion }) {
  const [toast, say] = useToast(person);
  const w = useWords();
  const [draft, setDraft] = useState('');
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const list = useScroll(person.chat);
  /** @param {Record<string, unknown>} action */
  const ask = async (action) => {
    const refused = await act({ ...action, person: person.id });
    if (refused !== null) say(refused || w('noAnswer'));
    return refused === null;
  };
  /** A link into this bot is for a customer: who has it in the shop's own chat has it to pass on. */
  /** @param {string} payload */
  const follow = async (payload) => {
    const by = person.id === 'new' ? 'new' : 'customer';
    const refused = await act({ action: 'say', person: by, text: `/start ${payload}` });
    if (refused !== null) say(refused || w('noAnswer'));
    else if (by !== person.id) say(w('followed'));
  };
  /** @param {string} text */
  const suggest = (text) => {
    setDraft(text);
    field.current?.focus();
  };
  const empty = person.chat.messages.every((message) => message.fromBot);
  return html`
    <div class="chat">
      <header class="chat-head">
        <span class="avatar" aria-hidden="true">m</span>
        <span><strong>${person.chat.botName}</strong><small>bot</small></span>
      </header>
      <div class="messages" ref=${list} role="log" aria-live="polite" aria-label=${`${label}: ${w('messages')}`} tabindex="0">
        <div class="spring"></div>
        ${person.chat.messages.map(
          (message) => html`<${Bubble} key=${message.id} message=${message} ask=${ask} follow=${follow} />`,
        )}
      </div>
      ${toast !== null && html`<p class="toast" role="status">${toast}</p>`}
      <${ReplyKeys} person=${person} ask=${ask} />
      ${
        suggestion !== null &&
        empty &&
        draft === '' &&
        html`<${Suggestion} text=${suggestion} use=${suggest} />`
      }
      <${Composer} draft=${draft} setDraft=${setDraft} ask=${ask} label=${label} field=${field} />
    </div>
  `;
}

/** @param {{ text: string, use: (text: string) => void }} props */
function Suggestion({ text, use }) {
  const w = useWords();
  return html`<p class="suggestion">
    ${w('tryThis')} <button type="button" class="chip" onClick=${() => use(text)}>${text}</button>
  </p>`;
}

/**
 * @param {{ message: Message, ask: (action: Record<string, unknown>) => Promise<boolean>,
 *   follow: (payload: string) => void }} props
 */
function Bubble({ message, ask, follow }) {
  const w = useWords();
  const [busy, setBusy] = useState(false);
  /** @param {string | null} data */
  const press = async (data) => {
    setBusy(true);
    await ask({ action: 'press', messageId: message.id, data });
    setBusy(false);
  };
  return html`
    <article class=${message.fromBot ? 'bubble-row bot' : 'bubble-row me'}>
      <div class="bubble">
        <${Content} message=${message} follow=${follow} />
        <time datetime=${message.date}>
          ${message.edited ? `${w('edited')} ` : ''}${clock(message.date)}
        </time>
      </div>
      ${message.buttons.map(
        (row, at) => html`<div class="button-row" key=${at}>
          ${row.map((button) =>
            button.url === null
              ? html`<button type="button" key=${button.text} disabled=${busy} onClick=${() => press(button.data)}>
                  ${button.text}
                </button>`
              : html`<a key=${button.text} href=${button.url} target="_blank" rel="noreferrer noopener">${button.text}</a>`,
          )}
        </div>`,
      )}
    </article>
  `;
}

/** @param {{ message: Message, follow: (payload: string) => void }} props */
function Content({ message, follow }) {
  const { contact, file, sticker } = message;
  return html`
    ${contact && html`<p class="card-line">👤 <strong>${contact.name}</strong> ${contact.phone}</p>`}
    ${sticker && html`<p class="sticker">${sticker}</p>`}
    ${file?.isPhoto && html`<img src=${`/desk/file/${file.id}`} alt=${file.name} />`}
    ${
      file &&
      !file.isPhoto &&
      html`<p class="card-line">📄 <a href=${`/desk/file/${file.id}`} target="_blank" rel="noreferrer">${file.name}</a></p>`
    }
    <${Rich} source=${message.html} follow=${follow} />
  `;
}

/** @param {{ person: Person, ask: (action: Record<string, unknown>) => Promise<boolean> }} props */
function ReplyKeys({ person, ask }) {
  const w = useWords();
  const rows = person.chat.replyKeyboard;
  if (rows === null) return null;
  return html`<div class="reply-keys" role="group" aria-label=${w('replies')}>
    ${rows
      .flat()
      .map(
        ({ text }) =>
          html`<button type="button" key=${text} onClick=${() => ask({ action: 'key', text })}>${text}</button>`,
      )}
  </div>`;
}

const toastMs = 4000;

/**
 * What is shown for a moment on top of the chat: the bot's answer to a press, or why the desk refused.
 *
 * @param {Person} person
 * @returns {[string | null, (text: string) => void]}
 */
function useToast(person) {
  const [shown, setShown] = useState(/** @type {string | null} */ (null));
  const { toast } = person.chat;
  useEffect(() => {
    if (toast !== null) setShown(toast.text);
  }, [toast?.id]);
  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => setShown(null), toastMs);
    return () => clearTimeout(timer);
  }, [shown]);
  return [shown, setShown];
}

/** Follows the newest message, unless somebody has scrolled up to read. @param {import('./state.js').Chat} chat */
function useScroll(chat) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const follows = useRef(true);
  useEffect(() => {
    const list = ref.current;
    if (list === null) return undefined;
    const look = () => {
      if (list.clientHeight === 0) return;
      follows.current = list.scrollHeight - list.scrollTop - list.clientHeight < nearBottom;
    };
    const keep = () => {
      if (follows.current) list.scrollTop = list.scrollHeight;
    };
    // A list that was hidden, or has lost room to the keys below it, stands where it stood before.
    const resized = new ResizeObserver(keep);
    resized.observe(list);
    // A picture takes its room once it is there.
    list.addEventListener('load', keep, { capture: true });
    list.addEventListener('scroll', look, { passive: true });
    return () => {
      resized.disconnect();
      list.removeEventListener('load', keep, { capture: true });
      list.removeEventListener('scroll', look);
    };
  }, []);
  useEffect(() => {
    const list = ref.current;
    if (list !== null && follows.current) list.scrollTop = list.scrollHeight;
  }, [chat.messages.length, chat.messages.at(-1)?.html, chat.bell]);
  return ref;
}
