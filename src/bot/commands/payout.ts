/** Sending money, as a command or as its one line. It ends with a request card; the card's button asks for approval. */
import { sumsOf } from '../../domain/entry-amount.ts';
import { type LineReading, readLine } from '../../domain/entry-line.ts';
import { cleanNote, noteLength, noteLimit } from '../../domain/typed-text.ts';
import { payoutAccount } from '../../payouts/accounts.ts';
import { beginPayout } from '../cards/payout-draft.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { payoutId, payoutRange } from '../conversations/payout.ts';
import { nothingKnown, type PayoutStart } from '../conversations/payout-start.ts';
import { lead } from '../enter.ts';
import { requireRight } from './access.ts';
import { connectWith } from './connect.ts';
import { reply } from './reply.ts';

type Told = Extract<LineReading, { kind: 'request' | 'ask_or_send' }>;

export async function onPayout(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  const membership = await requireRight(ctx, deps, 'request_payout');
  if (membership === null) return;
  const { businessId } = membership;
  const account = await payoutAccount(ctx.turn.tx, deps.gateways, businessId);
  if (account === null) return reply(ctx, deps, 'po-no-gateway', connectWith(membership));
  if (argument === '') {
    await reply(ctx, deps, 'bulk-file');
    return lead(ctx, payoutId, { ...nothingKnown, businessId } satisfies PayoutStart);
  }
  const line = readLine(argument);
  if (line.kind !== 'request' && line.kind !== 'ask_or_send')
    return reply(ctx, deps, 'unread', {
      text: [...argument].slice(0, 40).join(''),
      eg: '/payout 500 0712345678 wages',
    });
  if (noteLength(line.note) > noteLimit) {
    const values = { max: String(noteLimit), count: String(noteLength(line.note)) };
    return reply(ctx, deps, 'note-long', values);
  }
  if (line.phone?.kind === 'foreign') return reply(ctx, deps, 'foreign');
  const { amount, phone } = line;
  const note = cleanNote(line.note);
  const limits = { least: account.leastCents, most: account.mostCents };
  if (amount?.kind !== 'amount' || phone?.kind !== 'phone' || note === '')
    return lead(ctx, payoutId, { ...payoutStartOf(line), businessId } satisfies PayoutStart);
  if (amount.cents < limits.least || amount.cents > limits.most) {
    const { key, values } = payoutRange(limits);
    return reply(ctx, deps, key, values);
  }
  const payeeName = line.name;
  await beginPayout(deps, ctx.turn, {
    businessId,
    netCents: amount.cents,
    chargeCents: 0n,
    msisdn: phone.msisdn,
    payeeName,
    note,
  });
}

/** What a line says already; the rest is asked. */
function payoutStartOf(line: Told): PayoutStart {
  const { amount, phone } = line;
  return {
    ...nothingKnown,
    amounts: amount === null ? [] : sumsOf(amount).map(String),
    sure: amount?.kind === 'amount',
    outOfRange: amount?.kind === 'range',
    phones: phone?.kind === 'phone' ? [phone.msisdn] : phone?.kind === 'several' ? phone.options : [],
    payeeName: line.name,
    note: cleanNote(line.note),
  };
}
