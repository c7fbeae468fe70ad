/** An owner sees the limits of payouts, and changes one. */
import type { Tx } from '../../db/tables.ts';
import { readAmount } from '../../domain/entry-amount.ts';
import type { BusinessId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { type LimitName, limitNames } from '../../domain/payout-limits.ts';
import { changeLimit } from '../../payouts/limits.ts';
import { readLimits } from '../../payouts/reserve.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Read } from '../kit.ts';
import { unread } from './request-read.ts';

export const limitsId = 'limits@1';

export interface LimitsStart {
  readonly businessId: BusinessId;
}

const textOf = {
  single: 'limit-single',
  day: 'limit-day',
  memberDay: 'limit-member',
  payeeDay: 'limit-payee',
  digitsAbove: 'limit-digits',
  aloneDay: 'limit-alone',
} as const satisfies Record<LimitName, string>;

/** A thousand payouts of the highest sum: more is a slip of the finger. */
const mostCents = 250_000_000_00n;

export function limitsConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: LimitsStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const now = await kit.act((turn) => shown(turn.tx, start.businessId));
    const list = limitNames.map((name) => `${kit.word(textOf[name])}: ${now[name]}`).join('\n');
    const limit = await kit.choose<LimitName | 'none'>('limit', { key: 'limits', values: { list } }, [
      ...limitNames.map((name) => ({ label: kit.word(textOf[name]), value: name })),
      { label: kit.word('btn-cancel'), value: 'none' as const },
    ]);
    if (limit === null || limit === 'none') return;
    const cents = await kit.ask<string>({
      id: 'limit-sum',
      say: { key: 'limit-ask', values: { limit: kit.word(textOf[limit]), now: now[limit] } },
      digits: true,
      read: readLimit,
    });
    if (cents === null) return;
    const kept = await kit.act(async (turn) => {
      const change = { limit, cents: BigInt(cents) };
      return (await changeLimit(turn.tx, deps, start.businessId, turn.identity.id, change)) !== null;
    });
    const values = { limit: kit.word(textOf[limit]), now: showMoney(BigInt(cents)) };
    await kit.tell(kept ? { key: 'limit-set', values } : { key: 'not-yours' });
  };
}

async function shown(tx: Tx, id: BusinessId): Promise<Record<LimitName, string>> {
  const { payout_limits } = await tx
    .selectFrom('business')
    .select('payout_limits')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const limits = readLimits(payout_limits);
  return Object.fromEntries(limitNames.map((name) => [name, showMoney(limits[name])])) as Record<
    LimitName,
    string
  >;
}

/** A limit of a day may be more than M-Pesa moves at once, and none at all is one too. Cents as text. */
function readLimit(answer: Answer): Read<string> {
  if (answer.kind !== 'text') return { again: unread('…', '70,000') };
  const plain = answer.text
    .trim()
    .replace(/^(?:kes|ksh)\s*/i, '')
    .replaceAll(',', '');
  const reading = readAmount(answer.text);
  const cents = /^\d{1,9}$/.test(plain)
    ? BigInt(plain) * 100n
    : reading.kind === 'amount'
      ? reading.cents
      : null;
  return cents === null || cents > mostCents
    ? { again: unread(answer.text, '70,000') }
    : { value: String(cents) };
}
