/** Which platform each phone has open: a choice of whoever looks at the page, remembered in the browser. */
import { html } from 'htm/preact';
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { act } from './state.js';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Channel} Channel */
/** @typedef {import('./state.js').Person} Person */

export const channels = /** @type {const} */ (['telegram', 'whatsapp']);

/**
 * @typedef {{ of: (person: string) => Channel, choose: (person: string, channel: Channel) => void }} Choice
 */
export const ChannelContext = createContext(
  /** @type {Choice} */ ({ of: () => 'telegram', choose: () => undefined }),
);

/** @returns {Choice} */
export function useChoice() {
  const [chosen, setChosen] = useState(saved());
  useEffect(() => localStorage.setItem('channels', JSON.stringify(chosen)), [chosen]);
  return {
    of: (person) => (chosen[person] === 'whatsapp' ? 'whatsapp' : 'telegram'),
    choose: (person, channel) => {
      setChosen((before) => ({ ...before, [person]: channel }));
      // The operator makes the owner and the manager members of the shop there, which takes a moment.
      if (channel === 'whatsapp') void act({ action: 'join', person, channel });
    },
  };
}

/** @returns {Record<string, unknown>} */
function saved() {
  try {
    const read = JSON.parse(localStorage.getItem('channels') ?? '{}');
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return {};
  }
}

/** @param {{ person: Person, label: string }} props */
export function ChannelSwitch({ person, label }) {
  const w = useWords();
  const { of, choose } = useContext(ChannelContext);
  const channel = of(person.id);
  const [seen, setSeen] = useState(bells(person));
  const now = bells(person);
  useEffect(
    // An empty desk has less than was seen before.
    () =>
      setSeen((before) => ({
        telegram: channel === 'telegram' ? now.telegram : Math.min(before.telegram, now.telegram),
        whatsapp: channel === 'whatsapp' ? now.whatsapp : Math.min(before.whatsapp, now.whatsapp),
      })),
    [channel, now.telegram, now.whatsapp],
  );
  return html`<div class="channel-switch" role="group" aria-label=${`${w('chat')}: ${label}`}>
    ${channels.map(
      (
        name,
      ) => html`<button type="button" key=${name} aria-pressed=${channel === name} onClick=${() => choose(person.id, name)}>
        ${w(name)}${name !== channel && now[name] > seen[name] && html`<span class="dot-new"><span class="hidden">, ${w('news')}</span></span>`}
      </button>`,
    )}
  </div>`;
}

/** @param {Person} person */
function bells({ chats }) {
  return { telegram: chats.telegram.bell, whatsapp: chats.whatsapp.bell };
}

/** For all phones at once. @param {{ people: Person[] }} props */
export function ChannelForAll({ people }) {
  const w = useWords();
  const { of, choose } = useContext(ChannelContext);
  const used = new Set(people.map(({ id }) => of(id)));
  const [only] = used;
  /** @param {Event} event */
  const all = (event) => {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    for (const { id } of people) choose(id, value === 'whatsapp' ? 'whatsapp' : 'telegram');
  };
  return html`<label class="fact stage">
    ${w('chat')}:
    <select value=${used.size > 1 ? '' : only} onChange=${all}>
      ${used.size > 1 && html`<option value="">${w('both')}</option>`}
      ${channels.map((name) => html`<option key=${name} value=${name}>${w(name)}</option>`)}
    </select>
  </label>`;
}
