import { createHash } from 'node:crypto';
import type { Random } from '../../domain/random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { EventRow, FileRow, MessageRow, PersonRow, WhatsappState } from './state.ts';

/** What a person cannot do in the app either; the sentence says why. */
export class CannotDo extends Error {}

/** What just happened, for whoever shows it: a page, or a test that waits. */
export type Change =
  | { readonly kind: 'message' | 'status'; readonly chatId: number; readonly messageId: number }
  | { readonly kind: 'action'; readonly chatId: number; readonly action: string }
  | { readonly kind: 'people' | 'webhook' | 'templates' | 'token' }
  | { readonly kind: 'call'; readonly method: string };

/** The parts that every endpoint and everything that people do work on. */
export interface Whatsapp {
  readonly state: WhatsappState;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly push: (event: Omit<EventRow, 'id' | 'at'>) => void;
  readonly changed: (change: Change) => void;
}

/** A phone in digits as a number or text, a business-scoped user id, or the number that this server gave. */
export type PersonRef = number | string;

export interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

export const windowMs = 24 * 60 * 60 * 1000;

export function nowMs(whatsapp: Pick<Whatsapp, 'scheduler'>): number {
  return whatsapp.scheduler.now().getTime();
}

export function nowSeconds(whatsapp: Pick<Whatsapp, 'scheduler'>): number {
  return Math.floor(nowMs(whatsapp) / 1000);
}

export function findPerson(state: WhatsappState, ref: PersonRef): PersonRow | undefined {
  if (typeof ref === 'number') return state.people.get(ref);
  const digits = ref.replace(/^\+/, '');
  if (/^\d{5,15}$/.test(digits)) return state.people.get(Number(digits));
  for (const row of state.people.values()) if (row.userId === ref) return row;
  return undefined;
}

export function person(whatsapp: Whatsapp, ref: PersonRef): PersonRow {
  const row = findPerson(whatsapp.state, ref);
  if (row === undefined || !row.onWhatsapp) throw new CannotDo(`There is no person ${ref} here.`);
  return row;
}

export function windowOpen(whatsapp: Whatsapp, row: PersonRow): boolean {
  return row.lastWroteAt !== null && nowMs(whatsapp) - row.lastWroteAt < windowMs;
}

export function byWamid(state: WhatsappState, wamid: string): MessageRow | undefined {
  for (const row of state.messages.values()) if (row.wamid === wamid) return row;
  return undefined;
}

/** Looks like the real ones, base64 with the phone in it, and is as opaque. */
function newWamid(random: Random, row: PersonRow, fromBot: boolean): string {
  const who = row.waId ?? '';
  const inside = Buffer.concat([
    Buffer.from([0x1c, 0x18, who.length]),
    Buffer.from(who),
    Buffer.from([0x15, 0x02, 0x00, fromBot ? 0x11 : 0x12, 0x18, 0x12]),
    Buffer.from(random.bytes(9).toString('hex').toUpperCase()),
    Buffer.from([0x00]),
  ]);
  return `wamid.${inside.toString('base64')}`;
}

type Draft = Pick<MessageRow, 'personId' | 'fromBot' | 'kind' | 'text'> & Partial<MessageRow>;

export function addMessage(whatsapp: Whatsapp, draft: Draft): MessageRow {
  const { state, random } = whatsapp;
  const owner = state.people.get(draft.personId);
  if (owner === undefined) throw new Error(`There is no person ${draft.personId}.`);
  const message: MessageRow = {
    ...{ buttons: [], replies: null, menu: null, template: null, fileId: null, contact: null },
    ...{ replyTo: null, forwarded: false, callbackData: null, category: 'service', inWindow: true },
    ...{ failsWith: null, status: draft.fromBot ? 'accepted' : 'delivered', edits: 0, reaction: null },
    ...{ deleted: false, readByBusiness: false },
    ...draft,
    id: state.nextMessageId++,
    wamid: newWamid(random, owner, draft.fromBot),
    date: nowSeconds(whatsapp),
  };
  state.messages.set(message.id, message);
  whatsapp.changed({ kind: 'message', chatId: owner.id, messageId: message.id });
  return message;
}

export function addFile(whatsapp: Whatsapp, upload: Upload, fromBot: boolean): FileRow {
  const file: FileRow = {
    id: String(
      1_000_000_000_000_000n + (whatsapp.random.bytes(8).readBigUInt64BE(0) % 9_000_000_000_000_000n),
    ),
    name: upload.name,
    mimeType: upload.mimeType,
    sha256: createHash('sha256').update(upload.bytes).digest('hex'),
    base64: upload.bytes.toString('base64'),
    at: nowMs(whatsapp),
    fromBot,
    link: null,
  };
  whatsapp.state.files.set(file.id, file);
  return file;
}

const day = 24 * 60 * 60 * 1000;

/** A file that is still there. */
export function fileOf(whatsapp: Whatsapp, id: string): FileRow | undefined {
  const file = whatsapp.state.files.get(id);
  const lifeMs = file?.fromBot === true ? 30 * day : 7 * day;
  return file !== undefined && nowMs(whatsapp) - file.at < lifeMs ? file : undefined;
}

export function contactOf(row: PersonRow): Record<string, unknown> {
  return {
    profile: { name: row.firstName, ...(row.username === null ? {} : { username: row.username }) },
    ...(row.waId === null ? {} : { wa_id: row.waId }),
    ...(row.userId === null ? {} : { user_id: row.userId }),
  };
}
