/**
 * What Meta posts, read leniently (developers.facebook.com, "messages webhook reference"): unknown fields and kinds pass, a
 * field of another shape counts as not there. The signature is what protects us, not this.
 */
import { z } from 'zod';

/** A field that is of another shape is as good as none. */
function lenient<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

const text = lenient(z.string());
const list = lenient(z.array(z.unknown()));

export const envelopeSchema = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.object({ changes: list }).catch({ changes: undefined })),
});

export const changeSchema = z.object({
  field: z.string(),
  value: z.object({
    metadata: z.object({ phone_number_id: z.coerce.string() }),
    contacts: list,
    messages: list,
    statuses: list,
    errors: list,
  }),
});

/** Who wrote: `wa_id` is the number, `user_id` the id for this business account; one of them may be missing. */
export const profileSchema = z.object({
  wa_id: text,
  user_id: text,
  profile: lenient(z.object({ name: text })),
});
export type Profile = z.infer<typeof profileSchema>;

export const faultSchema = z.object({ code: z.coerce.number(), title: text });

const reply = lenient(z.object({ id: z.string(), title: text }));
const media = lenient(
  z.object({ id: z.string(), mime_type: text, sha256: text, caption: text, filename: text }),
);

const contactSchema = z.object({
  name: lenient(z.object({ formatted_name: text, first_name: text, last_name: text })),
  phones: lenient(z.array(z.object({ phone: text, wa_id: text }))),
  /** `contact_request`: the answer to our own request for the number. */
  origin: text,
});
export type SharedContact = z.infer<typeof contactSchema>;

export const messageSchema = z.object({
  id: z.string().min(1).max(512),
  type: z.string().catch('unknown'),
  from: text,
  from_user_id: text,
  /** There in a group's message. */
  group_id: text,
  /** Seconds since 1970. */
  timestamp: lenient(z.coerce.string()),
  context: lenient(
    z.object({ id: text, forwarded: lenient(z.boolean()), frequently_forwarded: lenient(z.boolean()) }),
  ),
  text: lenient(z.object({ body: z.string() })),
  /** A quick reply of a template. */
  button: lenient(z.object({ payload: text, text })),
  interactive: lenient(z.object({ button_reply: reply, list_reply: reply })),
  contacts: lenient(z.array(contactSchema)),
  /** Meta's page shows it here, its partners' in the contact: either is Meta's word, and no vCard's. */
  origin: text,
  document: media,
  image: media,
  video: media,
  audio: media,
  voice: media,
  sticker: media,
  order: lenient(z.object({ text })),
  system: lenient(z.object({ type: text })),
  /** Of which kind, where WhatsApp does not pass it on. */
  unsupported: lenient(z.object({ type: text })),
  errors: list,
});
export type Message = z.infer<typeof messageSchema>;

export const statusSchema = z.object({
  id: z.string().min(1).max(512),
  status: z.string(),
  timestamp: lenient(z.coerce.string()),
  errors: list,
});

/** The person as the row of the inbox keeps them; at least one id is there. */
export const senderSchema = z.object({
  waId: z.string().nullable(),
  scopedId: z.string().nullable(),
  name: z.string().nullable(),
});
export type WhatsappSender = z.infer<typeof senderSchema>;

/** Seconds since 1970 as Meta writes them; null: it is no such time. */
export function timeOf(seconds: string | undefined): Date | null {
  return seconds !== undefined && /^\d{9,11}$/.test(seconds) ? new Date(Number(seconds) * 1000) : null;
}
