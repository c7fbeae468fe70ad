/** /settings, /language and /switch: small cards whose buttons carry what they set; authority is checked at the press. */
import type { Locale } from '../../db/tables.ts';
import type { AccountId, BusinessId } from '../../domain/ids.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { may } from '../../domain/roles.ts';
import { audit } from '../../ops/audit.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import {
  type AccountChoice,
  accountChoices,
  defaultAccount,
  setDefaultAccount,
} from '../../payments/default-account.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { type SettingsStart, settingsId } from '../conversations/settings.ts';
import { lead } from '../enter.ts';
import type { Membership } from '../turn.ts';
import { requireRight, roleValues } from './access.ts';
import { reply, toast } from './reply.ts';
import { buttonData, longId, shortId } from './settings-data.ts';
import { onPayoutSetting, payoutSettings } from './settings-payouts.ts';

type Button = { text: string; callback_data: string };

export async function onSettings(ctx: BotContext, deps: BotDeps): Promise<void> {
  if ((await requireRight(ctx, deps, 'see_payments')) === null) return;
  const { membership } = ctx.turn;
  if (membership === null) return;
  const card = await settingsCard(ctx, deps, membership);
  await ctx.reply(card.text, { reply_markup: { inline_keyboard: card.buttons } });
}

/** The buttons name the business: a press is about the card that the person sees, whichever they work in by then. */
async function settingsCard(
  ctx: BotContext,
  deps: BotDeps,
  membership: Membership,
): Promise<{ text: string; buttons: Button[][] }> {
  const { turn } = ctx;
  const say = (key: string, values?: Record<string, string>) => deps.words.say(turn.locale, key, values);
  const business = await turn.tx
    .selectFrom('business')
    .select(['id', 'name', 'customer_sms', 'merchant_sms_phone_sealed'])
    .where('id', '=', membership.businessId)
    .executeTakeFirstOrThrow();
  const sms = business.customer_sms;
  const sealed = business.merchant_sms_phone_sealed;
  const own = sealed === null ? null : openPhone(deps.vault, sealed, sealedAs.merchantSmsPhone(business.id));
  const payouts = await payoutSettings(ctx, deps, membership);
  const data = (what: string, value: string): string => buttonData(what, value, business.id);
  const smsButtons = [
    { text: say(sms ? 'btn-sms-off' : 'btn-sms-on'), callback_data: data('sms', sms ? 'off' : 'on') },
    {
      text: say(own === null ? 'btn-own-sms-on' : 'btn-own-sms-off'),
      callback_data: data('own', own === null ? 'on' : 'off'),
    },
  ];
  const choices = await accountChoices(turn.tx, business.id);
  const chosen = await defaultAccount(turn.tx, business.id);
  const through = choices.length > 1 ? choices.find(({ id }) => id === chosen) : undefined;
  const text = say('settings', {
    shop: business.name,
    sms: sms ? 'on' : 'off',
    own: own === null ? 'off' : showMsisdn(own),
    language: turn.locale,
  });
  return {
    text: through === undefined ? text : `${text}\n${say('settings-account', { account: through.name })}`,
    buttons: [
      ...(may(membership.role, 'change_business')
        ? [smsButtons, ...accountButtons(choices, chosen, business.id)]
        : []),
      ...(payouts.length > 0 ? [payouts] : []),
      languageButtons(ctx, deps, (locale) => data('lang', locale)),
    ],
  };
}

/** The accounts that are not the default, which a press makes it. */
function accountButtons(
  choices: readonly AccountChoice[],
  chosen: AccountId | null,
  business: BusinessId,
): Button[][] {
  return choices
    .filter(({ id }) => id !== chosen)
    .map(({ id, name }) => [{ text: name, callback_data: buttonData('acc', shortId(id), business) }]);
}

export async function onSettingsPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const { turn } = ctx;
  const [, what = '', value = '', business = ''] = data.split(':');
  const id = longId<BusinessId>(business);
  if (id === null) {
    await toast(ctx, deps, 'old-card');
    return onSettings(ctx, deps);
  }
  const membership = turn.memberships.find(({ businessId }) => businessId === id);
  if (membership === undefined) return toast(ctx, deps, 'not-yours');
  if (await onPayoutSetting(ctx, deps, { what, value }, membership)) return;
  if (what === 'lang' && (value === 'en' || value === 'sw')) await setLocale(ctx, value);
  else {
    const { businessId, role } = membership;
    if (!may(role, 'change_business'))
      return toast(ctx, deps, 'role', await roleValues(ctx, deps, businessId, 'change_business'));
    if (what === 'own' && value === 'on') {
      await ctx.answerCallbackQuery();
      return lead(ctx, settingsId, { businessId } satisfies SettingsStart);
    }
    if (!(await change(ctx, deps, membership, what, value))) return toast(ctx, deps, 'old-card');
    if (what === 'own') await reply(ctx, deps, 'own-sms-off');
  }
  await ctx.answerCallbackQuery();
  const card = await settingsCard(ctx, deps, membership);
  await ctx.editMessageText(card.text, { reply_markup: { inline_keyboard: card.buttons } });
}

/** What only an owner sets. false: there is no such setting. */
async function change(
  { turn: { tx, identity } }: BotContext,
  deps: BotDeps,
  { businessId }: Membership,
  what: string,
  value: string,
): Promise<boolean> {
  if (what === 'acc') {
    const account = longId<AccountId>(value);
    const was = await defaultAccount(tx, businessId);
    if (account === null || !(await setDefaultAccount(tx, businessId, account))) return false;
    const facts = { account, was };
    await audit(tx, deps.clock.now(), businessId, identity.id, 'account_default', facts);
    return true;
  }
  const sms = what === 'sms' && (value === 'on' || value === 'off');
  if (!sms && !(what === 'own' && value === 'off')) return false;
  const to = sms ? { customer_sms: value === 'on' } : { merchant_sms_phone_sealed: null };
  await tx.updateTable('business').set(to).where('id', '=', businessId).execute();
  const facts = { to: sms ? 'customers' : 'shop', on: value === 'on' };
  await audit(tx, deps.clock.now(), businessId, identity.id, 'sms_changed', facts);
  return true;
}

export async function onLanguage(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  const named = localeNamed(argument);
  if (named !== null) {
    await setLocale(ctx, named);
    return reply(ctx, deps, 'language-set');
  }
  await reply(ctx, deps, 'language-ask', {}, [languageButtons(ctx, deps, (locale) => `l:${locale}`)]);
}

function localeNamed(text: string): Locale | null {
  const word = text.toLowerCase();
  if (word === 'sw' || word === 'kiswahili' || word === 'swahili') return 'sw';
  return word === 'en' || word === 'english' || word === 'kiingereza' ? 'en' : null;
}

export async function onLanguagePress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const locale = data.slice(2);
  if (locale !== 'en' && locale !== 'sw') return toast(ctx, deps, 'old-card');
  await setLocale(ctx, locale);
  await ctx.answerCallbackQuery();
  await ctx.editMessageText(deps.words.say(locale, 'language-set'));
}

function languageButtons(ctx: BotContext, deps: BotDeps, data: (locale: Locale) => string): Button[] {
  return [
    { text: deps.words.say(ctx.turn.locale, 'btn-english'), callback_data: data('en') },
    { text: deps.words.say(ctx.turn.locale, 'btn-kiswahili'), callback_data: data('sw') },
  ];
}

async function setLocale(ctx: BotContext, locale: Locale): Promise<void> {
  await ctx.turn.tx.updateTable('identity').set({ locale }).where('id', '=', ctx.turn.identity.id).execute();
  ctx.turn.locale = locale;
}

export async function onSwitch(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { memberships, membership } = ctx.turn;
  if (membership === null) return reply(ctx, deps, 'no-business');
  if (memberships.length === 1) return reply(ctx, deps, 'switched', { shop: membership.businessName });
  await reply(
    ctx,
    deps,
    'switch-ask',
    {},
    memberships.map(({ businessId, businessName }) => [
      { text: businessName, callback_data: `w:${businessId}` },
    ]),
  );
}

export async function onSwitchPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const { turn } = ctx;
  const chosen = turn.memberships.find(({ businessId }) => businessId === data.slice(2));
  if (chosen === undefined) return toast(ctx, deps, 'not-yours');
  await turn.tx
    .updateTable('identity')
    .set({ current_business_id: chosen.businessId })
    .where('id', '=', turn.identity.id)
    .execute();
  await ctx.conversation.exitAll();
  await ctx.answerCallbackQuery();
  await ctx.editMessageText(deps.words.say(turn.locale, 'switched', { shop: chosen.businessName }));
}
