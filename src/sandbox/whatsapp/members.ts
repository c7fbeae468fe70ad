import {
  addMessage,
  CannotDo,
  findPerson,
  nowMs,
  type PersonRef,
  person,
  type Whatsapp,
  windowMs,
} from './core.ts';
import { tell } from './inbound.ts';
import type { PersonRow } from './state.ts';

export interface NewPerson {
  /** The wa_id, as digits or a number; or a business-scoped user id, whose person's events then carry no phone. */
  readonly id: PersonRef;
  readonly firstName: string;
  /** Beside a wa_id: the events then carry both. */
  readonly userId?: string;
  readonly username?: string;
  /** The phone that the person shares; the wa_id where there is one. */
  readonly phone?: string;
  readonly languageCode?: string;
  /** true: the person wrote just before this story begins, so that the 24-hour window is open. */
  readonly started?: boolean;
}

const userIdShape = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;

/** Returns the number by which the person is known here: the wa_id, or one of ours. */
export function addPerson(whatsapp: Whatsapp, fresh: NewPerson): number {
  const { state } = whatsapp;
  const ref = String(fresh.id).replace(/^\+/, '');
  const isPhone = /^\d{5,15}$/.test(ref);
  if (!isPhone && !userIdShape.test(ref))
    throw new CannotDo(`${ref} is neither a phone in digits nor a business-scoped user id.`);
  const before = findPerson(state, ref);
  const row: PersonRow = {
    id: before?.id ?? (isPhone ? Number(ref) : state.nextGuestId++),
    waId: isPhone ? ref : null,
    userId: fresh.userId ?? (isPhone ? null : ref),
    firstName: fresh.firstName,
    username: fresh.username ?? null,
    phone: fresh.phone?.replace(/^\+/, '') ?? (isPhone ? ref : null),
    languageCode: fresh.languageCode ?? null,
    onWhatsapp: true,
    lastWroteAt: fresh.started === true ? nowMs(whatsapp) : (before?.lastWroteAt ?? null),
    blocked: before?.blocked ?? false,
    unreachable: before?.onWhatsapp === true ? before.unreachable : false,
  };
  state.people.set(row.id, row);
  whatsapp.changed({ kind: 'people' });
  return row.id;
}

/** Meta tells a business nothing of it: messages are accepted and cannot be delivered. */
export function setBlocked(whatsapp: Whatsapp, ref: PersonRef, blocked: boolean): void {
  person(whatsapp, ref).blocked = blocked;
  whatsapp.changed({ kind: 'people' });
}

export function setUnreachable(whatsapp: Whatsapp, ref: PersonRef, unreachable: boolean): void {
  person(whatsapp, ref).unreachable = unreachable;
  whatsapp.changed({ kind: 'people' });
}

/** As if the person had last written a day ago; who never wrote has no window to close. */
export function closeWindow(whatsapp: Whatsapp, ref: PersonRef): void {
  const row = person(whatsapp, ref);
  if (row.lastWroteAt !== null) row.lastWroteAt = Math.min(row.lastWroteAt, nowMs(whatsapp) - windowMs);
  whatsapp.changed({ kind: 'people' });
}

/** The person goes on under a new number, and the business gets a system message, which names no contact. */
export function changeNumber(whatsapp: Whatsapp, ref: PersonRef, newWaId: string): number {
  const before = person(whatsapp, ref);
  if (before.waId === null) throw new CannotDo(`${before.firstName} shows no number.`);
  const { firstName, languageCode, username } = before;
  const id = addPerson(whatsapp, {
    ...{ id: newWaId, firstName },
    ...(languageCode === null ? {} : { languageCode }),
    ...(username === null ? {} : { username }),
  });
  const row = addMessage(whatsapp, {
    personId: before.id,
    fromBot: false,
    kind: 'text',
    text: '',
    deleted: true,
  });
  const body = `User ${before.firstName} changed from ${before.waId} to ${newWaId}`;
  const system = { body, wa_id: newWaId, type: 'user_changed_number' };
  tell(whatsapp, before, row.wamid, { type: 'system', system }, false);
  before.unreachable = true;
  return id;
}
