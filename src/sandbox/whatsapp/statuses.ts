import { contactOf, nowMs, nowSeconds, type Whatsapp, windowMs } from './core.ts';
import { detailsOf, titleOf } from './rules.ts';
import type { MessageRow, PersonRow, Status } from './state.ts';

/** What becomes of each message of the business: sent, delivered, read or failed, each told by the webhook. */
export interface Statuses {
  begin(message: MessageRow): void;
  /** The person has the chat on the screen. */
  read(person: PersonRow): void;
  /** Makes a message fail after it was sent. */
  fail(message: MessageRow, code: number): void;
  /** Forgets what is planned; `again` plans it anew, for a restored state. */
  stop(): void;
  again(): void;
}

export const sentAfterMs = 300;
export const deliveredAfterMs = 1200;
export const failedAfterMs = 800;

const errorsPage =
  'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes';
const order: Readonly<Record<Status, number>> = { accepted: 0, sent: 1, delivered: 2, read: 3, failed: 4 };

export function createStatuses(whatsapp: Whatsapp): Statuses {
  const { state, scheduler } = whatsapp;
  const cancels = new Set<() => void>();

  function later(ms: number, run: () => void): void {
    const cancel = scheduler.after(ms, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  }

  function begin(message: MessageRow): void {
    const code = message.failsWith;
    if (code !== null) later(failedAfterMs, () => become(whatsapp, message, 'failed', code));
    else {
      later(sentAfterMs, () => become(whatsapp, message, 'sent'));
      later(deliveredAfterMs, () => become(whatsapp, message, 'delivered'));
    }
  }

  return {
    begin,
    read: (person) => {
      for (const message of state.messages.values())
        if (message.personId === person.id && message.fromBot && message.failsWith === null)
          become(whatsapp, message, 'read');
    },
    fail: (message, code) => become(whatsapp, message, 'failed', code),
    stop: () => {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
    again: () => {
      for (const message of state.messages.values())
        if (message.fromBot && ['accepted', 'sent'].includes(message.status)) begin(message);
    },
  };
}

/** Forwards only: a message read at once is never told as delivered ("internal optimization"). */
function become(whatsapp: Whatsapp, message: MessageRow, status: Status, code?: number): void {
  const person = whatsapp.state.people.get(message.personId);
  if (person === undefined || order[status] <= order[message.status]) return;
  message.status = status;
  whatsapp.changed({ kind: 'status', chatId: person.id, messageId: message.id });
  whatsapp.push({
    lane: person.id,
    contact: person.userId === null || status === 'failed' ? null : contactOf(person),
    message: null,
    status: {
      id: message.wamid,
      status,
      timestamp: String(nowSeconds(whatsapp)),
      ...(person.waId === null ? {} : { recipient_id: person.waId }),
      ...(person.userId === null ? {} : { recipient_user_id: person.userId }),
      ...(message.callbackData === null ? {} : { biz_opaque_callback_data: message.callbackData }),
      ...(status === 'sent' || status === 'delivered' ? price(whatsapp, message, status) : {}),
      ...(code === undefined ? {} : { errors: [errorOf(code)] }),
    },
    errors: null,
  });
}

export function errorOf(code: number): Record<string, unknown> {
  const title = titleOf(code);
  return { code, title, message: title, error_data: { details: detailsOf(code) }, href: errorsPage };
}

/** Since July 2025 each message is charged by itself; within the window replies and utility templates cost nothing. */
function price(whatsapp: Whatsapp, message: MessageRow, status: Status): Record<string, unknown> {
  const { category, inWindow, personId } = message;
  const free = inWindow && (category === 'service' || category === 'utility');
  const expires = String(Math.floor((nowMs(whatsapp) + windowMs) / 1000));
  return {
    conversation: {
      id: `c0${String(personId).padStart(30, '0')}`,
      ...(status === 'sent' ? { expiration_timestamp: expires } : {}),
      origin: { type: category },
    },
    pricing: {
      billable: !free,
      pricing_model: 'PMP',
      category,
      type: free ? 'free_customer_service' : 'regular',
    },
  };
}
