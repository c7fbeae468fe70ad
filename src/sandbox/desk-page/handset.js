/** The customer's phone: a home screen over which M-Pesa asks for the PIN, the SMS inbox, and Telegram. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Chat } from './chat.js';
import { act, clock } from './state.js';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Phone} Phone */
/** @typedef {import('./state.js').Prompt} Prompt */
/** @typedef {import('./state.js').Person} Person */

const tabs = /** @type {const} */ (['home', 'sms', 'telegram']);

/** @param {{ phone: Phone, person: Person, label: string }} props */
export function Handset({ phone, person, label }) {
  const w = useWords();
  const [tab, setTab] = useState(/** @type {typeof tabs[number]} */ ('home'));
  const [read, setRead] = useState({ sms: phone.sms.length, telegram: person.chat.bell });
  const prompt = phone.on ? phone.prompts[0] : undefined;
  const unread = { home: 0, sms: phone.sms.length - read.sms, telegram: person.chat.bell - read.telegram };
  useEffect(() => {
    if (tab === 'sms') setRead((before) => ({ ...before, sms: phone.sms.length }));
    if (tab === 'telegram') setRead((before) => ({ ...before, telegram: person.chat.bell }));
  }, [tab, phone.sms.length, person.chat.bell]);
  return html`
    <div class="handset" aria-label=${label}>
      <div class="handset-tabs" role="tablist" aria-label=${label}>
        ${tabs.map(
          (
            name,
          ) => html`<button type="button" key=${name} role="tab" aria-selected=${tab === name} onClick=${() => setTab(name)}>
            ${w(name)}${unread[name] > 0 && html`<span class="count">${unread[name]}</span>`}
          </button>`,
        )}
      </div>
      ${tab === 'home' && html`<${Home} phone=${phone} />`}
      ${tab === 'sms' && html`<${Inbox} phone=${phone} />`}
      ${tab === 'telegram' && html`<${Chat} person=${person} label=${label} suggestion=${null} />`}
      ${prompt && html`<${PinDialog} key=${prompt.id} prompt=${prompt} />`}
    </div>
  `;
}

/** @param {{ phone: Phone }} props */
function Home({ phone }) {
  const w = useWords();
  const kes = (phone.balanceCents / 100).toLocaleString('en-KE');
  const turn = () => act({ action: 'phone', msisdn: phone.msisdn, on: !phone.on });
  return html`<div class=${phone.on ? 'home' : 'home dark'}>
    <p class="wall-clock" aria-hidden="true">${clock(new Date().toISOString())}</p>
    ${
      phone.on
        ? html`<p class="balance">${w('balance')}<strong>KES ${kes}</strong></p>
          <p class="hint">${w('waitingHome')}</p>`
        : html`<p class="hint">${w('off')}</p>`
    }
    <button type="button" class="power" onClick=${turn}>${w(phone.on ? 'turnOff' : 'turnOn')}</button>
  </div>`;
}

/** @param {{ phone: Phone }} props */
function Inbox({ phone }) {
  const w = useWords();
  if (phone.sms.length === 0) return html`<p class="nothing">${w('noSms')}</p>`;
  return html`<ol class="inbox" tabindex="0">
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
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => {
    const typing =
      document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value !== '';
    const visible = field.current?.checkVisibility() ?? false;
    if (!typing && visible) field.current?.focus({ preventScroll: true });
  }, []);
  /** @param {Record<string, unknown>} action */
  const answer = async (action) => setRefused((await act({ ...action, promptId: prompt.id })) ?? '');
  /** @param {Event} event */
  const submit = (event) => {
    event.preventDefault();
    void answer({ action: 'pin', pin });
  };
  const question = `${w('pay')} KES ${prompt.amount} ${w('to')} ${prompt.merchant}, ${w('account')} ${prompt.account}?`;
  return html`<div class="sim">
    <form class="sim-card" role="dialog" aria-labelledby="sim-title" aria-describedby="sim-question" onSubmit=${submit}>
      <h3 id="sim-title">M-PESA</h3>
      <p id="sim-question">${question}</p>
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
      <small>${refused || w('pinHint')}</small>
      <div class="sim-keys">
        <button type="button" onClick=${() => answer({ action: 'cancel' })}>${w('cancel')}</button>
        <button type="submit" class="ok" disabled=${pin.length < 4}>${w('ok')}</button>
      </div>
    </form>
  </div>`;
}
