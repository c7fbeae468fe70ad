/** How somebody opens a chat with the bot: a link for each channel, with what they want typed already. */

/** Each is null until the platform has told it, or where the channel is not connected. */
export interface Doors {
  /** The bot's name, without @. */
  telegramName(): string | null;
  /** The business's number: digits with the country's code. */
  whatsappNumber(): string | null;
}

export interface Door {
  readonly channel: 'telegram' | 'whatsapp';
  readonly url: string;
}

/**
 * `start`: what /start is given: up to 64 letters, digits, `_` and `-` (core.telegram.org/bots/features#deep-linking). WhatsApp
 * has no such word, so the person sends it as a message (wa.me, "pre-filled message").
 */
export function doorsTo(doors: Doors, start: string): readonly Door[] {
  const name = doors.telegramName();
  const number = doors.whatsappNumber();
  return [
    ...(name === null ? [] : [{ channel: 'telegram', url: `https://t.me/${name}?start=${start}` } as const]),
    ...(number === null
      ? []
      : [{ channel: 'whatsapp', url: `https://wa.me/${number}?text=start%20${start}` } as const]),
  ];
}
