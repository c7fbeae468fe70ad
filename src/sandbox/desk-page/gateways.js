/** The gateways of the desk: which the shop has an account at, and the operator who opens another one. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { act } from './state.js';
import { useWords } from './words.js';

/** @typedef {import('./state.js').Desk} Desk */

/** What a newcomer should know before choosing one. */
const manners = /** @type {const} */ ({
  smartpay: 'smartpayManner',
  bosmi: 'bosmiManner',
  sayapay: 'sayapayManner',
  'daraja-php': 'darajaPhpManner',
});

/** @param {{ desk: Desk }} props */
export function Gateways({ desk }) {
  const w = useWords();
  const [refused, setRefused] = useState('');
  const [open, setOpen] = useState(false);
  /** @param {string} gateway */
  const connect = async (gateway) => {
    setRefused('');
    const sentence = await act({ action: 'connect', gateway });
    if (sentence !== null) setRefused(sentence || w('noAnswer'));
  };
  const connected = desk.gateways.filter(({ state }) => state === 'connected');
  const several = connected.length > 1;
  return html`<section class="panel" aria-labelledby="gateways">
    <h2 id="gateways">${w('gateways')}</h2>
    <p class="chips">
      ${connected.map(({ kind, title }) => html`<span class="connected" key=${kind}>✓ ${title}</span>`)}
      <button
        type="button"
        class="chip"
        aria-expanded=${open}
        aria-controls="gateway-menu"
        onClick=${() => setOpen(!open)}
      >
        ${w('connectAnother')} <span aria-hidden="true">${open ? '▴' : '▾'}</span>
      </button>
    </p>
    ${several && html`<p class="panel-hint">${w('chooseHint')}</p>`}
    <div id="gateway-menu" class="gateway-menu" hidden=${!open}>
      ${
        open &&
        desk.gateways
          .filter(({ kind }) => kind in manners)
          .map((gateway) => html`<${Choice} key=${gateway.kind} gateway=${gateway} connect=${connect} />`)
      }
    </div>
    <p class="panel-hint refused" role="status">${refused}</p>
  </section>`;
}

/** @param {{ gateway: Desk['gateways'][number], connect: (gateway: string) => void }} props */
function Choice({ gateway, connect }) {
  const w = useWords();
  const { kind, title, state } = gateway;
  const told = { none: 'connect', connecting: 'connecting', connected: 'isConnected' };
  const word = /** @type {import('./words.js').Word} */ (told[state]);
  return html`<button type="button" disabled=${state !== 'none'} onClick=${() => connect(kind)}>
    <span><b>${title}</b> <span class="do">${state === 'connected' ? '✓ ' : ''}${w(word)}</span></span>
    <small>${w(manners[/** @type {keyof typeof manners} */ (kind)])}</small>
  </button>`;
}
