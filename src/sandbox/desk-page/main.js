/** The desk: phones side by side on a wide screen, one at a time with tabs on a narrow one. */
import { html } from 'htm/preact';
import { render } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { ChannelContext, ChannelForAll, useChoice } from './channels.js';
import { Chat } from './chat.js';
import { Handset } from './handset.js';
import { useDesk } from './state.js';
import { Story } from './story.js';
import { LanguageContext, useWords } from './words.js';

/** @typedef {import('./state.js').Desk} Desk */
/** @typedef {import('./words.js').Language} Language */

const places = /** @type {const} */ (['shop', 'customer', 'manager', 'new', 'story']);
/** On a wide screen they take turns on the third phone. */
const sharing = /** @type {const} */ (['manager', 'new']);
/** WhatsApp has no commands with a slash. */
const suggestions = {
  telegram: { shop: '500 0712345678 lunch', manager: '/review', new: '/start' },
  whatsapp: { shop: '500 0712345678 lunch', manager: 'menu', new: 'hi' },
};

function App() {
  const { desk, live } = useDesk();
  const choice = useChoice();
  const [language, setLanguage] = useState(savedLanguage());
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem('language', language);
  }, [language]);
  return html`<${LanguageContext.Provider} value=${language}>
    <${ChannelContext.Provider} value=${choice}>
      <${Banner} desk=${desk} live=${live} />
      <${Header} desk=${desk} language=${language} setLanguage=${setLanguage} />
      ${desk !== null && html`<${Places} desk=${desk} />`}
    <//>
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
  const connected = (desk?.gateways ?? [])
    .filter(({ state }) => state === 'connected')
    .map(({ title }) => title);
  return html`<header class="top">
    <h1>malipo<span>.</span></h1>
    <p>${w('tagline')}</p>
    <span class="fact stage">${w('gateway')}: ${connected.length === 0 ? '…' : connected.join(', ')}</span>
    <${ChannelForAll} people=${desk?.people ?? []} />
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
  const [seat, setSeat] = useState(/** @type {typeof sharing[number]} */ ('manager'));
  const news = useNews(desk, place);
  const seatNews = useNews(desk, seat);
  const people = new Map(desk.people.map((person) => [person.id, person]));
  /** @param {string} id */
  const seated = (id) => {
    const person = people.get(id);
    return person === undefined ? null : html`<${Place} key=${id} desk=${desk} person=${person} />`;
  };
  return html`
    <${Tabs} names=${places} chosen=${place} choose=${setPlace} news=${news} kind="tabs" label=${w('places')} />
    <main class="desk" data-place=${place}>
      ${seated('shop')} ${seated('customer')}
      <div class="seat" data-seat=${seat}>
        <${Tabs} names=${sharing} chosen=${seat} choose=${setSeat} news=${seatNews} kind="seat-tabs" label=${w('thirdPhone')} />
        ${sharing.map(seated)}
      </div>
      <div class="place" data-name="story"><${Story} desk=${desk} /></div>
    </main>
  `;
}

/**
 * @template {import('./words.js').Word} Name
 * @param {{ names: readonly Name[], chosen: Name, choose: (name: Name) => void, news: ReadonlySet<string>, kind: string,
 *   label: string }} props
 */
function Tabs({ names, chosen, choose, news, kind, label }) {
  const w = useWords();
  return html`<nav class=${kind} role="tablist" aria-label=${label}>
    ${names.map(
      (
        name,
      ) => html`<button type="button" key=${name} role="tab" aria-selected=${chosen === name} onClick=${() => choose(name)}>
        ${w(name)}${news.has(name) && html`<span class="dot-new"><span class="hidden">, ${w('news')}</span></span>`}
      </button>`,
    )}
  </nav>`;
}

/** @param {{ desk: Desk, person: import('./state.js').Person }} props */
function Place({ desk, person }) {
  const phone = desk.phones.find(({ owner }) => owner === person.id);
  const { of } = useContext(ChannelContext);
  /** @type {Readonly<Record<string, string>>} */
  const suggested = suggestions[of(person.id)];
  const suggestion = suggested[person.id] ?? null;
  return html`<section class="place" data-name=${person.id} aria-label=${person.title}>
    <h2 class="owner">${person.title}</h2>
    <div class="phone">
      ${
        phone === undefined
          ? html`<${Chat} person=${person} label=${person.title} suggestion=${suggestion} />`
          : html`<${Handset}
              phone=${phone}
              person=${person}
              label=${person.title}
              suggestion=${suggestion}
              first=${person.id === 'customer' ? 'home' : 'chat'}
            />`
      }
    </div>
  </section>`;
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
  // A prompt that is over, and an empty desk, leave less to be seen than there was.
  useEffect(
    () =>
      setSeen((before) =>
        Object.fromEntries(
          Object.entries(now).map(([name, count]) => [
            name,
            name === place ? count : Math.min(count, before[name] ?? 0),
          ]),
        ),
      ),
    [place, JSON.stringify(now)],
  );
  return new Set(places.filter((name) => name !== place && (now[name] ?? 0) > (seen[name] ?? 0)));
}

/** @param {Desk} desk @returns {Record<string, number>} */
function counts(desk) {
  const people = desk.people.map((person) => {
    const phone = desk.phones.find(({ owner }) => owner === person.id);
    const { telegram, whatsapp } = person.chats;
    // An edited card rings no phone, but on a hidden one it is news.
    const chat = telegram.bell + telegram.edits + whatsapp.bell;
    return [person.id, chat + (phone?.sms.length ?? 0) + (phone?.prompts.length ?? 0)];
  });
  return Object.fromEntries([...people, ['story', 0]]);
}

const root = document.getElementById('desk');
if (root !== null) {
  root.replaceChildren();
  render(html`<${App} />`, root);
}
