/** "connect": two chats of one person become one. Typed without a code it makes one; with a code, in the other chat, it joins. */
import { showTime } from '../../domain/eat.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { holdLanes } from '../../inbox/claim.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { isPersonJoined } from '../../payments/joining.ts';
import {
  type Joined,
  joinChats,
  laneOfCode,
  makeChatCode,
  partChats,
  readChatCode,
} from '../../payments/persons.ts';
import { membersWith } from '../../payouts/people.ts';
import { laneOf, loadReader } from '../cards/post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import type { Turn } from '../turn.ts';
import { reply } from './reply.ts';

const apps = { telegram: 'Telegram', whatsapp: 'WhatsApp' } as const;

export async function onConnect(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  const { tx, identity, locale } = ctx.turn;
  if (argument !== '') return join(ctx, deps, readChatCode(argument));
  if (await isPersonJoined(tx, identity.id)) return reply(ctx, deps, 'chat-joined-before');
  const { code, expiresAt } = await makeChatCode(tx, deps, identity.chatId);
  const typed = `${code.slice(0, 4)}-${code.slice(4)}`;
  const end = showTime(expiresAt, deps.clock.now(), locale);
  await reply(ctx, deps, 'chat-code', { code: typed, end });
}

async function join(ctx: BotContext, deps: BotDeps, code: string | null): Promise<void> {
  const { tx, identity } = ctx.turn;
  const lane = code === null ? null : await laneOfCode(tx, deps, code);
  if (code === null || lane === null) return reply(ctx, deps, 'chat-no-code');
  // Who somebody is does not change in the middle of their turn.
  await holdLanes(tx, [lane]);
  const joined = await joinChats(tx, deps, identity.chatId, code);
  if (joined.kind !== 'joined') return reply(ctx, deps, `chat-${joined.kind.replaceAll('_', '-')}`);
  await reply(ctx, deps, 'chat-joined');
  if (joined.letGo !== null) await reply(ctx, deps, 'chat-let-go', { phone: showMsisdn(joined.letGo) });
  await tellMaker(deps, ctx.turn, joined);
  await tellOwners(deps, ctx.turn, joined);
}

type Done = Extract<Joined, { kind: 'joined' }>;

/** In the chat where the code was made, and nowhere else: a code that somebody talked its owner out of is noticed there. */
async function tellMaker(deps: BotDeps, turn: Turn, { maker }: Done): Promise<void> {
  const locale = maker.locale ?? turn.locale;
  await enqueue(turn.tx, deps, {
    key: `${turn.key}:joined-there`,
    channel: maker.channel,
    lane: `${maker.channel}:${maker.external_id}`,
    method: 'sendMessage',
    payload: {
      chat_id: Number(maker.external_id),
      text: deps.words.say(locale, 'chat-joined-there', { app: apps[turn.identity.channel] }),
    },
  });
}

/** The chat may do now whatever the member may. */
async function tellOwners(deps: BotDeps, turn: Turn, { person }: Done): Promise<void> {
  const { tx } = turn;
  const works = await tx
    .selectFrom('member')
    .innerJoin('business', 'business.id', 'member.business_id')
    .innerJoin('identity', 'identity.id', 'member.identity_id')
    .select(['business.id', 'business.name as shop', 'business.locale', 'identity.name'])
    .where('member.identity_id', '=', person)
    .where('member.removed_at', 'is', null)
    .orderBy('business.id')
    .execute();
  for (const { id, shop, locale, name } of works) {
    const owners = await membersWith(tx, id, 'manage_staff');
    for (const owner of owners) {
      if (owner.id === person) continue;
      const reader = await loadReader(tx, owner.id, locale);
      const named = name ?? deps.words.say(reader.locale, 'staff-nameless');
      const app = apps[turn.identity.channel];
      await enqueue(tx, deps, {
        key: `${turn.key}:chat:${id}:${owner.id}`,
        channel: reader.channel,
        lane: laneOf(reader),
        method: 'sendMessage',
        payload: {
          chat_id: Number(reader.chatId),
          text: deps.words.say(reader.locale, 'chat-told-owner', { name: named, shop, app }),
        },
      });
    }
  }
}

export async function onDisconnect(ctx: BotContext, deps: BotDeps): Promise<void> {
  const parted = await partChats(ctx.turn.tx, deps, ctx.turn.identity.id);
  await reply(ctx, deps, parted ? 'chat-parted' : 'chat-alone');
}
