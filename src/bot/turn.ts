/**
 * One chat update handled in one transaction: who wrote, what the bot decides, conversation state, domain rows and every
 * word that is said commit together or not at all.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Locale, Tx } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import { type BusinessId, type IdentityId, newId } from '../domain/ids.ts';
import type { Random } from '../domain/random.ts';
import type { Role } from '../domain/roles.ts';

export interface Membership {
  readonly businessId: BusinessId;
  readonly businessName: string;
  readonly role: Role;
}

export interface TurnIdentity {
  readonly id: IdentityId;
  readonly channel: 'telegram' | 'whatsapp';
  readonly externalId: string;
  readonly name: string | null;
}

/** What a turn knows and may use. Kept outside grammY's context, since conversations rebuild theirs at each replay. */
export interface Turn {
  readonly tx: Tx;
  /** `telegram:<update id>`: the cause of everything said in this turn. */
  readonly key: string;
  readonly lane: string;
  readonly identity: TurnIdentity;
  readonly memberships: readonly Membership[];
  /** The business this person speaks for at the moment; null for people who belong to none. */
  readonly membership: Membership | null;
  locale: Locale;
  /** Keeps this in place of what came in, in the row of the inbox: that held what must not be kept. */
  readonly forget: (body: string) => Promise<void>;
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

export interface Sender {
  readonly channel: 'telegram' | 'whatsapp';
  readonly externalId: string;
  readonly name: string | null;
  /** The platform's guess of the language; a choice made with /language outranks it. */
  readonly languageCode: string | null;
}

interface TurnDeps {
  readonly clock: Clock;
  readonly random: Random;
}

/** Opens a turn for the sender, who becomes an identity at the first message. */
export async function openTurn(
  tx: Tx,
  deps: TurnDeps,
  sender: Sender,
  key: string,
  lane: string,
  forget: Turn['forget'],
): Promise<Turn> {
  const identity = await knownIdentity(tx, deps, sender);
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
    lane,
    identity: {
      id: identity.id,
      channel: sender.channel,
      externalId: sender.externalId,
      name: identity.name,
    },
    memberships,
    membership,
    locale: identity.locale ?? membership?.locale ?? guessLocale(sender.languageCode),
    forget,
    calls: 0,
  };
}

async function knownIdentity(tx: Tx, deps: TurnDeps, sender: Sender) {
  const known = await tx
    .selectFrom('identity')
    .select(['id', 'name', 'locale', 'current_business_id'])
    .where('channel', '=', sender.channel)
    .where('external_id', '=', sender.externalId)
    .executeTakeFirst();
  if (known !== undefined) {
    if (sender.name !== null && sender.name !== known.name)
      await tx.updateTable('identity').set({ name: sender.name }).where('id', '=', known.id).execute();
    return { ...known, name: sender.name ?? known.name };
  }
  return tx
    .insertInto('identity')
    .values({
      id: newId<IdentityId>(deps.clock, deps.random),
      channel: sender.channel,
      external_id: sender.externalId,
      name: sender.name,
      locale: null,
      current_business_id: null,
      created_at: deps.clock.now(),
    })
    .onConflict((conflict) => conflict.columns(['channel', 'external_id']).doUpdateSet({ name: sender.name }))
    .returning(['id', 'name', 'locale', 'current_business_id'])
    .executeTakeFirstOrThrow();
}

function guessLocale(languageCode: string | null): Locale {
  return languageCode?.toLowerCase().startsWith('sw') ? 'sw' : 'en';
}
