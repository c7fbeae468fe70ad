/**
 * Pays by a link in chat. The phone is the person's own, since the platform vouches for it; sharing it links it too, so
 * that the receipt comes here. The prompt is sent by a button, never by a typed word.
 */
import { showMoney } from '../../domain/money.ts';
import { type Msisdn, parseMsisdn, showMsisdn } from '../../domain/msisdn.ts';
import { findLink } from '../../payments/links.ts';
import { payByLink } from '../../payments/links-pay.ts';
import { useUrl } from '../../payments/links-use.ts';
import { ownLink } from '../../payments/phone-links.ts';
import { refusalSay } from '../cards/link-refusal.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Kit, type Read, type Say } from '../kit.ts';
import { linkOwn } from '../link-own.ts';
import type { Turn } from '../turn.ts';
import { askSum } from './sum.ts';

export const payId = 'pay@1';

export interface PayStart {
  readonly code: string;
}

export function payConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: PayStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const link = await kit.act((turn) => look(deps, turn, start.code));
    if (link === null) return kit.tell({ key: 'pay-no-link' });
    const cents = link.cents ?? (await askAmount(kit, link.shop));
    if (cents === null) return;
    const amount = showMoney(BigInt(cents));
    const phone = (link.phone as Msisdn | null) ?? (await sharePhone(deps, kit, link.shop, amount));
    if (phone === null) return;
    const say: Say = {
      key: 'pay-confirm',
      values: { note: link.note, amount, shop: link.shop, phone: showMsisdn(phone) },
    };
    if (!(await confirmByButton(kit, say))) return kit.tell({ key: 'stopped' });
    await kit.tell(await kit.act((turn) => send(deps, turn, start.code, phone, cents)));
  };
}

/** What the questions need: the sum as text, and the phone that the person linked before. */
async function look(deps: BotDeps, turn: Turn, code: string) {
  const link = await findLink(turn.tx, deps, code);
  if (link === null) return null;
  const own = await ownLink(turn.tx, deps, turn.identity.id);
  const cents = link.amountCents === null ? null : String(link.amountCents);
  return { shop: link.shop, note: link.note, cents, phone: own === null ? null : (own.msisdn as string) };
}

async function askAmount(kit: Kit, shop: string): Promise<string | null> {
  const chosen = await askSum<never>(kit, {
    say: { key: 'pay-amount', values: { shop } },
    others: [],
    known: null,
  });
  return chosen !== null && 'cents' in chosen ? String(chosen.cents) : null;
}

async function sharePhone(deps: BotDeps, kit: Kit, shop: string, amount: string): Promise<Msisdn | null> {
  const say: Say = { key: 'pay-share', values: { shop, amount } };
  const phone = await kit.ask<Msisdn>({
    id: 'own-phone',
    say,
    sharePhone: kit.word('btn-share'),
    read: (answer) => readOwnPhone(answer, say),
  });
  if (phone !== null) await kit.tell(await kit.act((turn) => linkOwn(deps, turn, phone)));
  return phone;
}

/** Only a contact that the platform vouches for counts: with a typed number, anybody's phone could be rung. */
function readOwnPhone(answer: Answer, say: Say): Read<Msisdn> {
  if (answer.kind !== 'contact') return { again: say };
  if (!answer.own) return { again: { key: 'not-own' } };
  const reading = parseMsisdn(answer.phone);
  return reading.kind === 'msisdn' ? { value: reading.msisdn } : { again: { key: 'foreign' } };
}

/** A typed yes moves no money. */
async function confirmByButton(kit: Kit, say: Say): Promise<boolean> {
  const confirmed = await kit.ask<boolean>({
    id: 'confirm',
    say,
    options: [
      { label: kit.word('btn-send'), value: true },
      { label: kit.word('btn-cancel'), value: false },
    ],
    read: () => ({ again: { key: 'pay-press' } }),
  });
  return confirmed === true;
}

async function send(
  deps: BotDeps,
  turn: Turn,
  code: string,
  msisdn: Msisdn,
  cents: string,
): Promise<{ key: string; values: Record<string, string> }> {
  // Read again: the phone may have moved to another person while the question stood open.
  const own = await ownLink(turn.tx, deps, turn.identity.id);
  if (own?.msisdn !== msisdn) return { key: 'pay-phone-moved', values: { phone: showMsisdn(msisdn) } };
  const outcome = await payByLink(turn.tx, deps, {
    code,
    msisdn,
    amountCents: BigInt(cents),
    from: { identity: turn.identity.id },
  });
  if (outcome.kind === 'queued')
    return { key: 'pay-sent', values: { link: useUrl(deps, code, outcome.paymentId) } };
  const link = await findLink(turn.tx, deps, code);
  return refusalSay(outcome, link, deps.clock.now(), turn.locale);
}
