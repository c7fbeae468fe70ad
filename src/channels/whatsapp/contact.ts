/** A shared contact in the form of the Bot API, and whether WhatsApp vouches that the number is the sender's own. */
import type { Message, SharedContact, WhatsappSender } from './wire.ts';

export interface ChatContact {
  readonly phone_number: string;
  readonly first_name: string;
  /** The sender's own id where the number is their own. */
  readonly user_id?: number;
}

/** What a press on "share my number" means: the number that the message itself came from. */
export function ownContact(waId: string, name: string | null, userId: number): ChatContact {
  return { phone_number: `+${waId}`, first_name: name ?? '', user_id: userId };
}

/**
 * The first contact of the message; null: it names no number. A vCard is what its sender's app wrote: the number beside
 * the `wa_id` may be any other. Believed is only the number that the message came from, and the `wa_id` in the answer to our
 * own request.
 */
export function sharedContact(message: Message, sender: WhatsappSender, userId: number): ChatContact | null {
  const contact = message.contacts?.[0];
  const phones = contact?.phones ?? [];
  const phone = phones.find(({ wa_id }) => wa_id !== undefined) ?? phones[0];
  const written = phone?.phone ?? (phone?.wa_id === undefined ? undefined : `+${phone.wa_id}`);
  if (phone === undefined || written === undefined) return null;
  const first_name = nameOf(contact);
  const asked = message.origin === 'contact_request' || contact?.origin === 'contact_request';
  const own = sender.waId ?? (asked ? (phone.wa_id ?? null) : null);
  if (own !== null && (asked || phone.wa_id === own)) return { ...ownContact(own, null, userId), first_name };
  const other = otherId(phone.wa_id, written);
  return {
    phone_number: written,
    first_name,
    ...(other !== null && other !== userId && { user_id: other }),
  };
}

/** Somebody else on WhatsApp, where the number that a person reads on the contact is the one that it names. */
function otherId(waId: string | undefined, written: string): number | null {
  if (waId === undefined || !/^\d{5,15}$/.test(waId)) return null;
  return written.replace(/\D/g, '').slice(-9) === waId.slice(-9) ? Number(waId) : null;
}

function nameOf(contact: SharedContact | undefined): string {
  const { formatted_name, first_name, last_name } = contact?.name ?? {};
  return formatted_name ?? [first_name, last_name].filter(Boolean).join(' ');
}
