/** A payment link in the chat of who made it: the addresses, a QR picture of the page, how long it lives, and a close. */
import { showTime } from '../../domain/eat.ts';
import type { LinkId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { type LinkView, linkInChats, linkUrl, lookAtLink } from '../../payments/links.ts';
import type { BotDeps } from '../context.ts';
import type { Turn } from '../turn.ts';
import { qrPng } from './qr.ts';

/** The first letter of the data of its button. */
export const linkPress = 'y';

/** Sends it as a new message of this turn. The picture is of the page, which every camera opens. */
export async function postLink(deps: BotDeps, turn: Turn, id: LinkId): Promise<void> {
  const link = await lookAtLink(turn.tx, deps, id);
  const say = (key: string) => deps.words.say(turn.locale, key);
  const picture = await qrPng(linkUrl(deps, link.code));
  await enqueue(turn.tx, deps, {
    key: `${turn.key}:link:${id}`,
    channel: turn.identity.channel,
    lane: turn.lane,
    method: 'sendPhoto',
    payload: {
      chat_id: Number(turn.identity.externalId),
      caption: captionOf(deps, turn, link),
      photo: {
        file: {
          name: 'malipo-link.png',
          mimeType: 'image/png',
          base64: Buffer.from(picture).toString('base64'),
        },
      },
      reply_markup: {
        inline_keyboard: [[{ text: say('btn-close-link'), callback_data: `${linkPress}:${id}` }]],
      },
    },
  });
}

/** Plain text: what somebody wrote into a note stays text. */
function captionOf(deps: BotDeps, turn: Turn, link: LinkView): string {
  const say = (key: string, values?: Record<string, string>) => deps.words.say(turn.locale, key, values);
  const amount = link.amountCents === null ? say('link-any') : showMoney(link.amountCents);
  const end = showTime(link.expiresAt, deps.clock.now(), turn.locale);
  const lines = [
    say('link-head', { amount, shop: link.shop }),
    link.note,
    say(link.once ? 'link-once' : 'link-many', { end }),
    linkUrl(deps, link.code),
    ...linkInChats(deps.doors, link.code).map(({ channel, url }) => say(`link-in-${channel}`, { link: url })),
  ];
  return lines.filter((line) => line !== '').join('\n');
}
