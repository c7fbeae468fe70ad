/** /freeze stops every payout of the business after one question; only an owner lets them go on. */
import type { BusinessId } from '../../domain/ids.ts';
import { allowPayouts, freezePayouts } from '../../payouts/freeze.ts';
import { postFreeze } from '../cards/payout-freeze.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight, roleValues } from './access.ts';
import { reply, toast } from './reply.ts';

export async function onFreeze(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'freeze_payouts');
  if (membership === null) return;
  const { tx, identity, key, locale } = ctx.turn;
  const { businessId } = membership;
  const business = await tx
    .selectFrom('business')
    .select('frozen_at')
    .where('id', '=', businessId)
    .executeTakeFirstOrThrow();
  if (business.frozen_at !== null) return postFreeze(tx, deps, businessId, identity.id, `${key}:frozen`);
  await reply(ctx, deps, 'freeze-ask', {}, [
    [
      { text: deps.words.say(locale, 'btn-freeze'), callback_data: `z:stop:${businessId}` },
      { text: deps.words.say(locale, 'btn-cancel'), callback_data: `z:keep:${businessId}` },
    ],
  ]);
}

/** The button names its business; whether the person may do it there is asked now. */
export async function onFreezePress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, what, id = ''] = data.split(':');
  const { tx, identity, memberships } = ctx.turn;
  const membership = memberships.find(({ businessId }) => businessId === id);
  if (membership === undefined) return toast(ctx, deps, 'not-yours');
  if (what !== 'stop' && what !== 'allow') {
    await ctx.answerCallbackQuery();
    return void (await ctx.editMessageReplyMarkup());
  }
  const businessId: BusinessId = membership.businessId;
  const done =
    what === 'stop'
      ? await freezePayouts(tx, deps, businessId, identity.id)
      : await allowPayouts(tx, deps, businessId, identity.id);
  if (done.kind === 'no_right') {
    const right = what === 'stop' ? 'freeze_payouts' : 'allow_payouts';
    return toast(ctx, deps, 'role', await roleValues(ctx, deps, businessId, right));
  }
  if (done.kind === 'was_so') await toast(ctx, deps, 'old-card');
  else await ctx.answerCallbackQuery();
  await ctx.editMessageReplyMarkup();
}
