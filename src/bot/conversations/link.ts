/** Makes a payment link: how much, for what, once or many times, for how long. It ends with the link's message. */
import { plusSeconds } from '../../domain/clock.ts';
import type { BusinessId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import { activeAccount } from '../../payments/default-account.ts';
import { createLink, openLinks } from '../../payments/links.ts';
import { postLink } from '../cards/link.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { rangeSay, readNote } from './request-read.ts';
import { askSum } from './sum.ts';

export const payLinkId = 'link@1';

/** What is known already, as plain JSON. */
export interface PayLinkStart {
  readonly businessId: BusinessId;
  /** Cents as text; one is the amount, more are what the entry could mean. */
  readonly amounts: readonly string[];
  readonly sure: boolean;
  readonly outOfRange: boolean;
  /** null: it is asked for, and the rest too; a line says all that its writer wants to say. */
  readonly note: string | null;
}

/** A link made in one line is for one payment, and lives so long. */
export const usualDays = 7;
const lifeDays = [1, 7, 30] as const;
/** How many of the open links are shown again. */
const shownLinks = 3;

export interface LinkWish {
  /** Cents as text; null: the customer says how much. */
  readonly cents: string | null;
  readonly note: string;
  readonly once: boolean;
  readonly days: number;
}

export function payLinkConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: PayLinkStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const amount = await collectAmount(deps, kit, start);
    if (amount === null) return;
    if (amount === 'links') {
      await kit.act((turn) => showOpenLinks(deps, turn, start.businessId));
      return;
    }
    const wish = await collectRest(kit, start, amount.cents);
    if (wish === null) return;
    const made = await kit.act((turn) => makeLink(deps, turn, start.businessId, wish));
    if (made !== 'made') await kit.tell({ key: made });
  };
}

async function collectAmount(
  deps: BotDeps,
  kit: Kit,
  start: PayLinkStart,
): Promise<{ cents: string | null } | 'links' | null> {
  const known = { cents: start.amounts.map(BigInt), sure: start.sure };
  const has = await kit.act(async (turn) => (await openLinks(turn.tx, deps, start.businessId, 1)).length > 0);
  const chosen = await askSum<'any' | 'links'>(kit, {
    say: start.outOfRange ? rangeSay() : { key: 'link-amount' },
    known: start.amounts.length > 0 ? known : null,
    others: [
      { label: kit.word('btn-any'), value: 'any' },
      ...(has ? [{ label: kit.word('btn-links'), value: 'links' as const }] : []),
    ],
  });
  if (chosen === null) return null;
  if ('cents' in chosen) return { cents: String(chosen.cents) };
  return chosen.other === 'links' ? 'links' : { cents: null };
}

async function collectRest(kit: Kit, start: PayLinkStart, cents: string | null): Promise<LinkWish | null> {
  if (start.note !== null) return { cents, note: start.note, once: true, days: usualDays };
  const note = await kit.ask<string>({
    id: 'note',
    say: { key: 'ask-note' },
    options: [{ label: kit.word('btn-skip'), value: '' }],
    read: readNote,
  });
  if (note === null) return null;
  const once = await kit.choose('once', { key: 'link-ask-once' }, [
    { label: kit.word('btn-once'), value: true },
    { label: kit.word('btn-many'), value: false },
  ]);
  if (once === null) return null;
  const lives = lifeDays.map((days) => ({ label: kit.word(`btn-days-${days}`), value: days as number }));
  const days = await kit.choose('life', { key: 'link-ask-life' }, lives);
  return days === null ? null : { cents, note, once, days };
}

/** The role may have changed while the questions stood open. */
export async function makeLink(
  deps: BotDeps,
  turn: Turn,
  businessId: BusinessId,
  wish: LinkWish,
): Promise<'made' | 'not-yours' | 'cannot-yet'> {
  if (!mayAsk(turn, businessId)) return 'not-yours';
  if ((await activeAccount(turn.tx, businessId)) === null) return 'cannot-yet';
  const id = await createLink(turn.tx, deps, {
    businessId,
    createdBy: turn.identity.id,
    amountCents: wish.cents === null ? null : BigInt(wish.cents),
    note: wish.note,
    once: wish.once,
    expiresAt: plusSeconds(deps.clock.now(), wish.days * 24 * 3600),
  });
  await postLink(deps, turn, id);
  return 'made';
}

function mayAsk(turn: Turn, businessId: BusinessId): boolean {
  const membership = turn.memberships.find((one) => one.businessId === businessId);
  return membership !== undefined && may(membership.role, 'request_payment');
}

async function showOpenLinks(deps: BotDeps, turn: Turn, businessId: BusinessId): Promise<null> {
  if (!mayAsk(turn, businessId)) return null;
  const links = await openLinks(turn.tx, deps, businessId, shownLinks);
  for (const { id } of links.reverse()) await postLink(deps, turn, id);
  return null;
}
