/** The phone that a person shared as their own, outside of a conversation: linking it, showing it, letting it go. */
import { type Msisdn, parseMsisdn, showMsisdn } from '../../domain/msisdn.ts';
import { may } from '../../domain/roles.ts';
import { activeAccount } from '../../payments/default-account.ts';
import { ownLink, unlinkPhone } from '../../payments/phone-links.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { type ContactStart, contactId } from '../conversations/own-contact.ts';
import { type StartWith, startId } from '../conversations/start.ts';
import { lead } from '../enter.ts';
import { isOwnContact } from '../kit.ts';
import { linkOwn } from '../link-own.ts';
import { reply, toast } from './reply.ts';

/**
 * A contact by itself. true: it was dealt with here. A member's other contacts are people to ask for money; a member's own
 * could be meant either way, and is asked.
 */
export async function onContact(ctx: BotContext, deps: BotDeps): Promise<boolean> {
  const contact = ctx.message?.contact;
  if (contact === undefined) return false;
  const own = isOwnContact(ctx.message ?? {}, ctx.from?.id);
  const { membership } = ctx.turn;
  if (membership !== null && !own) return false;
  if (!own) await sayNotOwn(ctx, deps);
  else {
    const reading = parseMsisdn(contact.phone_number);
    if (reading.kind !== 'msisdn') await reply(ctx, deps, 'foreign');
    else await linkOrAsk(ctx, deps, reading.msisdn);
  }
  return true;
}

async function linkOrAsk(ctx: BotContext, deps: BotDeps, msisdn: Msisdn): Promise<void> {
  const { membership, tx } = ctx.turn;
  if (membership === null || !may(membership.role, 'request_payment')) return link(ctx, deps, msisdn);
  if ((await activeAccount(tx, membership.businessId)) === null) return link(ctx, deps, msisdn);
  await lead(ctx, contactId, { msisdn, businessId: membership.businessId } satisfies ContactStart);
}

async function link(ctx: BotContext, deps: BotDeps, msisdn: Msisdn): Promise<void> {
  const { key, values } = await linkOwn(deps, ctx.turn, msisdn);
  await ctx.reply(deps.words.say(ctx.turn.locale, key, values), { reply_markup: { remove_keyboard: true } });
}

/** With the button that the sentence speaks of. */
async function sayNotOwn(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { locale } = ctx.turn;
  await ctx.reply(deps.words.say(locale, 'not-own'), {
    reply_markup: {
      keyboard: [[{ text: deps.words.say(locale, 'btn-share'), request_contact: true }]],
      resize_keyboard: true,
      one_time_keyboard: true,
    },
  });
}

/** Which phone is linked here, with a button to stop; nothing where none is. */
export async function showLink(ctx: BotContext, deps: BotDeps): Promise<boolean> {
  const { tx, identity, locale, membership } = ctx.turn;
  const own = await ownLink(tx, deps, identity.id);
  if (own === null) return false;
  const stop = {
    text: deps.words.say(locale, 'btn-unlink'),
    callback_data: `u:stop:${own.linkedAt.getTime()}`,
  };
  const open = { text: deps.words.say(locale, 'btn-biz'), callback_data: 'u:biz' };
  const buttons = membership === null ? [[open, stop]] : [[stop]];
  await reply(ctx, deps, 'link-shown', { phone: showMsisdn(own.msisdn) }, buttons);
  return true;
}

/** `u:stop:<when it was linked>` and `u:biz`. Whoever presses lets go of their own link, and only of the one that was shown. */
export async function onLinkPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, action = '', version = ''] = data.split(':');
  const { tx, identity, membership } = ctx.turn;
  if (action === 'biz' && membership === null) {
    await ctx.answerCallbackQuery();
    return lead(ctx, startId, { as: 'business' } satisfies StartWith);
  }
  const own = await ownLink(tx, deps, identity.id);
  if (action !== 'stop' || own === null || String(own.linkedAt.getTime()) !== version) {
    await toast(ctx, deps, 'old-card');
    if (!(await showLink(ctx, deps))) await sayHelp(ctx, deps);
    return;
  }
  await unlinkPhone(tx, deps, identity.id);
  await ctx.answerCallbackQuery();
  await ctx.editMessageReplyMarkup();
  await reply(ctx, deps, 'unlinked', { phone: showMsisdn(own.msisdn) });
}

/** What works here, for whoever asks or types what nothing else reads. */
export async function sayHelp(ctx: BotContext, deps: BotDeps): Promise<void> {
  await ctx.reply(await helpText(ctx, deps));
}

export async function helpText(ctx: BotContext, deps: BotDeps): Promise<string> {
  const { tx, identity, locale, membership } = ctx.turn;
  // What this role may use, and nothing else.
  if (membership !== null) return deps.words.say(locale, `help-${membership.role}`);
  const own = await ownLink(tx, deps, identity.id);
  if (own === null) return deps.words.say(locale, 'help-customer');
  return deps.words.say(locale, 'help-linked', { phone: showMsisdn(own.msisdn) });
}
