/** /link makes payment links, its button closes them, and `/start pay_…` opens one. */
import { sumsOf } from '../../domain/entry-amount.ts';
import { readLine } from '../../domain/entry-line.ts';
import type { LinkId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import { cleanNote, noteLength, noteLimit } from '../../domain/typed-text.ts';
import { activeAccount } from '../../payments/default-account.ts';
import { closeLink, findLink } from '../../payments/links.ts';
import { refusalSay } from '../cards/link-refusal.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { makeLink, type PayLinkStart, payLinkId, usualDays } from '../conversations/link.ts';
import { payId } from '../conversations/pay.ts';
import { lead } from '../enter.ts';
import type { Membership } from '../turn.ts';
import { requireRight, roleValues } from './access.ts';
import { connectWith } from './connect.ts';
import { reply, toast } from './reply.ts';

export async function onLink(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  const membership = await requireRight(ctx, deps, 'request_payment');
  if (membership === null) return;
  if ((await activeAccount(ctx.turn.tx, membership.businessId)) === null)
    return reply(ctx, deps, 'no-gateway', connectWith(membership));
  const { businessId } = membership;
  if (argument === '') return lead(ctx, payLinkId, { businessId, ...nothingKnown } satisfies PayLinkStart);
  await inOneLine(ctx, deps, membership, argument);
}

const nothingKnown = { amounts: [], sure: false, outOfRange: false, note: null };

/** `/link 500 lunch`, in either order. A phone has no place in it: whoever opens the link names the own one. */
async function inOneLine(
  ctx: BotContext,
  deps: BotDeps,
  { businessId }: Membership,
  argument: string,
): Promise<void> {
  const line = readLine(argument);
  if (line.kind !== 'request' || line.amount === null || line.phone !== null)
    return reply(ctx, deps, 'unread', { text: [...argument].slice(0, 40).join(''), eg: '/link 500 lunch' });
  const note = cleanNote([line.name ?? '', line.note].join(' '));
  if (noteLength(note) > noteLimit)
    return reply(ctx, deps, 'note-long', { max: String(noteLimit), count: String(noteLength(note)) });
  const sums = sumsOf(line.amount).map(String);
  if (line.amount.kind === 'amount') {
    const wish = { cents: sums[0] ?? null, note, once: true, days: usualDays };
    const made = await makeLink(deps, ctx.turn, businessId, wish);
    return made === 'made' ? undefined : reply(ctx, deps, made);
  }
  await lead(ctx, payLinkId, {
    businessId,
    amounts: sums,
    sure: false,
    outOfRange: line.amount.kind === 'range',
    note,
  } satisfies PayLinkStart);
}

/** The link is closed for everybody; prompts that are out go on. */
export async function onPayLinkPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const { turn } = ctx;
  const id = /^y:([0-9a-f-]{36})$/.exec(data)?.[1] as LinkId | undefined;
  const link =
    id === undefined
      ? undefined
      : await turn.tx
          .selectFrom('pay_link')
          .select(['id', 'business_id'])
          .where('id', '=', id)
          .executeTakeFirst();
  const membership = turn.memberships.find(({ businessId }) => businessId === link?.business_id);
  if (link === undefined || membership === undefined) return toast(ctx, deps, 'not-yours');
  if (!may(membership.role, 'request_payment'))
    return toast(ctx, deps, 'role', await roleValues(ctx, deps, membership.businessId, 'request_payment'));
  await closeLink(turn.tx, deps, link.id, turn.identity.id);
  await toast(ctx, deps, 'link-closed');
  await ctx.editMessageReplyMarkup();
}

/** Somebody opened the link in Telegram. */
export async function onPayStart(ctx: BotContext, deps: BotDeps, code: string): Promise<void> {
  const link = await findLink(ctx.turn.tx, deps, code);
  if (link?.state === 'open') return lead(ctx, payId, { code });
  const refusal = { kind: link?.state ?? 'no_link' } as const;
  const { key, values } = refusalSay(refusal, link, deps.clock.now(), ctx.turn.locale);
  await ctx.conversation.exitAll();
  await reply(ctx, deps, key, values);
}
