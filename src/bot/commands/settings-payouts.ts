/** What /settings shows an owner of payouts: their limits, and whether one person may approve alone. */
import { may } from '../../domain/roles.ts';
import { payoutAccount } from '../../payouts/accounts.ts';
import { setAlone } from '../../payouts/alone.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { aloneModeId } from '../conversations/alone-mode.ts';
import { limitsId } from '../conversations/limits.ts';
import { lead } from '../enter.ts';
import type { Membership } from '../turn.ts';
import { roleValues } from './access.ts';
import { reply, toast } from './reply.ts';
import { buttonData } from './settings-data.ts';

type Button = { text: string; callback_data: string };

/** Nothing where the person may not change it, or where the business pays nobody out. */
export async function payoutSettings(
  ctx: BotContext,
  deps: BotDeps,
  membership: Membership,
): Promise<Button[]> {
  const { tx, locale } = ctx.turn;
  if (!may(membership.role, 'change_business')) return [];
  if ((await payoutAccount(tx, deps.gateways, membership.businessId)) === null) return [];
  const { payout_alone: alone } = await tx
    .selectFrom('business')
    .select('payout_alone')
    .where('id', '=', membership.businessId)
    .executeTakeFirstOrThrow();
  return [
    {
      text: deps.words.say(locale, 'btn-limits'),
      callback_data: buttonData('limits', 'on', membership.businessId),
    },
    {
      text: deps.words.say(locale, alone ? 'btn-alone-off' : 'btn-alone-on'),
      callback_data: buttonData('alone', alone ? 'off' : 'on', membership.businessId),
    },
  ];
}

/** Answers the press of one of these buttons; false: it is another one. */
export async function onPayoutSetting(
  ctx: BotContext,
  deps: BotDeps,
  { what, value }: { readonly what: string; readonly value: string },
  membership: Membership,
): Promise<boolean> {
  if (what !== 'limits' && what !== 'alone') return false;
  const { identity, tx } = ctx.turn;
  const { businessId } = membership;
  if (!may(membership.role, 'change_business')) {
    await toast(ctx, deps, 'role', await roleValues(ctx, deps, businessId, 'change_business'));
    return true;
  }
  await ctx.answerCallbackQuery();
  if (what === 'limits') await lead(ctx, limitsId, { businessId });
  else if (value === 'on') await lead(ctx, aloneModeId, { businessId });
  else {
    await setAlone(tx, deps, businessId, identity.id, false);
    await reply(ctx, deps, 'alone-off');
  }
  return true;
}
