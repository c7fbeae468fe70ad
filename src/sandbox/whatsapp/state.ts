import type { Random } from '../../domain/random.ts';
import type { SeenMessage } from '../telegram/view.ts';

/** Everything the emulated API remembers. Rows are plain JSON, so that a snapshot is these rows written out. */
export interface WhatsappState {
  readonly phoneNumberId: string;
  readonly displayPhoneNumber: string;
  readonly businessAccountId: string;
  nextMessageId: number;
  nextEventId: number;
  /** Persons without a phone in the events have a number of ours. */
  nextGuestId: number;
  people: Map<number, PersonRow>;
  messages: Map<number, MessageRow>;
  files: Map<string, FileRow>;
  templates: TemplateRow[];
  /** Not yet taken by the webhook, oldest first. */
  events: EventRow[];
  webhookUrl: string | null;
}

export interface PersonRow {
  /** The wa_id as a number, or a number of ours where there is none. */
  readonly id: number;
  /** The phone in digits; null where the events of this person carry none. */
  readonly waId: string | null;
  /** The business-scoped user id, such as KE.13491208655302741918. */
  readonly userId: string | null;
  readonly firstName: string;
  readonly username: string | null;
  /** The person's own phone, which a business sees only where it is the wa_id or the person shares it. */
  readonly phone: string | null;
  readonly languageCode: string | null;
  /** false: somebody wrote to this number, and nobody is there. */
  readonly onWhatsapp: boolean;
  /** When the person last wrote, in milliseconds: free text reaches them for 24 hours. */
  lastWroteAt: number | null;
  blocked: boolean;
  unreachable: boolean;
}

export interface ButtonRow {
  readonly text: string;
  /** What comes back; null where it opens a page. */
  readonly id: string | null;
  readonly url: string | null;
  readonly description: string | null;
}

export type Status = 'accepted' | 'sent' | 'delivered' | 'read' | 'failed';
/** What the business hears when a button is pressed. */
export type ReplyKind = 'button_reply' | 'list_reply' | 'template' | 'contact_request';

export interface MessageRow {
  readonly id: number;
  readonly wamid: string;
  readonly personId: number;
  readonly fromBot: boolean;
  /** Unix seconds. */
  readonly date: number;
  readonly kind: SeenMessage['kind'];
  /** As it was sent, marks included; for cards header, body and footer below each other. */
  text: string;
  readonly buttons: readonly ButtonRow[];
  readonly replies: ReplyKind | null;
  /** The word that opens the list. */
  readonly menu: string | null;
  readonly template: string | null;
  readonly fileId: string | null;
  readonly contact: { readonly phone: string; readonly firstName: string } | null;
  readonly replyTo: number | null;
  readonly forwarded: boolean;
  /** Given by the business, and given back with every status. */
  readonly callbackData: string | null;
  /** What Meta charges by. */
  readonly category: 'service' | 'utility' | 'marketing' | 'authentication';
  /** Was the 24-hour window open when it was sent? */
  readonly inWindow: boolean;
  /** The code that it will fail with: the person never sees it. */
  readonly failsWith: number | null;
  status: Status;
  edits: number;
  deleted: boolean;
  reaction: string | null;
  /** The business has marked it read. */
  readByBusiness: boolean;
}

export interface FileRow {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly sha256: string;
  readonly base64: string;
  readonly at: number;
  /** Uploads live 30 days, what came in 7. */
  readonly fromBot: boolean;
  /** The path of its newest address, and until when it holds. */
  link: { readonly token: string; readonly until: number } | null;
}

export interface TemplateRow {
  readonly name: string;
  readonly language: string;
  readonly category: 'utility' | 'marketing' | 'authentication';
  readonly status: TemplateStatus;
  readonly header?: string;
  /** With {{1}}, {{2}}… */
  readonly body: string;
  readonly footer?: string;
  readonly buttons?: readonly TemplateButton[];
}

export type TemplateStatus = 'APPROVED' | 'PENDING' | 'REJECTED' | 'PAUSED' | 'DISABLED';
export type TemplateButton =
  | { readonly type: 'QUICK_REPLY'; readonly text: string }
  /** The address may end in {{1}}. */
  | { readonly type: 'URL'; readonly text: string; readonly url: string };

export interface EventRow {
  readonly id: number;
  /** Events of one person are begun one after the other. */
  readonly lane: number;
  readonly at: number;
  readonly contact: Readonly<Record<string, unknown>> | null;
  readonly message: Readonly<Record<string, unknown>> | null;
  readonly status: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly Readonly<Record<string, unknown>>[] | null;
}

export interface Identity {
  readonly phoneNumberId: string;
  readonly displayPhoneNumber: string;
  readonly businessAccountId: string;
}

export function createState(
  identity: Identity,
  templates: readonly TemplateRow[],
  random: Random,
): WhatsappState {
  return {
    ...identity,
    nextMessageId: 1 + (random.bytes(2).readUInt16BE(0) % 900),
    nextEventId: 1,
    nextGuestId: 900_000_000_000_001,
    people: new Map(),
    messages: new Map(),
    files: new Map(),
    templates: [...templates],
    events: [],
    webhookUrl: null,
  };
}

const rowMaps = ['people', 'messages', 'files'] as const;
const snapshotVersion = 1;

/** Plain JSON. It holds what people wrote: as private as the server itself. */
export function snapshotOf(state: WhatsappState): Record<string, unknown> {
  const rows = Object.fromEntries(rowMaps.map((name) => [name, [...state[name].values()]]));
  return structuredClone({ version: snapshotVersion, ...state, ...rows });
}

/** Puts a snapshot in the place of everything. The number's identity stays the one that the server was made with. */
export function restoreInto(state: WhatsappState, snapshot: unknown): void {
  const taken = structuredClone(snapshot) as { version?: unknown } & Record<string, unknown>;
  if (taken?.version !== snapshotVersion)
    throw new Error('This snapshot is of another version of the sandbox.');
  const { version: _, phoneNumberId: __, displayPhoneNumber: ___, businessAccountId: ____, ...rest } = taken;
  const maps = Object.fromEntries(
    rowMaps.map((name) => [
      name,
      new Map((rest[name] as { id: number | string }[]).map((row) => [row.id, row])),
    ]),
  );
  Object.assign(state, rest, maps);
}
