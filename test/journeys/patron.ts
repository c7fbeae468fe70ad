/** People who pay, for journeys: with a phone of their own, and linked to it where the journey needs that. */
import { pin } from './shop.ts';
import type { World } from './world.ts';

export interface Patron {
  readonly id: number;
  readonly msisdn: string;
}

let patrons = 0;

/** Somebody with a Telegram account and an M-Pesa phone that nobody else of this file has. */
export function newPatron(world: World, languageCode = 'en'): Patron {
  patrons += 1;
  const patron = { id: 5000 + patrons, msisdn: `2547${String(30_000_000 + patrons)}` };
  world.mpesa.addSubscriber({ msisdn: patron.msisdn, pin, balanceCents: 100_000_000n });
  world.chat.addUser({
    id: patron.id,
    firstName: `Patron ${patrons}`,
    languageCode,
    started: true,
    phone: patron.msisdn,
  });
  return patron;
}

export async function linkedPatron(world: World, languageCode = 'en'): Promise<Patron> {
  const patron = newPatron(world, languageCode);
  await world.answer(world.chat.shareOwnPhone(patron.id), patron.id);
  return patron;
}

/** The bot's messages to the person that the text matches, oldest first. */
export function told(world: World, person: number, text: RegExp): string[] {
  return world.chat
    .messages(person)
    .filter((message) => message.fromBot && text.test(message.text))
    .map((message) => message.text);
}
