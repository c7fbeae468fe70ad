/** /freeze stops every payout of the business after one question; only an owner lets them go on. */
import type { BusinessId } from '../../domain/ids.ts';
import { allowPayouts, freezePayouts, lastFreezeChange } from '../../payouts/freeze.ts';
import { freezeData, postFreeze } from '../cards/payout-freeze.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight, roleValues } from './access.ts';
import { reply, toast } from './reply.ts';

export async function onFreeze(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'freeze_payouts');
  if (membership !== null) await showFreeze(ctx, deps, membership.businessId);
}

/** The stop that is so, or the question that asks for one. */
async function showFreeze(ctx: BotContext, deps: BotDeps, businessId: BusinessId): Promise<void> {
  const { tx, identity, key, locale } = ctx.turn;
  const business = await tx
    .selectFrom('business')
    .select('frozen_at')
    .where('id', '=', businessId)
    .executeTakeFirstOrThrow();
  if (business.frozen_at !== null) return postFreeze(tx, deps, businessId, identity.id, `${key}:frozen`);
  const last = await lastFreezeChange(tx, businessId);
  await reply(ctx, deps, 'freeze-ask', {}, [
    [
      { text: deps.words.say(locale, 'btn-freeze'), callback_data: freezeData('stop', businessId, last) },
      { text: deps.words.say(locale, 'btn-cancel'), callback_data: freezeData('keep', businessId, last) },
    ],
  ]);
}

/** The button names its business; whether the person may do it there, and knows how things stand, is asked now. */
export async function onFreezePress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, what, id = '', seen = ''] = data.split(':');
  const { tx, identity, key, memberships, locale } = ctx.turn;
  const membership = memberships.find(({ businessId }) => businessId === id);
  if (membership === undefined) return toast(ctx, deps, 'not-yours');
  if (what !== 'stop' && what !== 'allow') {
    await ctx.answerCallbackQuery();
    return void (await ctx.editMessageText(deps.words.say(locale, 'freeze-kept')));
  }
  const { businessId } = membership;
  const change = what === 'stop' ? freezePayouts : allowPayouts;
  const done = await change(tx, deps, businessId, identity.id, changeOf(seen));
  if (done.kind === 'no_right') {
    const right = what === 'stop' ? 'freeze_payouts' : 'allow_payouts';
    return toast(ctx, deps, 'role', await roleValues(ctx, deps, businessId, right));
  }
  await ctx.editMessageReplyMarkup();
  if (done.kind === 'done') return void (await ctx.answerCallbackQuery());
  await toast(ctx, deps, 'old-card');
  // A second tap on Allow is no wish to stop them.
  const isAsked = what === 'stop' || done.kind === 'changed_since';
  if (isAsked) await showFreeze(ctx, deps, businessId);
  else await postFreeze(tx, deps, businessId, identity.id, `${key}:allowed`);
}

/** A button without one is of an older release: no change has this id. */
function changeOf(text: string): bigint {
  return /^[0-9a-z]{1,11}$/.test(text) ? BigInt(Number.parseInt(text, 36)) : -1n;
}
