import { createHmac } from 'node:crypto';
import type { EventRow, WhatsappState } from './state.ts';

/** One body for the webhook, signed as it will be sent, so that sending it again sends the same bytes. */
export interface Envelope {
  readonly events: readonly EventRow[];
  readonly body: string;
  readonly signature: string | null;
  /** Signed by somebody else: it is never tried again. */
  readonly forged: boolean;
}

export interface EnvelopeFaults {
  /** The next POSTs are signed with another secret, or not at all. */
  signWrongly(times: number, how?: 'wrong' | 'missing'): void;
  /** The next POSTs name a number that is not ours. */
  foreignNumber(times: number, phoneNumberId?: string): void;
}

export function createEnvelopes(
  state: WhatsappState,
  appSecret: string,
): { readonly faults: EnvelopeFaults; wrap(events: readonly EventRow[]): Envelope } {
  let forged = { times: 0, how: 'wrong' as 'wrong' | 'missing' };
  let foreign = { times: 0, phoneNumberId: '' };

  function wrap(events: readonly EventRow[]): Envelope {
    const isForeign = foreign.times > 0;
    const number = isForeign ? foreign.phoneNumberId : state.phoneNumberId;
    if (isForeign) foreign = { ...foreign, times: foreign.times - 1 };
    const isForged = forged.times > 0;
    if (isForged) forged = { ...forged, times: forged.times - 1 };
    const body = asMetaWritesIt(payload(state, number, events));
    const secret = isForged ? `not ${appSecret}` : appSecret;
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    return {
      events,
      body,
      signature: isForged && forged.how === 'missing' ? null : signature,
      forged: isForged,
    };
  }

  return {
    wrap,
    faults: {
      signWrongly: (times, how = 'wrong') => {
        forged = { times, how };
      },
      foreignNumber: (times, phoneNumberId = '999999999999999') => {
        foreign = { times, phoneNumberId };
      },
    },
  };
}

/** A body is signed as it is written: letters beyond ASCII and slashes escaped, "with lowercase hex digits". */
function asMetaWritesIt(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Messages in one entry, statuses in the next, errors in the last: a reader must look into all of them. */
function payload(state: WhatsappState, phoneNumberId: string, events: readonly EventRow[]): unknown {
  const common = {
    messaging_product: 'whatsapp',
    metadata: {
      display_phone_number: state.displayPhoneNumber.replace(/\D/g, ''),
      phone_number_id: phoneNumberId,
    },
  };
  const groups = [
    events.filter(({ message }) => message !== null),
    events.filter(({ status }) => status !== null),
    events.filter(({ errors }) => errors !== null),
  ].filter((group) => group.length > 0);
  return {
    object: 'whatsapp_business_account',
    entry: groups.map((group) => ({
      id: state.businessAccountId,
      changes: [{ value: { ...common, ...mergedValue(group) }, field: 'messages' }],
    })),
  };
}

function mergedValue(group: readonly EventRow[]): Record<string, unknown> {
  const contacts = new Map(
    group.flatMap(({ lane, contact }) => (contact === null ? [] : [[lane, contact] as const])),
  );
  const messages = group.flatMap(({ message }) => (message === null ? [] : [message]));
  const statuses = group.flatMap(({ status }) => (status === null ? [] : [status]));
  const errors = group.flatMap((event) => event.errors ?? []);
  return {
    ...(contacts.size === 0 ? {} : { contacts: [...contacts.values()] }),
    ...(messages.length === 0 ? {} : { messages }),
    ...(statuses.length === 0 ? {} : { statuses }),
    ...(errors.length === 0 ? {} : { errors }),
  };
}
