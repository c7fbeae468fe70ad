/** A chat with the bot, as one person sees it on the platform of their phone. */
import { html } from 'htm/preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { ChannelContext, ChannelSwitch } from './channels.js';
import { Composer } from './composer.js';
import { Rich } from './rich.js';
import { act, clock } from './state.js';
import { ListSheet, Replies, Ticks } from './whatsapp.js';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Person} Person */
/** @typedef {import('./state.js').Message} Message */
/** @typedef {import('./state.js').Chat} ChatState */
/** @typedef {import('./state.js').Channel} Channel */

const nearBottom = 80;

/** @param {{ person: Person, label: string, suggestion: string | null }} props */
export function Chat(props) {
  const { of } = useContext(ChannelContext);
  const channel = of(props.person.id);
  return html`<${OneChat} key=${channel} channel=${channel} ...${props} />`;
}

/** @param {{ person: Person, label: string, suggestion: string | null, channel: Channel }} props */
function OneChat({ person, label, suggestion, channel }) {
  const chat = person.chats[channel];
  const { choose } = useContext(ChannelContext);
  const [toast, say] = useToast(chat);
  const [list, setList] = useState(/** @type {Message | null} */ (null));
  const w = useWords();
  const [draft, setDraft] = useState('');
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const view = useScroll(chat);
  useRead(person, chat, view);
  /** @param {Record<string, unknown>} action */
  const ask = async (action) => {
    const refused = await act({ ...action, person: person.id, channel });
    if (refused !== null) say(refused || w('noAnswer'));
    return refused === null;
  };
  /** A link into this bot is for a customer: who has it in the shop's own chat has it to pass on. */
  /** @param {Channel} there @param {string} text */
  const follow = async (there, text) => {
    const by = person.id === 'new' ? 'new' : 'customer';
    const refused = await act({ action: 'say', person: by, channel: there, text });
    if (refused !== null) return say(refused || w('noAnswer'));
    choose(by, there);
    if (by !== person.id) say(w(there === 'telegram' ? 'followed' : 'followedThere'));
  };
  /** @param {string | null} data */
  const chooseRow = (data) => {
    setList(null);
    void ask({ action: 'press', messageId: list?.id, data });
  };
  /** @param {string} text */
  const suggest = (text) => {
    setDraft(text);
    field.current?.focus();
  };
  const empty = chat.messages.every((message) => message.fromBot);
  return html`
    <div class=${`chat ${channel}`}>
      <header class="chat-head">
        <span class="avatar" aria-hidden="true">m</span>
        <span><strong>${chat.botName}</strong><small>${chat.number === null ? 'bot' : w('businessAccount')}</small></span>
        <${ChannelSwitch} person=${person} label=${label} />
      </header>
      <div class="messages" ref=${view} role="log" aria-live="polite" aria-label=${`${label}: ${w('messages')}`} tabindex="0">
        <div class="spring"></div>
        ${chat.messages.map(
          (message) =>
            html`<${Bubble} key=${message.id} message=${message} ask=${ask} follow=${follow} open=${setList} />`,
        )}
      </div>
      ${toast !== null && html`<p class="toast" role="status">${toast}</p>`}
      ${!chat.windowOpen && html`<p class="window-note" role="status">${w('windowClosed')}</p>`}
      <${ReplyKeys} chat=${chat} ask=${ask} />
      ${
        suggestion !== null &&
        empty &&
        draft === '' &&
        html`<${Suggestion} text=${suggestion} use=${suggest} />`
      }
      <${Composer} draft=${draft} setDraft=${setDraft} ask=${ask} label=${label} field=${field} channel=${channel} />
      ${list !== null && html`<${ListSheet} message=${list} choose=${chooseRow} close=${() => setList(null)} />`}
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
 *   follow: import('./rich.js').Follow, open: (message: Message) => void }} props
 */
function Bubble({ message, ask, follow, open }) {
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
          ${message.edited ? `${w('edited')} ` : ''}${clock(message.date)}${message.ticks && html`<${Ticks} ticks=${message.ticks} />`}
        </time>
      </div>
      ${message.ticks !== undefined && html`<${Replies} message=${message} busy=${busy} press=${press} open=${open} />`}
      ${(message.ticks === undefined ? message.buttons : []).map(
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

/** @param {{ message: Message, follow: import('./rich.js').Follow }} props */
function Content({ message, follow }) {
  const { contact, file, sticker, quote } = message;
  return html`
    ${quote && html`<p class="quote">${quote}</p>`}
    ${contact && html`<p class="card-line">👤 <strong>${contact.name}</strong> ${contact.phone}</p>`}
    ${sticker && html`<p class="sticker">${sticker}</p>`}
    ${file?.isPhoto && html`<img src=${`/desk/file/${encodeURIComponent(file.id)}`} alt=${file.name} />`}
    ${
      file &&
      !file.isPhoto &&
      html`<p class="card-line">📄 <a href=${`/desk/file/${encodeURIComponent(file.id)}`} target="_blank" rel="noreferrer">${file.name}</a></p>`
    }
    <${Rich} source=${message.html} follow=${follow} />
  `;
}

/** @param {{ chat: ChatState, ask: (action: Record<string, unknown>) => Promise<boolean> }} props */
function ReplyKeys({ chat, ask }) {
  const w = useWords();
  const rows = chat.replyKeyboard;
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
 * @param {ChatState} chat
 * @returns {[string | null, (text: string) => void]}
 */
function useToast({ toast }) {
  const [shown, setShown] = useState(/** @type {string | null} */ (null));
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

/**
 * WhatsApp tells the bot what was looked at: everything that has arrived, once the chat is on the screen.
 *
 * @param {Person} person
 * @param {ChatState} chat
 * @param {{ readonly current: HTMLElement | null }} view
 */
function useRead(person, { unread, bell }, view) {
  const told = useRef('');
  useEffect(() => {
    const now = `${bell} ${unread}`;
    if (unread === 0 || told.current === now || !view.current?.clientHeight) return;
    told.current = now;
    void act({ action: 'read', person: person.id, channel: 'whatsapp' });
  });
}

/** Follows the newest message, unless somebody has scrolled up to read. @param {import('./state.js').Chat} chat */
function useScroll(chat) {
  const ref = useRef(/** @type {HTMLElement | null} */ (null));
  const follows = useRef(true);
  useEffect(() => {
    const list = ref.current;
    if (list === null) return undefined;
    let stoodAt = 0;
    const look = () => {
      if (list.clientHeight === 0) return;
      const isNear = list.scrollHeight - list.scrollTop - list.clientHeight < nearBottom;
      // What grew since we scrolled is nobody's scrolling up.
      if (isNear || list.scrollTop < stoodAt) follows.current = isNear;
      stoodAt = list.scrollTop;
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
