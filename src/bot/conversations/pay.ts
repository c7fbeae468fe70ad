/**
 * Pays by a link in chat. A shared phone is the person's own, since the platform vouches for it; sharing it links it too, so
 * that the receipt comes here. A typed one only gets the prompt, under the limits of a phone that is typed into a browser.
 * The prompt is sent by a button, never by a typed word.
 */
import { showMoney } from '../../domain/money.ts';
import { type Msisdn, showMsisdn } from '../../domain/msisdn.ts';
import { findLink } from '../../payments/links.ts';
import { payByLink } from '../../payments/links-pay.ts';
import { useUrl } from '../../payments/links-use.ts';
import { ownLink } from '../../payments/phone-links.ts';
import { refusalSay } from '../cards/link-refusal.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Kit, type Read, type Say } from '../kit.ts';
import { linkOwn } from '../link-own.ts';
import type { Turn } from '../turn.ts';
import { readPayer } from './request-read.ts';
import { askSum } from './sum.ts';

export const payId = 'pay@2';

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
    const linked = link.phone as Msisdn | null;
    const payer =
      linked === null ? await askPhone(deps, kit, link.shop, amount) : { msisdn: linked, own: true };
    if (payer === null) return;
    const say: Say = {
      key: 'pay-confirm',
      values: { note: link.note, amount, shop: link.shop, phone: showMsisdn(payer.msisdn) },
    };
    if (!(await confirmByButton(kit, say))) return kit.tell({ key: 'stopped' });
    await kit.tell(await kit.act((turn) => send(deps, turn, start.code, payer, cents)));
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

interface PhoneToRing {
  readonly msisdn: Msisdn;
  /** The platform vouches for it. */
  readonly own: boolean;
}

async function askPhone(deps: BotDeps, kit: Kit, shop: string, amount: string): Promise<PhoneToRing | null> {
  const say: Say = { key: 'pay-share', values: { shop, amount } };
  const phone = await kit.ask<PhoneToRing>({
    id: 'own-phone',
    say,
    sharePhone: kit.word('btn-share'),
    read: (answer) => readPhoneToRing(answer, say),
  });
  if (phone?.own === true) await kit.tell(await kit.act((turn) => linkOwn(deps, turn, phone.msisdn)));
  return phone;
}

/** Somebody else's contact was not meant to be rung. */
function readPhoneToRing(answer: Answer, say: Say): Read<PhoneToRing> {
  if (answer.kind === 'other') return { again: say };
  if (answer.kind === 'contact' && !answer.own) return { again: { key: 'not-own' } };
  const read = readPayer(answer, null);
  if (!('value' in read)) return read;
  return { value: { msisdn: read.value.msisdn, own: answer.kind === 'contact' } };
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
  { msisdn, own }: PhoneToRing,
  cents: string,
): Promise<{ key: string; values: Record<string, string> }> {
  const { id } = turn.identity;
  // Read again: the phone may have moved to another person while the question stood open.
  if (own && (await ownLink(turn.tx, deps, id))?.msisdn !== msisdn)
    return { key: 'pay-phone-moved', values: { phone: showMsisdn(msisdn) } };
  const outcome = await payByLink(turn.tx, deps, {
    code,
    msisdn,
    amountCents: BigInt(cents),
    from: own ? { identity: id } : { typedBy: id },
  });
  if (outcome.kind === 'queued')
    return { key: 'pay-sent', values: { link: useUrl(deps, code, outcome.paymentId) } };
  const link = await findLink(turn.tx, deps, code);
  return refusalSay(outcome, link, deps.clock.now(), turn.locale);
}
