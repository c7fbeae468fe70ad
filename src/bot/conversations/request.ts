/**
 * Collects what a request for money lacks: amount, phone, note. It ends with the confirm card, which becomes the live
 * card; sending is the card's button, so that a half-finished conversation never sends anything.
 */
import type { Tx } from '../../db/tables.ts';
import type { BusinessId, PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { type Msisdn, showMsisdn } from '../../domain/msisdn.ts';
import { may } from '../../domain/roles.ts';
import { activeAccount } from '../../payments/default-account.ts';
import { recentPayers } from '../../payments/queries.ts';
import { changeDraft, draftPayment } from '../../payments/request.ts';
import { postCard } from '../cards/post.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Option, type Say } from '../kit.ts';
import { collectPayout } from './payout.ts';
import { nothingKnown as nothingToPay, type PayoutStart } from './payout-start.ts';
import { type Given, type Payer, rangeSay, readGiven, readNote, readPayer } from './request-read.ts';

export const requestId = 'request@1';

/** What is known already, as plain JSON: conversations keep their arguments in the replay log. */
export interface RequestStart {
  /** In whose name the money is asked for, whatever /switch says before the end. */
  readonly businessId: BusinessId | null;
  /** The word could also mean sending money: never guessed, always asked. */
  readonly asksIntent: boolean;
  /** Cents as text; one is an amount, more are what the entry could mean. */
  readonly amounts: readonly string[];
  /** false: the one sum is what the entry probably means, and is confirmed. */
  readonly sure: boolean;
  /** Say that the amount was understood but cannot be asked for. */
  readonly outOfRange: boolean;
  readonly phones: readonly Msisdn[];
  readonly payerName: string | null;
  /** null: it is asked for. */
  readonly note: string | null;
  /** The draft that is being changed, and what it says now: a tap keeps it. */
  readonly changes: PaymentId | null;
  readonly keeps: { readonly cents: string; readonly msisdn: Msisdn; readonly note: string } | null;
}

export const nothingKnown: RequestStart = {
  businessId: null,
  asksIntent: false,
  amounts: [],
  sure: false,
  outOfRange: false,
  phones: [],
  payerName: null,
  note: null,
  changes: null,
  keeps: null,
};

export function requestConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: RequestStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const intent = start.asksIntent ? await askIntent(kit) : 'ask';
    if (intent === 'send') return collectPayout(deps, kit, payoutOf(start));
    if (intent === null) return;
    const given = await collectAmount(kit, start);
    if (given === null) return;
    const phones = given.phone === null ? start.phones : [given.phone];
    const payer = await collectPhone(deps, kit, phones, start);
    if (payer === null) return;
    const known = given.note === '' ? start.note : given.note;
    const note = known ?? (await collectNote(kit, start.keeps?.note ?? ''));
    if (note === null) return;
    const cents = String(given.cents[0]);
    const done = await kit.act((turn) => finish(deps, turn, start, { cents, payer, note }));
    if (done !== 'posted') await kit.tell({ key: done });
  };
}

/** Only a button decides which way the money goes. null: the person was told, or stopped. */
async function askIntent(kit: Kit): Promise<'ask' | 'send' | null> {
  return kit.choose<'ask' | 'send'>('intent', { key: 'ask-or-send' }, [
    { label: kit.word('menu-ask'), value: 'ask' },
    { label: kit.word('menu-send'), value: 'send' },
  ]);
}

/** The same words, as what is to be sent: its own limits and its own questions. */
function payoutOf(start: RequestStart): PayoutStart {
  const { businessId, amounts, sure, outOfRange, phones, payerName, note } = start;
  return {
    ...nothingToPay,
    businessId,
    amounts,
    sure,
    outOfRange,
    phones,
    payeeName: payerName,
    note: note ?? '',
  };
}

async function collectAmount(kit: Kit, start: RequestStart): Promise<Given | null> {
  const known: Given = { cents: start.amounts.map(BigInt), sure: start.sure, phone: null, note: '' };
  const given =
    known.cents.length > 0
      ? known
      : await kit.ask({
          id: 'amount',
          digits: true,
          say: start.outOfRange ? rangeSay() : { key: 'ask-amount' },
          options: start.keeps === null ? [] : [keptAmount(BigInt(start.keeps.cents))],
          read: readGiven,
        });
  if (given === null || given.sure) return given;
  const cents = await chooseAmount(kit, given.cents);
  return cents === null ? null : { ...given, cents: [cents], sure: true };
}

function keptAmount(cents: bigint): Option<Given> {
  return { label: showMoney(cents), value: { cents: [cents], sure: true, phone: null, note: '' } };
}

/** Ambiguous sums are asked with buttons, never guessed; a sum typed instead counts as well. */
async function chooseAmount(kit: Kit, sums: readonly bigint[]): Promise<bigint | null> {
  const options = sums.map((cents) => ({ label: showMoney(cents), value: cents }));
  const [a = '', ...others] = options.map(({ label }) => label);
  const say: Say =
    others.length > 0
      ? { key: 'either', values: { a, b: others.join(', ') } }
      : { key: 'either-one', values: { a } };
  return kit.ask<bigint>({
    id: 'either-amount',
    digits: true,
    say,
    options,
    read: (answer) => {
      const read = readGiven(answer);
      if (!('value' in read)) return read;
      const [cents] = read.value.cents;
      return cents !== undefined && read.value.sure ? { value: cents } : { again: say };
    },
  });
}

async function collectPhone(
  deps: BotDeps,
  kit: Kit,
  known: readonly Msisdn[],
  start: RequestStart,
): Promise<Payer | null> {
  const { payerName, keeps } = start;
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return { msisdn: only, name: payerName };
  const offered = await kit.act(async (turn) => {
    if (keeps !== null) return [{ msisdn: keeps.msisdn, name: payerName }];
    if (known.length > 1) return known.map((msisdn) => ({ msisdn, name: null as string | null }));
    const member = turn.memberships.find(({ businessId }) => businessId === start.businessId);
    if (member === undefined) return [];
    return [...(await recentPayers(turn.tx, deps.vault, member.businessId, payerName))];
  });
  const payers = offered.map((payer) => ({ msisdn: payer.msisdn as Msisdn, name: payer.name }));
  return kit.ask<Payer>({
    id: 'phone',
    say: phoneSay(known, payerName, payers.length > 0),
    options: payers.map((payer) => ({ label: payerLabel(payer), value: payer })),
    read: (answer) => readPayer(answer, payerName),
  });
}

function phoneSay(known: readonly Msisdn[], name: string | null, offers: boolean): Say {
  if (known.length > 1) return { key: 'which-phone' };
  if (name === null) return { key: 'ask-phone' };
  return { key: offers ? 'which-name' : 'no-name', values: { name } };
}

/** Twenty characters are what a button holds on a small phone. */
function payerLabel(payer: Payer): string {
  const phone = showMsisdn(payer.msisdn);
  return payer.name === null || payer.name === ''
    ? phone
    : `${phone} ${[...payer.name].slice(0, 7).join('')}`;
}

async function collectNote(kit: Kit, kept: string): Promise<string | null> {
  const keep = kept === '' ? [] : [{ label: [...kept].slice(0, 20).join(''), value: kept }];
  return kit.ask<string>({
    id: 'note',
    say: { key: 'ask-note' },
    options: [...keep, { label: kit.word('btn-skip'), value: '' }],
    read: (answer) => readNote(answer),
  });
}

interface Finished {
  readonly cents: string;
  readonly payer: Payer;
  readonly note: string;
}

/** Commits the draft and puts its card into the chat. */
async function finish(
  deps: BotDeps,
  turn: Parameters<Parameters<Kit['act']>[0]>[0],
  start: RequestStart,
  what: Finished,
): Promise<'posted' | 'not-yours' | 'cannot-yet' | 'old-card'> {
  const businessId = start.changes === null ? start.businessId : await businessOf(turn.tx, start.changes);
  const membership = turn.memberships.find((one) => one.businessId === businessId);
  // The role may have changed while the questions stood open.
  if (membership === undefined || !may(membership.role, 'request_payment')) return 'not-yours';
  const asked = {
    amountCents: BigInt(what.cents),
    msisdn: what.payer.msisdn,
    note: what.note,
    payerName: what.payer.name,
  };
  let id = start.changes;
  if (id !== null) {
    if (!(await changeDraft(turn.tx, deps, id, asked))) return 'old-card';
  } else {
    const account = await activeAccount(turn.tx, membership.businessId);
    if (account === null) return 'cannot-yet';
    id = await draftPayment(turn.tx, deps, {
      ...asked,
      businessId: membership.businessId,
      accountId: account.id,
      requestedBy: turn.identity.id,
    });
  }
  await postCard(turn.tx, deps, id, turn.identity.id, 'request');
  return 'posted';
}

async function businessOf(tx: Tx, id: PaymentId): Promise<BusinessId> {
  const payment = await tx
    .selectFrom('payment')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return payment.business_id;
}
