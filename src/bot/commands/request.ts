/** A request for money, as a command or as a line that somebody typed. */

import { sumsOf } from '../../domain/entry-amount.ts';
import { type LineReading, readLine } from '../../domain/entry-line.ts';
import { noteLength, noteLimit } from '../../domain/typed-text.ts';
import { activeAccount } from '../../payments/default-account.ts';
import { draftPayment } from '../../payments/request.ts';
import { postCard } from '../cards/post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { nothingKnown, type RequestStart, requestId } from '../conversations/request.ts';
import { lead } from '../enter.ts';
import { requireRight } from './access.ts';
import { connectWith } from './connect.ts';
import { reply } from './reply.ts';

type Requested = Extract<LineReading, { kind: 'request' | 'ask_or_send' }>;

export async function onRequest(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  if (argument === '') return collect(ctx, deps, nothingKnown);
  const line = readLine(argument);
  if (line.kind === 'request' || line.kind === 'ask_or_send') return onRequestLine(ctx, deps, line);
  await reply(ctx, deps, 'unread', {
    text: [...argument].slice(0, 40).join(''),
    eg: '/request 500 0712345678',
  });
}

/** All of it in one line goes straight to the confirm card; what is missing or ambiguous is asked. */
export async function onRequestLine(ctx: BotContext, deps: BotDeps, line: Requested): Promise<void> {
  if (noteLength(line.note) > noteLimit) {
    const values = { max: String(noteLimit), count: String(noteLength(line.note)) };
    return reply(ctx, deps, 'note-long', values);
  }
  if (line.phone?.kind === 'foreign') return reply(ctx, deps, 'foreign');
  const amount = line.amount;
  const phone = line.phone;
  if (line.kind === 'ask_or_send') return collect(ctx, deps, startOf(line));
  if (amount?.kind === 'amount' && phone?.kind === 'phone')
    return confirmAtOnce(ctx, deps, { cents: amount.cents, msisdn: phone.msisdn, note: line.note });
  await collect(ctx, deps, startOf(line));
}

function startOf(line: Requested): RequestStart {
  const { amount, phone } = line;
  const phones = phone?.kind === 'phone' ? [phone.msisdn] : phone?.kind === 'several' ? phone.options : [];
  return {
    businessId: null,
    asksIntent: line.kind === 'ask_or_send',
    amounts: amount === null ? [] : sumsOf(amount).map(String),
    sure: amount?.kind === 'amount',
    outOfRange: amount?.kind === 'range',
    phones,
    payerName: line.kind === 'request' ? line.name : null,
    // A line says what it is for, or that it needs no saying.
    note: line.note,
    changes: null,
    keeps: null,
  };
}

async function collect(ctx: BotContext, deps: BotDeps, start: RequestStart): Promise<void> {
  const membership = await requireRight(ctx, deps, 'request_payment');
  if (membership === null) return;
  if ((await activeAccount(ctx.turn.tx, membership.businessId)) === null)
    return reply(ctx, deps, 'no-gateway', connectWith(membership));
  await lead(ctx, requestId, { ...start, businessId: membership.businessId } satisfies RequestStart);
}

async function confirmAtOnce(
  ctx: BotContext,
  deps: BotDeps,
  asked: { cents: bigint; msisdn: Parameters<typeof draftPayment>[2]['msisdn']; note: string },
): Promise<void> {
  const membership = await requireRight(ctx, deps, 'request_payment');
  if (membership === null) return;
  const { tx, identity } = ctx.turn;
  const account = await activeAccount(tx, membership.businessId);
  if (account === null) return reply(ctx, deps, 'no-gateway', connectWith(membership));
  const id = await draftPayment(tx, deps, {
    businessId: membership.businessId,
    accountId: account.id,
    requestedBy: identity.id,
    amountCents: asked.cents,
    msisdn: asked.msisdn,
    note: asked.note,
    payerName: null,
  });
  await postCard(tx, deps, id, identity.id, 'request');
}
