/** Beside the phones: what can be made to go wrong, the payment as it happened, and what goes over the wire. */
import { html } from 'htm/preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { channels } from './channels.js';
import { Gateways } from './gateways.js';
import { act, clockSeconds } from './state.js';
import { isWord, LanguageContext, useWords } from './words.js';

/** @typedef {import('./state.js').Desk} Desk */
/** @typedef {import('./state.js').Step} Step */
/** @typedef {import('./state.js').Call} Call */

/** @param {{ desk: Desk }} props */
export function Story({ desk }) {
  return html`<aside class="story">
    <${Gateways} desk=${desk} />
    <${Troubles} desk=${desk} />
    <${Timeline} payment=${desk.payment} />
    <${Wire} calls=${desk.wire} />
  </aside>`;
}

/** @param {{ desk: Desk }} props */
function Troubles({ desk }) {
  const w = useWords();
  const [refused, setRefused] = useState('');
  /** @param {Record<string, unknown>} action */
  const order = async (action) => {
    const sentence = await act(action);
    setRefused(sentence === null ? '' : sentence || w('noAnswer'));
  };
  const closed = desk.people.some(({ chats }) => !chats.whatsapp.windowOpen);
  const reset = () => confirm(w('sure')) && order({ action: 'reset' });
  return html`<section class="panel" aria-labelledby="troubles">
    <h2 id="troubles">${w('wrong')}</h2>
    <p class="panel-hint" id="troubles-next">${w('wrongHint')}</p>
    <div class="chips" role="group" aria-labelledby="troubles-next">
      ${desk.faults.map(
        ({ name, armed }) => html`<button
          type="button"
          class="chip"
          key=${name}
          aria-pressed=${armed}
          onClick=${() => order({ action: 'fault', name, armed: !armed })}
        >
          ${isWord(name) ? w(name) : name}
        </button>`,
      )}
    </div>
    <p class="panel-hint" id="troubles-now">${w('now')}</p>
    <div class="chips" role="group" aria-labelledby="troubles-now">
      ${channels.map((channel) => html`<${Down} key=${channel} channel=${channel} until=${desk.downUntil[channel]} order=${order} />`)}
      <button type="button" class="chip danger" onClick=${() => order({ action: 'kill' })}>${w('kill')}</button>
      <button type="button" class="chip quiet" onClick=${reset}>${w('startAgain')}</button>
    </div>
    <p class="panel-hint" id="troubles-whatsapp">${w('onWhatsapp')}</p>
    <div class="chips" role="group" aria-labelledby="troubles-whatsapp">
      <button type="button" class="chip" aria-pressed=${closed} onClick=${() => order({ action: 'day-later' })}>${w('dayLaterAll')}</button>
      ${desk.whatsappTroubles.map(
        ({ name, on }) => html`<button
          type="button"
          class="chip"
          key=${name}
          aria-pressed=${on}
          onClick=${() => order({ action: 'whatsapp', name, on: !on })}
        >
          ${isWord(name) ? w(name) : name}
        </button>`,
      )}
    </div>
    <p class="panel-hint" role="status">${refused}</p>
  </section>`;
}

/**
 * @param {{ channel: typeof channels[number], until: string | null,
 *   order: (action: Record<string, unknown>) => Promise<void> }} props
 */
function Down({ channel, until, order }) {
  const w = useWords();
  const left = useSecondsLeft(until);
  return html`<button type="button" class="chip" aria-pressed=${left > 0} disabled=${left > 0} onClick=${() => order({ action: 'down', channel })}>
    ${w(channel)} ${w('down20')}${left > 0 ? ` · ${left}` : ''}
  </button>`;
}

/** @param {string | null} until @returns {number} */
function useSecondsLeft(until) {
  const [now, setNow] = useState(Date.now());
  const left = until === null ? 0 : Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
  useEffect(() => {
    if (until === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

/** @param {{ payment: Desk['payment'] }} props */
function Timeline({ payment }) {
  const w = useWords();
  const language = useContext(LanguageContext);
  if (payment === null)
    return html`<section class="panel" aria-label=${w('happened')}><p class="panel-hint">${w('noPayment')}</p></section>`;
  return html`<section class="panel" aria-labelledby="timeline">
    <h2 id="timeline">${payment.ref}, ${w('happened')} <span class="at-gateway">${payment.gateway}</span></h2>
    <ol class="timeline" aria-live="polite">
      ${payment.timeline.map(
        (step, at) => html`<li key=${`${step.at}${step.kind}${at}`} class=${`tone-${step.tone}`}>
          <time datetime=${step.at}>${at === 0 || step.sincePreviousMs === null ? clockSeconds(step.at) : since(step.sincePreviousMs)}</time>
          <span class="dot" aria-hidden="true"></span>
          <span>${step.text[language]}</span>
        </li>`,
      )}
    </ol>
  </section>`;
}

/** @param {number} ms */
function since(ms) {
  return ms < 1000 ? `+${ms} ms` : `+${(ms / 1000).toFixed(1)} s`;
}

/** The newest call stands open, until somebody closes one; from then on only what is opened by hand. */
/** @param {{ calls: Call[] }} props */
function Wire({ calls }) {
  const w = useWords();
  const [chosen, setChosen] = useState(/** @type {Record<string, boolean>} */ ({}));
  const [opensNewest, setOpensNewest] = useState(true);
  const newest = calls.at(-1)?.id;
  /** @param {string} id @param {boolean} open */
  const choose = (id, open) => {
    setChosen((before) => ({ ...before, [id]: open }));
    if (id === newest) setOpensNewest(open);
  };
  return html`<section class="panel" aria-labelledby="wire">
    <h2 id="wire">${w('wire')}</h2>
    ${calls.length === 0 && html`<p class="panel-hint">${w('noWire')}</p>`}
    ${calls.toReversed().map(
      (call) => html`<${WireCall}
        key=${call.id}
        call=${call}
        open=${chosen[call.id] ?? (call.id === newest && opensNewest)}
        choose=${choose}
      />`,
    )}
  </section>`;
}

/** @param {{ call: Call, open: boolean, choose: (id: string, open: boolean) => void }} props */
function WireCall({ call, open, choose }) {
  const w = useWords();
  const ours = call.from === 'malipo';
  /** @param {Event} event */
  const turn = (event) => {
    event.preventDefault();
    choose(call.id, !open);
  };
  return html`<details class="call" open=${open}>
    <summary onClick=${turn}>
      <span class=${ours ? 'from-malipo' : 'from-gateway'} aria-hidden="true">${ours ? '→' : '←'}</span>
      <span class="hidden">${w(ours ? 'toGateway' : 'fromGateway')}</span>
      <span class="other-end">${call.gateway}</span>
      <b>${call.method}</b> <span class="path">${call.path}</span>
      ${call.note && html`<span class="note">${call.note}</span>`}
      <span class="status">${call.status ?? '…'}${call.ms === null ? '' : ` · ${call.ms} ms`}</span>
    </summary>
    <${Json} value=${call.body} name=${w('body')} />
    ${isSomething(call.answer) && html`<small>${w('answered')}</small>`}
    <${Json} value=${call.answer} name=${w('answered')} />
  </details>`;
}

/** @param {unknown} value */
function isSomething(value) {
  return value !== null && value !== undefined && value !== '';
}

/** @param {{ value: unknown, name: string }} props */
function Json({ value, name }) {
  if (!isSomething(value)) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1);
  return html`<pre class="json" tabindex="0" role="region" aria-label=${name}>${colour(text)}</pre>`;
}

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?|true|false|null/g;

/** Keys and values in quiet colours. @param {string} text */
function colour(text) {
  /** @type {import('preact').ComponentChild[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(end, match.index));
    const [all, quoted, colon] = match;
    if (colon !== undefined) parts.push(html`<span class="key">${quoted}</span>${colon}`);
    else parts.push(html`<span class="value">${all}</span>`);
    end = match.index + all.length;
  }
  parts.push(text.slice(end));
  return parts;
}
