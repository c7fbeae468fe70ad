/**
 * One HTTP body of Meta as rows of the inbox: one for each message, one for each status. Errors are logged; what names
 * another phone number than ours is nobody's here.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { cleanText } from '../../domain/typed-text.ts';
import type { InboxItem } from '../../inbox/store.ts';
import { faultText } from '../../ops/fault-text.ts';
import type { Logger } from '../../ops/log.ts';
import {
  changeSchema,
  envelopeSchema,
  faultSchema,
  type Message,
  messageSchema,
  type Profile,
  profileSchema,
  statusSchema,
  type WhatsappSender,
} from './wire.ts';

export interface ReceiveDeps {
  /** Ours; one deployment answers for one number. */
  readonly phoneNumberId: string;
  /** The lane of a person by their number or scoped id: `whatsapp:<key>`, where a number is not readable. */
  readonly laneOf: (externalId: string) => string;
  readonly log: Logger;
}

/** What we look at: that it was sent is known from the answer to our own call. */
const statuses: readonly string[] = ['delivered', 'read', 'failed'];

/**
 * Nobody waits for an answer to these, and an edit may hold a PIN that nobody would look for: they are not kept. On Telegram
 * neither is asked for.
 */
const silent: readonly string[] = ['reaction', 'system', 'request_welcome', 'edit', 'revoke'];

/** Groups are none of ours: money is talked about in private chats only. */
function wantsNoAnswer({ type, unsupported, group_id }: Message): boolean {
  return silent.includes(type) || silent.includes(unsupported?.type ?? '') || group_id !== undefined;
}

/** null: it is no envelope of WhatsApp. */
export function toInboxItems(deps: ReceiveDeps, body: unknown): InboxItem[] | null {
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success) return null;
  return envelope.data.entry.flatMap(({ changes = [] }) =>
    changes.flatMap((change) => itemsOf(deps, change)),
  );
}

function itemsOf(deps: ReceiveDeps, raw: unknown): InboxItem[] {
  const change = changeSchema.safeParse(raw);
  if (!change.success || change.data.field !== 'messages') {
    deps.log.info({ field: change.data?.field }, 'a WhatsApp event that is no message was ignored');
    return [];
  }
  const { metadata, contacts = [], messages = [], statuses: told = [], errors = [] } = change.data.value;
  if (metadata.phone_number_id !== deps.phoneNumberId) {
    const phoneNumberId = metadata.phone_number_id.slice(0, 32);
    deps.log.warn({ phoneNumberId }, 'a WhatsApp event for another phone number id was ignored');
    return [];
  }
  logFaults(deps, errors, 'WhatsApp reports an error');
  const profiles = readAll(profileSchema, contacts);
  // A profile without its number or id is this message's where there is only one of each.
  const sole = profiles.length === 1 && messages.length === 1 ? (profiles[0] ?? null) : null;
  return [
    ...messages.flatMap((message) => messageItem(deps, message, profiles, sole)),
    ...told.flatMap((status) => statusItem(deps, status)),
  ];
}

function messageItem(
  deps: ReceiveDeps,
  raw: unknown,
  profiles: readonly Profile[],
  sole: Profile | null,
): InboxItem[] {
  const read = messageSchema.safeParse(raw);
  if (!read.success) {
    deps.log.warn('a WhatsApp message without an id was ignored');
    return [];
  }
  const message = read.data;
  logFaults(deps, message.errors ?? [], 'a WhatsApp message came with an error');
  if (message.type === 'system')
    deps.log.info({ kind: message.system?.type?.slice(0, 40) }, 'WhatsApp tells of a change at a person');
  if (wantsNoAnswer(message)) return [];
  const sender = senderOf(message, profiles, sole);
  const externalId = sender.scopedId ?? sender.waId;
  if (externalId === null) {
    deps.log.warn({ type: message.type }, 'a WhatsApp message from nobody was ignored');
    return [];
  }
  return [item(messageKey(message.id), deps.laneOf(externalId), { message: raw, sender })];
}

/** A number that is written another way in the profile than in the message is still one person where only one wrote. */
function senderOf(message: Message, profiles: readonly Profile[], sole: Profile | null): WhatsappSender {
  const { from, from_user_id: fromId } = message;
  const profile =
    profiles.find(
      ({ wa_id, user_id }) =>
        (fromId !== undefined && user_id === fromId) ||
        (from !== undefined && (wa_id === from || user_id === from)),
    ) ?? sole;
  const name = cleanText(profile?.profile?.name ?? '');
  return {
    waId: numberOf(from) ?? (from === undefined ? numberOf(profile?.wa_id) : null),
    scopedId: scopedIdOf(fromId) ?? scopedIdOf(profile?.user_id) ?? scopedIdOf(from),
    name: [...name].slice(0, 60).join('') || null,
  };
}

function numberOf(id: string | undefined): string | null {
  return /^\+?(\d{5,20})$/.exec(id ?? '')?.[1] ?? null;
}

/** `KE.13491208655302741918`, also with `.ENT` behind the country. */
function scopedIdOf(id: string | undefined): string | null {
  return /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.exec(id ?? '')?.[0] ?? null;
}

function statusItem(deps: ReceiveDeps, raw: unknown): InboxItem[] {
  const read = statusSchema.safeParse(raw);
  if (!read.success || !statuses.includes(read.data.status)) return [];
  const { id, status, timestamp } = read.data;
  const faults = readAll(faultSchema, read.data.errors ?? []);
  if (faults.length === 0 && status === 'failed')
    deps.log.warn('a WhatsApp message failed, and no reason was told');
  // The recipient's number is not kept: the message's row knows whom it went to.
  const kept = { id, status, timestamp, codes: faults.map(({ code }) => code) };
  return [item(`${statusKey}${messageKey(id)}:${status}`, null, kept)];
}

const statusKey = 'status:';

/** Whether an inbox row of this channel holds a status; a message's key has no colon. */
export function isStatusKey(key: string): boolean {
  return key.startsWith(statusKey);
}

/** Hashed, since a message id of WhatsApp holds the person's number in base64, and keys are logged. */
export function messageKey(wamid: string): string {
  return createHash('sha256').update(wamid).digest('base64url').slice(0, 27);
}

function item(key: string, lane: string | null, body: unknown): InboxItem {
  return { source: 'whatsapp', key, lane, accountId: null, attemptId: null, body: JSON.stringify(body) };
}

function logFaults(deps: ReceiveDeps, raw: readonly unknown[], what: string): void {
  for (const { code, title } of readAll(faultSchema, raw))
    deps.log.warn({ code, title: faultText(title ?? '') }, what);
}

function readAll<T>(schema: z.ZodType<T>, raw: readonly unknown[]): T[] {
  return raw.flatMap((one) => {
    const read = schema.safeParse(one);
    return read.success ? [read.data] : [];
  });
}
