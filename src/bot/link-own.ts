/** Links a phone that the platform vouches for as the person's own, and says what applies from now on. */
import type { IdentityId } from '../domain/ids.ts';
import { type Msisdn, showMsisdn } from '../domain/msisdn.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { linkPhone } from '../payments/phone-links.ts';
import { laneOf, loadReader } from './cards/post.ts';
import type { BotDeps } from './context.ts';
import type { Turn } from './turn.ts';

export type LinkSaid = { readonly key: string; readonly values: Readonly<Record<string, string>> };

export async function linkOwn(deps: BotDeps, turn: Turn, msisdn: Msisdn): Promise<LinkSaid> {
  const { movedFrom, replaced } = await linkPhone(turn.tx, deps, turn.identity, msisdn);
  if (movedFrom !== null) await tellMoved(deps, turn, movedFrom, msisdn);
  await keepLanguage(turn);
  const phone = showMsisdn(msisdn);
  if (replaced === null) return { key: 'linked', values: { phone } };
  return { key: 'link-changed', values: { phone, old: showMsisdn(replaced) } };
}

/** Receipts come in the language of this talk, not in the shop's. A member's language is the business's. */
async function keepLanguage({ tx, identity, locale, membership }: Turn): Promise<void> {
  if (membership !== null) return;
  await tx
    .updateTable('identity')
    .set({ locale })
    .where('id', '=', identity.id)
    .where('locale', 'is', null)
    .execute();
}

async function tellMoved(deps: BotDeps, turn: Turn, to: IdentityId, msisdn: Msisdn): Promise<void> {
  const reader = await loadReader(turn.tx, to, turn.locale);
  await enqueue(turn.tx, deps, {
    key: `${turn.key}:moved`,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: {
      chat_id: Number(reader.chatId),
      text: deps.words.say(reader.locale, 'link-moved', { phone: showMsisdn(msisdn) }),
    },
  });
}
