/** A person on one channel, as an operator writes it: `telegram:1001`, `whatsapp:254712345678`. */
export interface ChatIdentity {
  readonly channel: 'telegram' | 'whatsapp';
  readonly externalId: string;
}

export const chatIdentityExpected = 'expected CHANNEL:ID, such as telegram:1001 or whatsapp:254712345678';

/**
 * Telegram's user ids are positive (a group's is negative). WhatsApp's are numbers with the country's code, as Meta writes them
 * (one that starts with 0 would be nobody's), or ids for this business account.
 */
const idOf = {
  telegram: /^[1-9]\d{0,15}$/,
  whatsapp: /^(?:[1-9]\d{6,14}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128})$/,
} as const satisfies Record<ChatIdentity['channel'], RegExp>;

export function parseChatIdentity(text: string): ChatIdentity | null {
  const [channel, externalId, ...rest] = text.trim().split(':');
  if ((channel !== 'telegram' && channel !== 'whatsapp') || externalId === undefined || rest.length > 0)
    return null;
  return idOf[channel].test(externalId) ? { channel, externalId } : null;
}
