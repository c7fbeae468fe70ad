/**
 * Collects what a request for money lacks: amount, phone, note. It ends with the confirm card, which becomes the live
 * card; sending is the card's button, so that a half-finished conversation never sends anything.
 */
import type { PaymentId } from '../../domain/ids.ts';
import { type AmountReading, readAmount, sumsOf } from '../../domain/entry-amount.ts';
import { readLine } from '../../domain/entry-line.ts';
import { type PhoneReading, readPhone } from '../../domain/entry-phone.ts';
import { mpesaMaxCents, mpesaMinCents, showMoney } from '../../domain/money.ts';
import { type Msisdn, showMsisdn } from '../../domain/msisdn.ts';
import { cleanNote, noteLength, noteLimit } from '../../domain/typed-text.ts';
import { changeDraft, draftPayment } from '../../payments/request.ts';
import { activeAccount, recentPayers } from '../../payments/queries.ts';
import { postCard } from '../cards/post.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Kit, type Option, type Read, type Say } from '../kit.ts';

export const requestId = 'request@1';

/** What is known already, as plain JSON: conversations keep their arguments in the replay log. */
export interface RequestStart {
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
  amounts: [],
  sure: false,
  outOfRange: false,
  phones: [],
  payerName: null,
  note: null,
  changes: null,
  keeps: null,
};

interface Payer {
  readonly msisdn: Msisdn;
  readonly name: string | null;
}

/** What an answer to the first question can hold: one may type it all at once. */
interface Given {
  readonly cents: readonly bigint[];
  readonly sure: boolean;
  readonly phone: Msisdn | null;
  readonly note: string;
}

export function requestConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: RequestStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const given = await collectAmount(kit, start);
    if (given === null) return;
    const phones = given.phone === null ? start.phones : [given.phone];
    const payer = await collectPhone(deps, kit, phones, start);
    if (payer === null) return;
    const known = given.note === '' ? start.note : given.note;
    const note = known ?? (await collectNote(kit, start.keeps?.note ?? ''));
    if (note === null) return;
    const cents = String(given.cents[0]);
    const done = await kit.act((turn) => finish(deps, turn, { cents, payer, note, changes: start.changes }));
    if (done !== 'posted') await kit.tell({ key: done });
  };
}

async function collectAmount(kit: Kit, start: RequestStart): Promise<Given | null> {
  const known: Given = { cents: start.amounts.map(BigInt), sure: start.sure, phone: null, note: '' };
  const given =
    known.cents.length > 0
      ? known
      : await kit.ask({
          id: 'amount',
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

function rangeSay(): Say {
  return { key: 'range', values: { min: showMoney(mpesaMinCents), max: showMoney(mpesaMaxCents) } };
}

function unread(text: string, eg: string): Say {
  const short = [...text].slice(0, 40).join('');
  return { key: 'unread', values: { text: short, eg } };
}

/** The question is about a sum, so a lone sum is tried first; then a whole line. */
function readGiven(answer: Answer): Read<Given> {
  if (answer.kind !== 'text') return { again: { key: 'ask-amount' } };
  const alone = givenBy(readAmount(answer.text), null, '');
  if (alone !== null) return alone;
  const line = readLine(answer.text);
  if (line.kind === 'request' && line.amount !== null) {
    const phone = line.phone?.kind === 'phone' ? line.phone.msisdn : null;
    const note = noteLength(line.note) <= noteLimit ? line.note : '';
    const given = givenBy(line.amount, phone, note);
    if (given !== null) return given;
  }
  return { again: unread(answer.text, '500') };
}

function givenBy(reading: AmountReading, phone: Msisdn | null, note: string): Read<Given> | null {
  if (reading.kind === 'range') return { again: rangeSay() };
  if (reading.kind === 'unread') return null;
  return { value: { cents: sumsOf(reading), sure: reading.kind === 'amount', phone, note } };
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
    return turn.membership === null ? [] : [...(await recentPayers(turn.tx, deps.vault, turn.membership.businessId, payerName))];
  });
  const payers = offered.map((payer) => ({ msisdn: payer.msisdn as Msisdn, name: payer.name }));
  return kit.ask<Payer>({
    id: 'phone',
    say: { key: 'ask-phone' },
    options: payers.map((payer) => ({ label: payerLabel(payer), value: payer })),
    read: (answer) => readPayer(answer, payerName),
  });
}

/** Twenty characters are what a button holds on a small phone. */
function payerLabel(payer: Payer): string {
  const phone = showMsisdn(payer.msisdn);
  return payer.name === null || payer.name === '' ? phone : `${phone} ${[...payer.name].slice(0, 7).join('')}`;
}

function readPayer(answer: Answer, payerName: string | null): Read<Payer> {
  if (answer.kind === 'other') return { again: { key: 'ask-phone' } };
  const text = answer.kind === 'contact' ? answer.phone : answer.text;
  const name = answer.kind === 'contact' ? cleanNote(answer.name) : payerName;
  return readPhoneAnswer(readPhone(text), text, name);
}

function readPhoneAnswer(reading: PhoneReading, text: string, name: string | null): Read<Payer> {
  switch (reading.kind) {
    case 'phone':
      return { value: { msisdn: reading.msisdn, name } };
    case 'foreign':
      return { again: { key: 'foreign' } };
    case 'several': {
      const [a, ...rest] = reading.options.map(showMsisdn);
      return { again: { key: 'either', values: { a: a ?? '', b: rest.join(', ') } } };
    }
    case 'unread':
      return { again: unread(text, '0712 345 678') };
  }
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

function readNote(answer: Answer): Read<string> {
  const note = answer.kind === 'text' ? cleanNote(answer.text) : '';
  const count = noteLength(note);
  if (count > noteLimit)
    return { again: { key: 'note-long', values: { max: String(noteLimit), count: String(count) } } };
  return note === '' ? { again: { key: 'ask-note' } } : { value: note };
}

interface Finished {
  readonly cents: string;
  readonly payer: Payer;
  readonly note: string;
  readonly changes: PaymentId | null;
}

/** Commits the draft and puts its card into the chat. */
async function finish(
  deps: BotDeps,
  turn: Parameters<Parameters<Kit['act']>[0]>[0],
  what: Finished,
): Promise<'posted' | 'no-business' | 'cannot-yet' | 'old-card'> {
  if (turn.membership === null) return 'no-business';
  const asked = {
    amountCents: BigInt(what.cents),
    msisdn: what.payer.msisdn,
    note: what.note,
    payerName: what.payer.name,
  };
  let id = what.changes;
  if (id !== null) {
    if (!(await changeDraft(turn.tx, deps, id, asked))) return 'old-card';
  } else {
    const account = await activeAccount(turn.tx, turn.membership.businessId);
    if (account === null) return 'cannot-yet';
    id = await draftPayment(turn.tx, deps, {
      ...asked,
      businessId: turn.membership.businessId,
      accountId: account.id,
      requestedBy: turn.identity.id,
    });
  }
  await postCard(turn.tx, deps, id, turn.identity.id, 'request');
  return 'posted';
}
