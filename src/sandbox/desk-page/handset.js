/** A whole phone: a home screen over which M-Pesa asks for the PIN, the SMS inbox, and the chat. */
import { html } from 'htm/preact';
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks';
import { ChannelContext } from './channels.js';
import { Chat } from './chat.js';
import { act, clock } from './state.js';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Phone} Phone */
/** @typedef {import('./state.js').Prompt} Prompt */
/** @typedef {import('./state.js').Person} Person */

const tabs = /** @type {const} */ (['home', 'sms', 'chat']);
/** @typedef {typeof tabs[number]} Tab */

/** @param {{ phone: Phone, person: Person, label: string, suggestion: string | null, first: Tab }} props */
export function Handset({ phone, person, label, suggestion, first }) {
  const w = useWords();
  const [tab, setTab] = useState(first);
  const { of } = useContext(ChannelContext);
  const unread = useUnread(phone, person, tab);
  const prompt = phone.on ? phone.prompts[0] : undefined;
  return html`
    <div class="handset">
      <div class="screen" inert=${prompt !== undefined}>
        <div class="handset-tabs" role="tablist" aria-label=${`${w('apps')}: ${label}`}>
          ${tabs.map(
            (
              name,
            ) => html`<button type="button" key=${name} role="tab" aria-selected=${tab === name} onClick=${() => setTab(name)}>
              ${w(name === 'chat' ? of(person.id) : name)}${unread[name] > 0 && html`<span class="count">${unread[name]}<span class="hidden"> ${w('unread')}</span></span>`}
            </button>`,
          )}
        </div>
        ${tab === 'home' && html`<${Home} phone=${phone} />`}
        ${tab === 'sms' && html`<${Inbox} phone=${phone} label=${label} />`}
        ${tab === 'chat' && html`<${Chat} person=${person} label=${label} suggestion=${suggestion} />`}
      </div>
      ${prompt && html`<${PinDialog} key=${prompt.id} prompt=${prompt} />`}
    </div>
  `;
}

/**
 * What came since a tab was last open.
 *
 * @param {Phone} phone
 * @param {Person} person
 * @param {Tab} tab
 */
function useUnread({ sms }, { chats }, tab) {
  const bell = chats.telegram.bell + chats.whatsapp.bell;
  const [read, setRead] = useState({ sms: sms.length, chat: bell });
  useEffect(() => {
    // An empty desk has less than was read before.
    setRead((before) => ({
      sms: tab === 'sms' ? sms.length : Math.min(before.sms, sms.length),
      chat: tab === 'chat' ? bell : Math.min(before.chat, bell),
    }));
  }, [tab, sms.length, bell]);
  return { home: 0, sms: sms.length - read.sms, chat: bell - read.chat };
}

/** @param {{ phone: Phone }} props */
function Home({ phone }) {
  const w = useWords();
  useTick();
  const kes = (phone.balanceCents / 100).toLocaleString('en-KE');
  const [refused, setRefused] = useState('');
  const turn = async () => {
    const sentence = await act({ action: 'phone', msisdn: phone.msisdn, on: !phone.on });
    setRefused(sentence === null ? '' : sentence || w('noAnswer'));
  };
  return html`<div class=${phone.on ? 'home' : 'home dark'}>
    <p class="wall-clock" aria-hidden="true">${clock(new Date().toISOString())}</p>
    ${
      phone.on
        ? html`<p class="balance">${w('balance')}<strong>KES ${kes}</strong></p>
          <p class="hint">${w('waitingHome')}</p>`
        : html`<p class="hint">${w('off')}</p>`
    }
    <p class="hint refused" role="status">${refused}</p>
    <button type="button" class="power" onClick=${turn}>${w(phone.on ? 'turnOff' : 'turnOn')}</button>
  </div>`;
}

const tickMs = 5000;

/** So that a clock goes on where nothing else happens. */
function useTick() {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), tickMs);
    return () => clearInterval(timer);
  }, []);
}

/** @param {{ phone: Phone, label: string }} props */
function Inbox({ phone, label }) {
  const w = useWords();
  if (phone.sms.length === 0) return html`<p class="nothing">${w('noSms')}</p>`;
  return html`<ol class="inbox" tabindex="0" aria-label=${`${w('sms')}: ${label}`}>
    ${phone.sms.toReversed().map(
      (sms) => html`<li key=${sms.id}>
        <strong>${sms.from}</strong><time datetime=${sms.at}>${clock(sms.at)}</time>
        <p>${sms.text}</p>
      </li>`,
    )}
  </ol>`;
}

/** What the SIM shows, over whatever is open. It takes the focus only from a page where nobody is typing. */
/** @param {{ prompt: Prompt }} props */
function PinDialog({ prompt }) {
  const w = useWords();
  const [pin, setPin] = useState('');
  const [refused, setRefused] = useState('');
  const id = useId();
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    const typing =
      document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value !== '';
    const visible = field.current?.checkVisibility() ?? false;
    if (!typing && visible) field.current?.focus({ preventScroll: true });
  }, []);
  /** @param {Record<string, unknown>} action */
  const answer = async (action) => {
    const sentence = await act({ ...action, promptId: prompt.id });
    if (sentence !== null) setRefused(sentence || w('noAnswer'));
  };
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    void answer({ action: 'pin', pin });
  };
  const question = `${w('pay')} KES ${prompt.amount} ${w('to')} ${prompt.merchant}, ${w('account')} ${prompt.account}?`;
  return html`<div class="sim">
    <form class="sim-card" role="dialog" aria-labelledby=${`${id}-title`} aria-describedby=${`${id}-question`} onSubmit=${submit}>
      <h3 id=${`${id}-title`}>M-PESA</h3>
      <p id=${`${id}-question`}>${question}</p>
      <label>
        ${w('enterPin')}
        <input
          ref=${field}
          type="password"
          inputmode="numeric"
          autocomplete="off"
          maxlength="4"
          value=${pin}
          onInput=${(/** @type {InputEvent} */ event) =>
            setPin(/** @type {HTMLInputElement} */ (event.target).value.replace(/\D/g, ''))}
        />
      </label>
      <small role="status">${refused || w('pinHint')}</small>
      <div class="sim-keys">
        <button type="button" onClick=${() => answer({ action: 'cancel' })}>${w('cancel')}</button>
        <button type="submit" class="ok" disabled=${pin.length < 4}>${w('ok')}</button>
      </div>
    </form>
  </div>`;
}
