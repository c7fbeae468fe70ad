/**
 * A button of the card of a file of payouts. Authority is checked here, at the press: whose card it is, whether it is the
 * current version, whether the person may still do this. What is refused says why and changes nothing.
 */
import type { Tx } from '../../db/tables.ts';
import type { BatchId } from '../../domain/ids.ts';
import { may, type Right } from '../../domain/roles.ts';
import { approveBatch } from '../../payouts/bulk-approve.ts';
import { lockBatchForDecision } from '../../payouts/bulk-decide.ts';
import { askBatch, withdrawBatch } from '../../payouts/bulk-request.ts';
import { pauseBatch, resumeBatch, stopBatch } from '../../payouts/bulk-run.ts';
import { roleValues } from '../commands/access.ts';
import { sendBulkRows } from '../commands/bulk.ts';
import { reply, toast } from '../commands/reply.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { type BulkStart, bulkId } from '../conversations/bulk.ts';
import { lead } from '../enter.ts';
import { sayBulkApproval } from './bulk-approval.ts';
import { type BulkAction, bulkActions } from './bulk-card.ts';
import { postBulkCard, updateBulkCard } from './bulk-post.ts';
import { type BulkView, loadBulkView } from './bulk-view.ts';
import { mayHold, replacedCard } from './old-card.ts';
import { isGroupLane } from './payout-place.ts';
import { type PayoutCard, versionSeen } from './payout-post.ts';

const needs = {
  ask: 'request_payout',
  cancel: 'request_payout',
  withdraw: 'request_payout',
  rows: 'request_payout',
  approve: 'approve_payout',
  reject: 'approve_payout',
  pause: 'freeze_payouts',
  resume: 'freeze_payouts',
  'stop-rest': 'freeze_payouts',
} as const satisfies Record<BulkAction, Right>;

interface Press {
  readonly id: BatchId;
  readonly card: PayoutCard;
  readonly view: BulkView;
  readonly group: boolean;
}

export async function onBulkPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, nonce = '', pressed = ''] = data.split(':');
  const { tx, identity, lane } = ctx.turn;
  const card = await lockCard(tx, nonce);
  if (card?.batch_id == null) return onOldCard(ctx, deps);
  const group = isGroupLane(card.lane);
  const mine = group ? card.lane === lane : card.identity_id === identity.id;
  if (!mine || !(pressed in needs)) return toast(ctx, deps, 'not-yours');
  const action = pressed as BulkAction;
  const view = await loadBulkView(tx, card.batch_id, deps.clock.now());
  const membership = ctx.turn.memberships.find(({ businessId }) => businessId === view.business.id);
  if (membership === undefined) return toast(ctx, deps, 'not-yours');
  if (!may(membership.role, needs[action])) {
    const values = await roleValues(ctx, deps, membership.businessId, needs[action]);
    return toast(ctx, deps, 'role', values);
  }
  const press = { id: card.batch_id, card, view, group };
  if (!bulkActions(view, { kind: card.kind, group }).includes(action)) return sayOld(ctx, deps, press);
  await act(ctx, deps, action, press);
}

/** The card that was pressed is of an older version: the current one stands in its place, or is sent anew. */
async function onOldCard(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { tx, identity, lane, memberships } = ctx.turn;
  await toast(ctx, deps, 'old-card');
  const cardId = isGroupLane(lane) ? null : await replacedCard(ctx, 'payout_card');
  if (cardId === null) return;
  const replaced = await tx
    .selectFrom('payout_card')
    .select(['batch_id', 'kind'])
    .where('id', '=', cardId)
    .where('identity_id', '=', identity.id)
    .executeTakeFirst();
  if (replaced?.batch_id == null) return;
  await lockBatchForDecision(tx, replaced.batch_id);
  const view = await loadBulkView(tx, replaced.batch_id, deps.clock.now());
  const membership = memberships.find(({ businessId }) => businessId === view.business.id);
  if (membership !== undefined && mayHold(membership.role, replaced.kind))
    await postBulkCard(tx, deps, view, identity.id, replaced.kind);
}

/** The business and the batch are locked before the card, as everywhere. */
async function lockCard(tx: Tx, nonce: string): Promise<PayoutCard | undefined> {
  const named = await tx
    .selectFrom('payout_card')
    .select('batch_id')
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (named?.batch_id == null) return undefined;
  await lockBatchForDecision(tx, named.batch_id);
  return tx.selectFrom('payout_card').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
}

async function sayOld(ctx: BotContext, deps: BotDeps, { card, view }: Press): Promise<void> {
  await updateBulkCard(ctx.turn.tx, deps, card, view);
  await toast(ctx, deps, 'old-card');
}

/** What is to be typed, or shows whole phones, belongs into the person's own chat: the card is put there. */
async function inOwnChat(ctx: BotContext, deps: BotDeps, { view }: Press): Promise<void> {
  const { tx, identity } = ctx.turn;
  await toast(ctx, deps, 'po-own-chat');
  const mine = view.batch.requested_by === identity.id;
  await postBulkCard(tx, deps, view, identity.id, mine ? 'request' : 'approval');
}

async function act(ctx: BotContext, deps: BotDeps, action: BulkAction, press: Press): Promise<void> {
  const { tx, identity } = ctx.turn;
  const { id, card, view, group } = press;
  if (group && action !== 'approve') return inOwnChat(ctx, deps, press);
  const started = { batchId: id, version: versionSeen(card), by: view.requester };
  switch (action) {
    case 'ask':
      return ask(ctx, deps, press);
    case 'cancel':
    case 'withdraw':
      if (!(await withdrawBatch(tx, deps, id, identity.id))) return sayOld(ctx, deps, press);
      break;
    case 'approve':
      return approve(ctx, deps, press);
    case 'reject':
      await ctx.answerCallbackQuery();
      return lead(ctx, bulkId, { ...started, ask: 'reject', count: '' } satisfies BulkStart);
    case 'rows':
      await ctx.answerCallbackQuery();
      return sendBulkRows(ctx, deps, id);
    case 'pause':
    case 'resume':
    case 'stop-rest': {
      const change = { pause: pauseBatch, resume: resumeBatch, 'stop-rest': stopBatch }[action];
      const held = await change(tx, deps, id, identity.id);
      if (held === 'not_yours') return toast(ctx, deps, 'bulk-resume-no', { who: await pausedBy(tx, view) });
      if (held === 'account_stopped') return toast(ctx, deps, 'bulk-resume-stopped');
      if (held !== 'done') return sayOld(ctx, deps, press);
      break;
    }
  }
  await ctx.answerCallbackQuery();
}

async function pausedBy(tx: Tx, { batch }: BulkView): Promise<string> {
  const row = await tx
    .selectFrom('identity')
    .select('name')
    .where('id', '=', batch.paused_by)
    .executeTakeFirst();
  return row?.name ?? '–';
}

async function ask(ctx: BotContext, deps: BotDeps, press: Press): Promise<void> {
  const { id, view } = press;
  const outcome = await askBatch(ctx.turn.tx, deps, id, ctx.turn.identity.id, null);
  if (outcome.kind === 'not_now') return sayOld(ctx, deps, press);
  await ctx.answerCallbackQuery();
  if (outcome.kind === 'again') {
    const { same, again, before } = outcome.facts;
    const count = before === null ? Math.max(same, again) : view.batch.rows;
    const start = { batchId: id, version: view.batch.version, by: view.requester };
    return lead(ctx, bulkId, { ...start, ask: 'again', count: String(count) } satisfies BulkStart);
  }
  const { others, alone } = view.approvers;
  if (others.length === 0 && !alone) await reply(ctx, deps, 'po-nobody');
}

async function approve(ctx: BotContext, deps: BotDeps, press: Press): Promise<void> {
  const { id, card, view, group } = press;
  const version = versionSeen(card);
  const by = ctx.turn.identity.id;
  const outcome = await approveBatch(ctx.turn.tx, deps, { batchId: id, by, version, totalCents: null });
  if (outcome.kind === 'approved') return void (await ctx.answerCallbackQuery());
  if (outcome.kind !== 'total') {
    const { key, values } = sayBulkApproval(outcome, view.restCents !== null);
    // A toast holds 200 characters, and is gone in a moment.
    if (outcome.kind !== 'over_limit' || group) return toast(ctx, deps, key, values);
    await ctx.answerCallbackQuery();
    return reply(ctx, deps, key, values);
  }
  if (group) return inOwnChat(ctx, deps, press);
  await ctx.answerCallbackQuery();
  const start = { batchId: id, version, by: view.requester, count: view.batch.ref };
  const ask = view.restCents === null ? 'total' : 'rest';
  return lead(ctx, bulkId, { ...start, ask } satisfies BulkStart);
}
