/** Files and pasted lines of payouts: noted in the turn, read outside of it; and the pages that show their rows. */

import { mostBulkBytes } from '../../domain/bulk-read.ts';
import { looksLikeBulk } from '../../domain/bulk-text.ts';
import type { BatchId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import { cleanText } from '../../domain/typed-text.ts';
import { payoutAccount } from '../../payouts/accounts.ts';
import { keepFile } from '../../payouts/bulk-intake.ts';
import { bulkRows, type RowsPage } from '../cards/bulk-rows.ts';
import type { BotContext, BotDeps } from '../context.ts';
import type { Membership } from '../turn.ts';
import { requireRight } from './access.ts';
import { connectWith } from './connect.ts';
import { reply, toast } from './reply.ts';

const longestName = 60;

/** A file that was sent to the chat. */
export async function onBulkFile(ctx: BotContext, deps: BotDeps): Promise<void> {
  const document = ctx.message?.document;
  if (document === undefined) return;
  const membership = await mayPayOut(ctx, deps);
  if (membership === null) return;
  const name = [...cleanText(document.file_name ?? '')].slice(0, longestName).join('') || '–';
  if ((document.file_size ?? 0) > mostBulkBytes) return reply(ctx, deps, 'bulk-no-too-big', { file: name });
  const mime = document.mime_type ?? null;
  await keep(ctx, deps, membership, { name, mime, from: { platformId: document.file_id } });
  await reply(ctx, deps, 'bulk-reading', { file: name });
}

/** Several lines, each with a phone and a sum. false: they are not meant as payouts. */
export async function onBulkText(ctx: BotContext, deps: BotDeps): Promise<boolean> {
  const text = ctx.message?.text ?? '';
  if (!looksLikeBulk(text)) return false;
  const membership = await mayPayOut(ctx, deps);
  if (membership === null) return true;
  const name = deps.words.say(ctx.turn.locale, 'bulk-pasted');
  await keep(ctx, deps, membership, { name, mime: null, from: { pasted: text } });
  return true;
}

async function mayPayOut(ctx: BotContext, deps: BotDeps): Promise<Membership | null> {
  const membership = await requireRight(ctx, deps, 'request_payout');
  if (membership === null) return null;
  const account = await payoutAccount(ctx.turn.tx, deps.gateways, membership.businessId);
  if (account !== null) return membership;
  await reply(ctx, deps, 'po-no-gateway', connectWith(membership));
  return null;
}

type What = Pick<Parameters<typeof keepFile>[2], 'name' | 'mime' | 'from'>;

async function keep(ctx: BotContext, deps: BotDeps, membership: Membership, what: What): Promise<void> {
  const { tx, key, identity, lane } = ctx.turn;
  await keepFile(tx, deps, {
    key,
    businessId: membership.businessId,
    identityId: identity.id,
    lane,
    ...what,
  });
}

/** As a message of its own, whose buttons turn the pages. */
export async function sendBulkRows(ctx: BotContext, deps: BotDeps, id: BatchId): Promise<void> {
  const page = await bulkRows(ctx.turn.tx, deps.vault, id, 0);
  await ctx.reply(textOf(ctx, deps, page), { reply_markup: buttonsOf(ctx, deps, id, page) });
}

/** `r:<batch>:<page>` */
export async function onBulkPage(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, id = '', page = ''] = data.split(':');
  const { tx, memberships } = ctx.turn;
  const isOne = /^[0-9a-f-]{36}$/.test(id) && /^\d{1,4}$/.test(page);
  const batch = isOne
    ? await tx
        .selectFrom('payout_batch')
        .select(['id', 'business_id'])
        .where('id', '=', id as BatchId)
        .executeTakeFirst()
    : undefined;
  const membership = memberships.find(({ businessId }) => businessId === batch?.business_id);
  if (batch === undefined || membership === undefined || !may(membership.role, 'request_payout'))
    return toast(ctx, deps, 'not-yours');
  const shown = await bulkRows(tx, deps.vault, batch.id, Number(page));
  await ctx.editMessageText(textOf(ctx, deps, shown), {
    reply_markup: buttonsOf(ctx, deps, batch.id, shown),
  });
  await ctx.answerCallbackQuery();
}

function textOf(ctx: BotContext, deps: BotDeps, { lines, page, last }: RowsPage): string {
  const say = (key: string, values?: Record<string, string>) => deps.words.say(ctx.turn.locale, key, values);
  return [
    say('bulk-page', { page: String(page + 1), pages: String(last + 1) }),
    ...lines.map(({ number, text, why }) =>
      why === null ? `${number}. ${text}` : `${number}. ${say(why)}: ${text}`,
    ),
  ].join('\n');
}

function buttonsOf(ctx: BotContext, deps: BotDeps, id: BatchId, { page, last }: RowsPage) {
  const button = (key: string, to: number) => ({
    text: deps.words.say(ctx.turn.locale, key),
    callback_data: `r:${id}:${to}`,
  });
  const row = [
    ...(page > 0 ? [button('btn-rows-before', page - 1)] : []),
    ...(page < last ? [button('btn-rows-after', page + 1)] : []),
  ];
  return { inline_keyboard: row.length === 0 ? [] : [row] };
}
