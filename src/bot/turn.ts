/**
 * One chat update handled in one transaction: who wrote, what the bot decides, conversation state, domain rows and every
 * word that is said commit together or not at all.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Update } from 'grammy/types';
import type { Locale, Tx } from '../db/tables.ts';
import { opensInSwahili } from '../domain/entry-language.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import type { Role } from '../domain/roles.ts';
import { type ChatPerson, type IdentityDeps, identityKey, knowIdentity } from '../payments/identities.ts';

export interface Membership {
  readonly businessId: BusinessId;
  readonly businessName: string;
  readonly role: Role;
}

export interface TurnIdentity {
  readonly id: IdentityId;
  /** The same as `id`, except in the second chat of one person. */
  readonly chatId: IdentityId;
  readonly channel: 'telegram' | 'whatsapp';
  readonly externalId: string;
  readonly name: string | null;
}

/** What a turn knows and may use. Kept outside grammY's context, since conversations rebuild theirs at each replay. */
export interface Turn {
  readonly tx: Tx;
  /** `telegram:<update id>`, `whatsapp:<message>`: the cause of everything said in this turn. */
  readonly key: string;
  readonly lane: string;
  readonly identity: TurnIdentity;
  readonly memberships: readonly Membership[];
  /** The business this person speaks for at the moment; null for people who belong to none. */
  readonly membership: Membership | null;
  locale: Locale;
  /** Keeps this in place of what came in, in the row of the inbox: that held what must not be kept. */
  readonly forget: (kept: Update) => Promise<void>;
  /** How many Bot API calls the turn has made: the n-th one is outbox row `key:n`. */
  calls: number;
}

const storage = new AsyncLocalStorage<Turn>();

/** Read only where no parameter reaches: by the fetch hook, below grammY. */
export function currentTurn(): Turn {
  const turn = storage.getStore();
  if (turn === undefined) throw new Error('A Bot API call was made outside a turn.');
  return turn;
}

export function runInTurn<T>(turn: Turn, run: () => Promise<T>): Promise<T> {
  return storage.run(turn, run);
}

export interface Sender extends ChatPerson {
  /** The platform's guess of the language; a choice made with /language outranks it. */
  readonly languageCode: string | null;
}

/** What came in: `key` and `forget` as in the turn. */
export interface Origin extends Pick<Turn, 'key' | 'forget'> {
  /** The chat; null: the person's own, where a platform names one person in several ways. */
  readonly lane: string | null;
  /** What was typed; empty where nothing was. */
  readonly written: string;
}

/** Opens a turn for the sender, who becomes an identity at the first message. */
export async function openTurn(tx: Tx, deps: IdentityDeps, sender: Sender, origin: Origin): Promise<Turn> {
  const { key, lane, forget, written } = origin;
  const begins = await beginsInSwahili(tx, deps, sender, written);
  const identity = await knowIdentity(tx, deps, sender);
  if (begins && identity.locale === null)
    await tx.updateTable('identity').set({ locale: 'sw' }).where('id', '=', identity.id).execute();
  const memberships = await tx
    .selectFrom('member')
    .innerJoin('business', 'business.id', 'member.business_id')
    .select(['business.id as businessId', 'business.name as businessName', 'member.role', 'business.locale'])
    .where('member.identity_id', '=', identity.id)
    .where('member.removed_at', 'is', null)
    .orderBy('member.created_at')
    .execute();
  const membership =
    memberships.find(({ businessId }) => businessId === identity.current_business_id) ??
    memberships[0] ??
    null;
  return {
    tx,
    key,
    lane: lane ?? `${sender.channel}:${identity.external_id}`,
    identity: {
      id: identity.id,
      chatId: identity.chatId,
      channel: sender.channel,
      externalId: identity.external_id,
      name: identity.name,
    },
    memberships,
    membership,
    locale:
      identity.locale ?? (begins ? 'sw' : (membership?.locale ?? localeOf(sender.languageCode) ?? 'en')),
    forget,
    calls: 0,
  };
}

function localeOf(languageCode: string | null): Locale | null {
  const [language = ''] = (languageCode ?? '').toLowerCase().split(/[-_]/);
  return language === 'sw' || language === 'en' ? language : null;
}

/** Of whoever never wrote before, where the platform names no language of ours: that of their first word. */
async function beginsInSwahili(
  tx: Tx,
  { vault }: IdentityDeps,
  sender: Sender,
  written: string,
): Promise<boolean> {
  if (localeOf(sender.languageCode) !== null || !opensInSwahili(written)) return false;
  const { channel, scopedId = null } = sender;
  const before = await tx
    .selectFrom('identity')
    .select('id')
    .where('channel', '=', channel)
    // The time is forgotten where the platform closed the window; the name came with a message.
    .where((eb) => eb.or([eb('wrote_at', 'is not', null), eb('name', 'is not', null)]))
    .where((eb) => {
      const key = eb('external_id', '=', identityKey(vault, sender));
      // Under a number that had another owner, only what their own id wrote counts.
      return scopedId === null
        ? key
        : eb.or([eb('scoped_id', '=', scopedId), eb.and([key, eb('scoped_id', 'is', null)])]);
    })
    .executeTakeFirst();
  return before === undefined;
}
