/**
 * So that nobody rings strangers' phones with a link: how many prompts links may cause, counted in the database, since
 * several processes ask. A prompt counts when it is queued; what was refused rang no phone. The numbers are explained in
 * docs/decisions/0005.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BusinessId, LinkId } from '../domain/ids.ts';
import type { Reason } from '../domain/payment.ts';

interface Limit {
  readonly prompts: number;
  readonly seconds: number;
}

const minutes = 60;
const day = 24 * 3600;

export const linkLimits = {
  link: [{ prompts: 30, seconds: 10 * minutes }],
  phone: [
    { prompts: 3, seconds: 10 * minutes },
    { prompts: 8, seconds: day },
  ],
  address: [
    { prompts: 15, seconds: 10 * minutes },
    { prompts: 100, seconds: day },
  ],
  business: [{ prompts: 20, seconds: 1 * minutes }],
} as const satisfies Record<string, readonly Limit[]>;

/** A phone that said no twice within a week is left alone for a day after the second no. */
export const noesWithinSeconds = 7 * day;
export const quietSeconds = day;

export interface Asker {
  readonly linkId: LinkId;
  readonly businessId: BusinessId;
  readonly phoneHmac: Buffer;
  /** null: a person in a chat, or an address that nobody knows; it is not counted. */
  readonly addressHmac: Buffer | null;
  /** A person in a chat, with a phone that the platform vouches for. */
  readonly vouched: boolean;
}

/**
 * Whoever counts the same thing waits for the other. Always in the order of the keys, so that two never wait for each
 * other; a phone's key is the one that `sendPrompt` takes as well.
 */
export async function lockCounts(tx: Tx, asker: Asker): Promise<void> {
  const business = Buffer.from(asker.businessId.replaceAll('-', '').slice(16), 'hex');
  const keys = [asker.phoneHmac, asker.addressHmac, business].filter((key) => key !== null);
  const sorted = keys.map((key) => key.readBigInt64BE(0)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (const key of sorted) await sql`select pg_advisory_xact_lock(${key})`.execute(tx);
}

/** When the next prompt is allowed; null: now. */
export async function limitedUntil(tx: Tx, asker: Asker, now: Date): Promise<Date | null> {
  const uses = tx.selectFrom('link_use');
  const ends = [
    await full(linkLimits.link, now, (at) =>
      uses.where('link_id', '=', asker.linkId).where('at', '>', at).select('at'),
    ),
    await full(linkLimits.phone, now, (at) =>
      uses.where('phone_hmac', '=', asker.phoneHmac).where('at', '>', at).select('at'),
    ),
    await full(linkLimits.business, now, (at) =>
      uses
        .innerJoin('pay_link', 'pay_link.id', 'link_use.link_id')
        .where('pay_link.business_id', '=', asker.businessId)
        .where('at', '>', at)
        .select('at'),
    ),
    asker.addressHmac === null
      ? null
      : await full(linkLimits.address, now, (at) =>
          uses.where('address_hmac', '=', asker.addressHmac).where('at', '>', at).select('at'),
        ),
  ];
  return latest(ends);
}

interface Counted {
  orderBy(column: 'at', direction: 'desc'): Counted;
  offset(rows: number): Counted;
  limit(rows: number): Counted;
  executeTakeFirst(): Promise<{ readonly at: Date } | undefined>;
}

/** A window is full as long as its n-th newest use is inside it. */
async function full(
  limits: readonly Limit[],
  now: Date,
  usesSince: (at: Date) => unknown,
): Promise<Date | null> {
  const ends: (Date | null)[] = [];
  for (const { prompts, seconds } of limits) {
    const uses = usesSince(plusSeconds(now, -seconds)) as Counted;
    const nth = await uses
      .orderBy('at', 'desc')
      .offset(prompts - 1)
      .limit(1)
      .executeTakeFirst();
    ends.push(nth === undefined ? null : plusSeconds(nth.at, seconds));
  }
  return latest(ends);
}

function latest(ends: readonly (Date | null)[]): Date | null {
  const times = ends.filter((end) => end !== null).map((end) => end.getTime());
  return times.length === 0 ? null : new Date(Math.max(...times));
}

const sureNoes: Reason[] = ['cancelled'];
/** BluePay names no reason: it may be a no, or a mistyped PIN. */
const unclearNoes: Reason[] = ['not_given'];
/** The prompt stood on the phone, or waited for it, and nobody answered. */
const ignored: Reason[] = ['expired', 'unreachable'];

/**
 * A no: a prompt of a link that was cancelled on the phone, or the answer that it was somebody else's payment. What may be
 * one counts where the same kind of asker caused the prompt: for a browser whatever came to nothing, for a person in a chat
 * their own prompts alone, so that nobody else can have them left out. When links may ask this phone again; null: now.
 */
export async function quietUntil(
  tx: Tx,
  { phoneHmac, vouched }: Pick<Asker, 'phoneHmac' | 'vouched'>,
  now: Date,
): Promise<Date | null> {
  const since = plusSeconds(now, -(noesWithinSeconds + quietSeconds));
  const cancelled = tx
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .select('attempt.ended_at as at')
    .where('attempt.phone_hmac', '=', phoneHmac)
    .where('payment.link_id', 'is not', null)
    .where('attempt.state', '=', 'failed')
    .where((eb) =>
      vouched
        ? eb.or([
            eb('attempt.reason', 'in', sureNoes),
            eb.and([
              eb('attempt.reason', 'in', unclearNoes),
              eb.exists(
                eb
                  .selectFrom('link_use')
                  .select('link_use.id')
                  .whereRef('link_use.payment_id', '=', 'payment.id')
                  .where('link_use.vouched', '=', true),
              ),
            ]),
          ])
        : eb('attempt.reason', 'in', [...sureNoes, ...unclearNoes, ...ignored]),
    )
    .where('attempt.ended_at', '>', since);
  const denied = tx
    .selectFrom('customer_answer')
    .innerJoin('payment', 'payment.id', 'customer_answer.payment_id')
    .select('customer_answer.at as at')
    .where('payment.link_id', 'is not', null)
    .where('payment.phone_hmac', '=', phoneHmac)
    .where('customer_answer.answer', '=', 'not_me')
    .where('customer_answer.at', '>', since);
  const [last, before] = await cancelled.unionAll(denied).orderBy('at', 'desc').limit(2).execute();
  if (last?.at == null || before?.at == null) return null;
  if (last.at.getTime() - before.at.getTime() > noesWithinSeconds * 1000) return null;
  const until = plusSeconds(last.at, quietSeconds);
  return until > now ? until : null;
}
