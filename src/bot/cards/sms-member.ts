/**
 * What a member hears by SMS where WhatsApp took neither a card nor a template for it. One for each cause, to the number
 * that the chat has; what is worth none waits quietly until they write.
 */
import { type Selectable, sql } from 'kysely';
import type { OutboxTable, Tx } from '../../db/tables.ts';
import type { IdentityId } from '../../domain/ids.ts';
import { type Msisdn, parseMsisdn } from '../../domain/msisdn.ts';
import { addressOfLane } from '../../payments/addresses.ts';
import type { Gateways } from '../../payments/gateways.ts';
import { ownLink } from '../../payments/phone-links.ts';
import { queueSms } from '../../payments/sms.ts';
import { membersWho } from './members.ts';
import { type CardDeps, loadReader } from './post.ts';
import { newsOf, subjectOf } from './sms-news.ts';
import { memberSmsText, smsText } from './sms-text.ts';

interface MissedDeps extends CardDeps {
  /** Absent: nothing is sent by SMS. */
  readonly gateways?: Gateways;
}

/** Whether an outbox row may be worth an SMS: the card of a payment, a payout or a file, or the news of an account. */
export function isMemberNews(key: string): boolean {
  return subjectOf(key) !== null;
}

/** The caller's transaction records that the row `key` of the outbox did not reach its chat. */
export async function tellMissed(tx: Tx, deps: MissedDeps, key: string): Promise<void> {
  const { gateways, words } = deps;
  const subject = subjectOf(key);
  if (gateways === undefined || subject === null) return;
  const row = await tx
    .selectFrom('outbox')
    .select(['key', 'lane', 'state', 'payload_sealed'])
    .where('key', '=', key)
    .executeTakeFirst();
  // Pending again: the person wrote meanwhile.
  if (row?.state !== 'held' && row?.state !== 'dropped') return;
  const news = row.lane.startsWith('whatsapp:') ? await newsOf(tx, deps, subject, row) : null;
  const msisdn = news === null ? null : await numberOf(tx, deps, row.lane, news.to);
  if (news === null || msisdn === null || news.told === msisdn) return;
  const { business, to, about, text } = news;
  if (!(await membersWho(tx, business.id, news.reads)).includes(to)) return;
  if (news.rings && (await hasRung(tx, row))) return;
  const { locale } = await loadReader(tx, to, business.locale);
  await queueSms(
    tx,
    { ...deps, gateways },
    { ...about, business_id: business.id, cause: news.cause },
    {
      kind: 'member',
      msisdn,
      text:
        text.key === 'sms-merchant'
          ? smsText(words, locale, 'merchant', text.view, text.proof)
          : memberSmsText(words, locale, business.name, text),
    },
  );
}

/** The number that WhatsApp reaches the person by; where only an id is known, the one they linked. null: none of Kenya's. */
async function numberOf(tx: Tx, deps: MissedDeps, lane: string, to: IdentityId): Promise<Msisdn | null> {
  const address = await addressOfLane(tx, deps.vault, lane);
  if (address?.kind === 'scoped') return (await ownLink(tx, deps, to))?.msisdn ?? null;
  const read = address === null ? null : parseMsisdn(address.value);
  return read?.kind === 'msisdn' ? read.msisdn : null;
}

/** A template about the same card went out, and nobody has written since. */
async function hasRung(
  tx: Tx,
  { key, lane }: Pick<Selectable<OutboxTable>, 'key' | 'lane'>,
): Promise<boolean> {
  const card = key.slice(0, key.lastIndexOf(':') + 1);
  const rung = await tx
    .selectFrom('outbox')
    .select('id')
    .where('lane', '=', lane)
    .where('state', '=', 'held')
    .where(sql<boolean>`starts_with(key, ${card})`)
    .where('external_id', 'is not', null)
    .where('failed_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return rung !== undefined;
}
