/**
 * Collects what a payout lacks: amount, phone, reason, and whether the withdrawal charge goes with it. It ends with the
 * request card; nothing is asked of anybody before that card's button, and nothing is sent before another member's yes.
 */
import type { BusinessId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { type Msisdn, showMsisdn } from '../../domain/msisdn.ts';
import { leastRoleFor, may } from '../../domain/roles.ts';
import { withdrawalCharge } from '../../domain/tariff.ts';
import { payoutAccount } from '../../payouts/accounts.ts';
import { changePayout } from '../../payouts/draft.ts';
import { membersWith } from '../../payouts/people.ts';
import { recentPayees } from '../../payouts/queries.ts';
import { beginPayout, showDraft } from '../cards/payout-draft.ts';
import { connectWith } from '../commands/connect.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Read, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';
import type { PayoutStart } from './payout-start.ts';
import { type Given, type Payer, readGiven, readNote, readPayer } from './request-read.ts';

export const payoutId = 'payout@1';

export function payoutConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: PayoutStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    await collectPayout(deps, kit, start);
  };
}

/** Also the end of "ask for it, or send it?", in the conversation that asked. */
export async function collectPayout(deps: BotDeps, kit: Kit, start: PayoutStart): Promise<void> {
  const ready = await kit.act((turn) => readiness(deps, turn, start.businessId));
  if ('key' in ready) return kit.tell({ key: ready.key, values: { ...ready.values } });
  const limits = { least: BigInt(ready.least), most: BigInt(ready.most) };
  const given = await collectAmount(kit, start, limits);
  if (given === null) return;
  const [net = 0n] = given.cents;
  const payee = await collectPayee(deps, kit, start, given.phone === null ? start.phones : [given.phone]);
  if (payee === null) return;
  const note = [given.note, start.note].find((text) => text !== '') ?? (await collectReason(kit, start));
  if (note === null) return;
  const charge = await collectCharge(kit, net, limits.most);
  if (charge === null) return;
  const what = { net: String(net), charge: String(charge), payee, note };
  const done = await kit.act((turn) => finish(deps, turn, start, what));
  if (done !== 'posted') await kit.tell({ key: done });
}

type Ready =
  | { readonly least: string; readonly most: string }
  | { readonly key: string; readonly values: { readonly [name: string]: string } };

/** Who may ask is decided again at the end; here it spares questions that lead nowhere. */
async function readiness(deps: BotDeps, turn: Turn, businessId: BusinessId | null): Promise<Ready> {
  const membership = turn.memberships.find((one) => one.businessId === businessId);
  if (membership === undefined) return { key: 'not-yours', values: {} };
  if (!may(membership.role, 'request_payout')) {
    const role = deps.words.say(turn.locale, `role-${leastRoleFor('request_payout')}`);
    const [holder] = await membersWith(turn.tx, membership.businessId, 'request_payout');
    return { key: 'role', values: { role, who: holder?.name ?? role } };
  }
  const account = await payoutAccount(turn.tx, deps.gateways, membership.businessId);
  if (account === null) return { key: 'po-no-gateway', values: connectWith(membership) };
  return { least: String(account.leastCents), most: String(account.mostCents) };
}

interface Limits {
  readonly least: bigint;
  readonly most: bigint;
}

export function payoutRange({ least, most }: Limits): Say {
  return { key: 'po-range', values: { min: showMoney(least), max: showMoney(most) } };
}

function inside(given: Given, limits: Limits): Given | null {
  const cents = given.cents.filter((sum) => sum >= limits.least && sum <= limits.most);
  return cents.length === 0 ? null : { ...given, cents };
}

async function collectAmount(kit: Kit, start: PayoutStart, limits: Limits): Promise<Given | null> {
  const started: Given = { cents: start.amounts.map(BigInt), sure: start.sure, phone: null, note: '' };
  const known = inside(started, limits);
  const kept = start.keeps === null ? null : BigInt(start.keeps.cents);
  const given =
    known ??
    (await kit.ask<Given>({
      id: 'po-amount',
      say: start.outOfRange || started.cents.length > 0 ? payoutRange(limits) : { key: 'ask-amount' },
      options:
        kept === null
          ? []
          : [{ label: showMoney(kept), value: { cents: [kept], sure: true, phone: null, note: '' } }],
      read: (answer): Read<Given> => {
        const read = readGiven(answer);
        if (!('value' in read)) return read.again.key === 'range' ? { again: payoutRange(limits) } : read;
        const fits = inside(read.value, limits);
        return fits === null ? { again: payoutRange(limits) } : { value: fits };
      },
    }));
  if (given === null || (given.sure && given.cents.length === 1)) return given;
  const cents = await chooseSum(kit, given.cents, limits);
  return cents === null ? null : { ...given, cents: [cents], sure: true };
}

/** Ambiguous sums are asked with buttons, never guessed; a sum typed instead counts as well. */
async function chooseSum(kit: Kit, sums: readonly bigint[], limits: Limits): Promise<bigint | null> {
  const options = sums.map((cents) => ({ label: showMoney(cents), value: cents }));
  const [a = '', ...others] = options.map(({ label }) => label);
  const say: Say =
    others.length > 0
      ? { key: 'either', values: { a, b: others.join(', ') } }
      : { key: 'either-one', values: { a } };
  return kit.ask<bigint>({
    id: 'po-either',
    say,
    options,
    read: (answer) => {
      const read = readGiven(answer);
      const fits = 'value' in read && read.value.sure ? inside(read.value, limits) : null;
      const [cents] = fits?.cents ?? [];
      return cents === undefined ? { again: say } : { value: cents };
    },
  });
}

async function collectPayee(
  deps: BotDeps,
  kit: Kit,
  start: PayoutStart,
  known: readonly Msisdn[],
): Promise<Payer | null> {
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return { msisdn: only, name: start.payeeName };
  const { keeps, businessId } = start;
  const offered = await kit.act(async (turn) => {
    if (keeps !== null) return [{ msisdn: keeps.msisdn, name: keeps.name }];
    if (known.length > 1) return known.map((msisdn) => ({ msisdn, name: null as string | null }));
    return businessId === null ? [] : await recentPayees(turn.tx, deps.vault, businessId);
  });
  const payees = offered.map(({ msisdn, name }) => ({ msisdn: msisdn as Msisdn, name }));
  const say: Say = { key: known.length > 1 ? 'which-phone' : 'po-ask-phone' };
  return kit.ask<Payer>({
    id: 'po-phone',
    say,
    options: payees.map((payee) => ({ label: labelOf(payee), value: payee })),
    read: (answer) => (answer.kind === 'other' ? { again: say } : readPayer(answer, start.payeeName)),
  });
}

/** Twenty characters are what a button holds on a small phone. */
function labelOf({ msisdn, name }: Payer): string {
  const phone = showMsisdn(msisdn);
  return name === null || name === '' ? phone : `${phone} ${[...name].slice(0, 7).join('')}`;
}

/** Nobody sends money without a word about what it is for. */
async function collectReason(kit: Kit, { keeps }: PayoutStart): Promise<string | null> {
  const kept = keeps?.note ?? '';
  return kit.ask<string>({
    id: 'po-note',
    say: { key: 'ask-note' },
    options: kept === '' ? [] : [{ label: [...kept].slice(0, 20).join(''), value: kept }],
    read: readNote,
  });
}

/** In cents; 0: without. null: too many tries. */
async function collectCharge(kit: Kit, net: bigint, most: bigint): Promise<bigint | null> {
  const charge = withdrawalCharge(net);
  if (charge === null || net + charge > most) return 0n;
  const [total, amount] = [showMoney(net + charge), showMoney(net)];
  return kit.choose('po-charge', { key: 'charge', values: { total, amount } }, [
    { label: total, value: charge },
    { label: amount, value: 0n },
  ]);
}

interface Finished {
  readonly net: string;
  readonly charge: string;
  readonly payee: Payer;
  readonly note: string;
}

async function finish(
  deps: BotDeps,
  turn: Turn,
  start: PayoutStart,
  what: Finished,
): Promise<'posted' | 'not-yours' | 'cannot-yet' | 'old-card'> {
  const { businessId, changes } = start;
  const membership = turn.memberships.find((one) => one.businessId === businessId);
  // The role may have changed while the questions stood open.
  if (membership === undefined || !may(membership.role, 'request_payout')) return 'not-yours';
  const asked = { msisdn: what.payee.msisdn, payeeName: what.payee.name, note: what.note };
  const [net, charge] = [BigInt(what.net), BigInt(what.charge)];
  if (changes === null) {
    const begun = { ...asked, businessId: membership.businessId, netCents: net, chargeCents: charge };
    return (await beginPayout(deps, turn, begun)) === null ? 'cannot-yet' : 'posted';
  }
  const changed = { ...asked, amountCents: net + charge, chargeCents: charge };
  if (!(await changePayout(turn.tx, deps, changes, turn.identity.id, changed))) return 'old-card';
  await showDraft(deps, turn, membership.businessId, changes);
  return 'posted';
}
