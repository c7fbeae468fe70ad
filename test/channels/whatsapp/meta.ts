/** What Meta posts, as its documents print it, for tests that look at single bodies. */
import { createHmac } from 'node:crypto';

export const appSecret = 'app-secret-of-the-test';
export const verifyToken = 'verify-token-of-the-test';
export const phoneNumberId = '106540352242922';
export const waId = '254712345678';
export const scopedId = 'KE.13491208655302741918';

type Fields = Readonly<Record<string, unknown>>;

export function envelope(...values: Fields[]): Fields {
  return {
    object: 'whatsapp_business_account',
    entry: values.map((value) => ({
      id: '102290129340398',
      changes: [{ value: valueFor(value), field: 'messages' }],
    })),
  };
}

function valueFor(value: Fields): Fields {
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '254700000000', phone_number_id: phoneNumberId },
    ...value,
  };
}

export const profile = (over: Fields = {}): Fields => ({
  profile: { name: 'Amina Otieno' },
  wa_id: waId,
  ...over,
});

export function message(id: string, over: Fields = {}): Fields {
  return { from: waId, id, timestamp: '1795261860', type: 'text', text: { body: 'habari' }, ...over };
}

export function status(id: string, what: string, over: Fields = {}): Fields {
  return { id, status: what, timestamp: '1795261870', recipient_id: waId, ...over };
}

export const failed = (id: string, code: number): Fields =>
  status(id, 'failed', { errors: [{ code, title: 'Message undeliverable' }] });

export function sign(body: string | Buffer, secret = appSecret): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Letters beyond ASCII and slashes are escaped in what Meta posts, and that is what it signs. */
export function asMetaWritesIt(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
