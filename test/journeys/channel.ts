/** On which chat platform the journeys of this run take place, and how its people name things. */
import type { ChatChannel } from '../../src/db/tables.ts';

/** Set by `vitest.config.ts`, whose projects run the same journeys once on each. */
export const journeyChannel: ChatChannel =
  process.env.MALIPO_JOURNEY_CHANNEL === 'whatsapp' ? 'whatsapp' : 'telegram';

/** A text that names commands, as it is written and read there: WhatsApp has the word alone for `/word`. */
export function spoken(channel: ChatChannel, text: string): string {
  return channel === 'telegram' ? text : text.replace(/(^|[\s("'“‘])\/(?=[a-z]{2,}(?![\w/=@-]))/g, '$1');
}

export type Wanted = RegExp | string;

export function matcher(channel: ChatChannel, wanted: Wanted): (text: string) => boolean {
  if (typeof wanted === 'string') {
    const said = spoken(channel, wanted);
    return (text) => text.includes(said);
  }
  const said =
    channel === 'telegram'
      ? wanted
      : new RegExp(wanted.source.replace(/\\\/(?=[a-z]{2,})/g, ''), wanted.flags);
  return (text) => said.test(text);
}
