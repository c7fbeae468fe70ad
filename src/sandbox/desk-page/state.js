/**
 * What the page knows of the desk, and how it asks for something. The desk sends its whole state after every change.
 *
 * @typedef {'telegram' | 'whatsapp'} Channel
 * @typedef {{ text: string, data: string | null, url: string | null, description?: string }} Button
 * @typedef {{ id: number, fromBot: boolean, html: string, plain: string, buttons: Button[][], date: string,
 *   edited: boolean, contact?: { phone: string, name: string }, sticker?: string,
 *   file?: { id: string, name: string, mime: string, isPhoto: boolean }, menu?: string,
 *   ticks?: 'waiting' | 'sent' | 'delivered' | 'read', quote?: string }} Message
 * @typedef {{ botName: string, number: string | null, messages: Message[], replyKeyboard: { text: string, requestContact: boolean }[][] | null,
 *   toast: { id: string, text: string } | null, bell: number, edits: number, unread: number,
 *   windowOpen: boolean, blocked: boolean }} Chat
 * @typedef {{ id: string, name: string, title: string, language: string, phone: string | null,
 *   chats: Record<Channel, Chat> }} Person
 * @typedef {{ id: string, merchant: string, amount: string, account: string, until: string }} Prompt
 * @typedef {{ id: string, from: string, text: string, at: string }} Sms
 * @typedef {{ msisdn: string, owner: string, on: boolean, balanceCents: number, prompts: Prompt[], sms: Sms[] }} Phone
 * @typedef {{ en: string, sw: string }} Said
 * @typedef {{ at: string, sincePreviousMs: number | null, kind: string, text: Said, tone: string }} Step
 * @typedef {{ id: string, at: string, from: string, gateway: string, method: string, path: string, note?: string,
 *   status: number | null, body: unknown, answer: unknown, ms: number | null }} Call
 * @typedef {{ serial: number, app: { state: 'starting' | 'up' | 'down', starts: number },
 *   business: { name: string }, people: Person[], phones: Phone[],
 *   gateways: { kind: string, title: string, state: 'none' | 'connecting' | 'connected' }[],
 *   faults: { name: string, armed: boolean }[], downUntil: Record<Channel, string | null>,
 *   whatsappTroubles: { name: string, on: boolean }[],
 *   payment: { ref: string, state: string, gateway: string, timeline: Step[] } | null, wire: Call[] }} Desk
 */
import { useEffect, useState } from 'preact/hooks';

const reopenMs = 1000;

/** The state, and whether the stream of it is open now. */
export function useDesk() {
  const [desk, setDesk] = useState(/** @type {Desk | null} */ (null));
  const [live, setLive] = useState(false);
  useEffect(() => {
    /** @type {EventSource} */
    let events;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let again;
    const open = () => {
      events = new EventSource('/desk/events');
      events.addEventListener('state', (event) => {
        setLive(true);
        setDesk(JSON.parse(event.data));
      });
      events.addEventListener('error', () => {
        setLive(false);
        // The browser's own patience grows to minutes; a desk that is started again is back in seconds.
        events.close();
        again = setTimeout(open, reopenMs);
      });
    };
    open();
    return () => {
      clearTimeout(again);
      events.close();
    };
  }, []);
  return { desk, live };
}

/**
 * Asks the desk for something. Answers null, or the sentence that says why it was refused; an empty one where nobody answered.
 *
 * @param {Record<string, unknown>} action
 * @returns {Promise<string | null>}
 */
export async function act(action) {
  try {
    const response = await fetch('/desk/do', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    const answer = await response.json();
    return answer.ok ? null : answer.error;
  } catch {
    return '';
  }
}

/** Time of day in East Africa, as the bot writes it. @param {string} iso */
export function clock(iso) {
  const options = /** @type {const} */ ({ hour: '2-digit', minute: '2-digit', hour12: false });
  return new Date(iso).toLocaleTimeString('en-GB', { ...options, timeZone: 'Africa/Nairobi' });
}

/** @param {string} iso */
export function clockSeconds(iso) {
  return new Date(iso).toLocaleTimeString('en-GB', { hour12: false, timeZone: 'Africa/Nairobi' });
}
