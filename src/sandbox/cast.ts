/** Who sits at the desk. Ids and phones are made up, and never change, since the program's database knows them. */
import type { ChannelId } from './chat-names.ts';

export const personIds = ['shop', 'customer', 'manager', 'new'] as const;
export type PersonId = (typeof personIds)[number];

export interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly title: string;
  readonly telegramId: number;
  readonly language: 'en' | 'sw';
  /** 2547…: what a shared contact says, and the number on WhatsApp. */
  readonly phone: string;
}

export const businessName = 'Mama Njeri';

/** `new` belongs to nobody yet: a business or a customer to be. */
export const people: readonly Person[] = [
  {
    id: 'shop',
    name: 'Njeri',
    title: 'Mama Njeri, shop',
    telegramId: 700_001_001,
    language: 'en',
    phone: '254720100100',
  },
  {
    id: 'customer',
    name: 'Wanjiku',
    title: '0712 345 678, customer',
    telegramId: 700_001_002,
    language: 'en',
    phone: '254712345678',
  },
  {
    id: 'manager',
    name: 'Baraka',
    title: 'Baraka, manager',
    telegramId: 700_001_003,
    language: 'en',
    phone: '254790200200',
  },
  {
    id: 'new',
    name: 'Otieno',
    title: 'Otieno, new here',
    telegramId: 700_001_004,
    language: 'en',
    phone: '254722000111',
  },
];

export interface Phone {
  readonly msisdn: string;
  readonly owner: PersonId;
  readonly pin: string;
  readonly balanceCents: bigint;
}

export const phones: readonly Phone[] = [
  { msisdn: '254712345678', owner: 'customer', pin: '1234', balanceCents: 1_200_000n },
  { msisdn: '254722000111', owner: 'new', pin: '1234', balanceCents: 1_200_000n },
];

/** By what a platform's server knows the person. */
export function chatIdOf(person: Person, channel: ChannelId): number {
  return channel === 'telegram' ? person.telegramId : Number(person.phone);
}

export function personOf(id: PersonId): Person {
  const person = people.find((one) => one.id === id);
  if (person === undefined) throw new Error(`nobody here is ${id}`);
  return person;
}
