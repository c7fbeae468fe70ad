/** The desk: phones side by side on a wide screen, one at a time with tabs on a narrow one. */
import { html } from 'htm/preact';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Chat } from './chat.js';
import { Handset } from './handset.js';
import { useDesk } from './state.js';
import { Story } from './story.js';
import { LanguageContext, useWords } from './words.js';

/** @typedef {import('./state.js').Desk} Desk */
/** @typedef {import('./words.js').Language} Language */

const places = /** @type {const} */ (['shop', 'customer', 'manager', 'new', 'story']);
const suggestions = { shop: '500 0712345678 lunch', manager: '/review', new: '/start' };

function App() {
  const { desk, live } = useDesk();
  const [language, setLanguage] = useState(savedLanguage());
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem('language', language);
  }, [language]);
  return html`<${LanguageContext.Provider} value=${language}>
    <${Banner} desk=${desk} live=${live} />
    <${Header} desk=${desk} language=${language} setLanguage=${setLanguage} />
    ${desk !== null && html`<${Places} desk=${desk} />`}
  <//>`;
}

/** @returns {Language} */
function savedLanguage() {
  return localStorage.getItem('language') === 'sw' ? 'sw' : 'en';
}

/** @param {{ desk: Desk | null, live: boolean }} props */
function Banner({ desk, live }) {
  const w = useWords();
  const state = desk?.app.state ?? 'starting';
  const text = !live && desk !== null ? w('reconnecting') : state === 'up' ? '' : w(state);
  return html`<div class="banner" role="status" aria-live="assertive" hidden=${text === ''}>${text}</div>`;
}

/** @param {{ desk: Desk | null, language: Language, setLanguage: (language: Language) => void }} props */
function Header({ desk, language, setLanguage }) {
  const w = useWords();
  /** @param {Event} event */
  const choose = (event) =>
    setLanguage(/** @type {HTMLSelectElement} */ (event.target).value === 'sw' ? 'sw' : 'en');
  return html`<header class="top">
    <h1>malipo<span>.</span></h1>
    <p>${w('tagline')}</p>
    <span class="fact">${w('gateway')}: ${desk?.gateway.title ?? '…'}</span>
    <span class="fact">${w('chat')}: Telegram</span>
    <label class="fact">
      <span class="hidden">${w('language')}</span>
      <select value=${language} onChange=${choose}>
        <option value="en">English</option>
        <option value="sw">Kiswahili</option>
      </select>
    </label>
  </header>`;
}

/** @param {{ desk: Desk }} props */
function Places({ desk }) {
  const w = useWords();
  const [place, setPlace] = useState(/** @type {typeof places[number]} */ ('shop'));
  const news = useNews(desk, place);
  return html`
    <nav class="tabs" role="tablist" aria-label="Malipo">
      ${places.map(
        (
          name,
        ) => html`<button type="button" key=${name} role="tab" aria-selected=${place === name} onClick=${() => setPlace(name)}>
          ${w(name)}${news.has(name) && html`<span class="dot-new" aria-hidden="true"></span>`}
        </button>`,
      )}
    </nav>
    <main class="desk" data-place=${place}>
      ${desk.people.map((person) => html`<${Place} key=${person.id} desk=${desk} person=${person} />`)}
      <div class="place" data-name="story"><${Story} desk=${desk} /></div>
    </main>
  `;
}

/** @param {{ desk: Desk, person: import('./state.js').Person }} props */
function Place({ desk, person }) {
  const phone = desk.phones.find(({ owner }) => owner === person.id);
  const suggestion =
    person.id in suggestions ? suggestions[/** @type {keyof typeof suggestions} */ (person.id)] : null;
  return html`<div class="place" data-name=${person.id}>
    <h2 class="owner">${person.title}</h2>
    <div class="phone">
      ${
        person.id === 'customer' && phone !== undefined
          ? html`<${Handset} phone=${phone} person=${person} label=${person.title} />`
          : html`<${Chat} person=${person} label=${person.title} suggestion=${suggestion} />`
      }
    </div>
  </div>`;
}

/**
 * The places where something happened since they were last looked at, for the dots on the tabs.
 *
 * @param {Desk} desk
 * @param {string} place
 */
function useNews(desk, place) {
  const [seen, setSeen] = useState(/** @type {Record<string, number>} */ (counts(desk)));
  const now = counts(desk);
  useEffect(() => setSeen((before) => ({ ...before, [place]: now[place] ?? 0 })), [place, now[place]]);
  return new Set(places.filter((name) => name !== place && (now[name] ?? 0) > (seen[name] ?? 0)));
}

/** @param {Desk} desk @returns {Record<string, number>} */
function counts(desk) {
  const people = desk.people.map((person) => {
    const phone = desk.phones.find(({ owner }) => owner === person.id);
    return [person.id, person.chat.bell + (phone?.sms.length ?? 0) + (phone?.prompts.length ?? 0)];
  });
  return Object.fromEntries([...people, ['story', 0]]);
}

const root = document.getElementById('desk');
if (root !== null) {
  root.replaceChildren();
  render(html`<${App} />`, root);
}
