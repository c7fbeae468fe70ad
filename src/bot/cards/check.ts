/** The answer to "is this code good?": said once for the update that asked. */
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { type Claim, looksLikeReceipt } from '../../domain/receipt.ts';
import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { type Verdict, verifyClaim, verifyOwn } from '../../payments/verify.ts';
import type { Known } from '../../payments/verify-find.ts';
import type { BotDeps } from '../context.ts';
import { type MarkedCard, marks } from '../marks.ts';
import type { Membership, Turn } from '../turn.ts';
import { postCard } from './post.ts';

interface Line {
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The first line carries the mark. */
type Answer = readonly [
  { readonly key: MarkedCard | 'unread' | 'no-business'; readonly values: Line['values'] },
  ...Line[],
];

/** Checks the claim for the person's business; for who is in none, among the payments of their own linked phone. */
export async function answerClaim(deps: BotDeps, turn: Turn, claim: Claim): Promise<null> {
  const { membership } = turn;
  if (membership === null || !may(membership.role, 'see_payments')) return answerOwn(deps, turn, claim);
  const who = { businessId: membership.businessId, identityId: turn.identity.id };
  const verdict = await verifyClaim(turn.tx, deps, who, claim);
  await say(deps, turn, linesOf(deps, turn, claim, verdict), membership);
  if (verdict.kind === 'asking') await showAsked(deps, turn, verdict.payments);
  return null;
}

async function answerOwn(deps: BotDeps, turn: Turn, claim: Claim): Promise<null> {
  const own = await verifyOwn(turn.tx, deps, turn.identity.id, claim.code);
  if (own === 'not_linked') await say(deps, turn, [{ key: 'no-business', values: {} }], null);
  else if (own === null) await say(deps, turn, unknown(claim), null);
  else {
    const values = { ...valuesOf(deps, turn, claim, own), shop: own.shop };
    await say(deps, turn, [{ key: 'ver-own', values }], null);
  }
  return null;
}

async function say(deps: BotDeps, turn: Turn, lines: Answer, membership: Membership | null): Promise<void> {
  const texts = lines.map(({ key, values }) => deps.words.say(turn.locale, key, values));
  const [{ key: first }] = lines;
  const mark = first === 'unread' || first === 'no-business' ? '' : `${marks[first]} `;
  const shop = membership !== null && turn.memberships.length > 1 ? [membership.businessName] : [];
  await enqueue(turn.tx, deps, {
    key: `${turn.key}:verify`,
    channel: turn.identity.channel,
    lane: turn.lane,
    method: 'sendMessage',
    payload: {
      chat_id: Number(turn.identity.externalId),
      text: [`${mark}${texts[0]}`, ...texts.slice(1), ...shop].join('\n'),
    },
  });
}

/** The card of the one payment that the gateway is asked about tells how it ends; of several, the first line names them. */
async function showAsked(
  deps: BotDeps,
  turn: Turn,
  payments: Extract<Verdict, { kind: 'asking' }>['payments'],
): Promise<void> {
  const [only, ...others] = payments;
  if (only === undefined || others.length > 0) return;
  const payment = await turn.tx
    .selectFrom('payment')
    .select('requested_by')
    .where('id', '=', only.id)
    .executeTakeFirstOrThrow();
  const mine = payment.requested_by === turn.identity.id;
  await postCard(turn.tx, deps, only.id, turn.identity.id, mine ? 'request' : 'alert');
}

const shownCode = (claim: Claim): string =>
  looksLikeReceipt(claim.code) ? `M-Pesa ${claim.code}` : claim.code;

function unknown(claim: Claim): Answer {
  return looksLikeReceipt(claim.code)
    ? [{ key: 'stranger', values: { code: shownCode(claim) } }]
    : [{ key: 'unread', values: { text: claim.code, eg: 'TFH774CBH1' } }];
}

function valuesOf(deps: BotDeps, turn: Turn, claim: Claim, known: Known): Record<string, string> {
  return {
    code: shownCode(claim),
    amount: showMoney(known.cents),
    phone: showMsisdn(known.msisdn),
    at: showTime(known.at, deps.clock.now(), turn.locale),
    ref: known.ref,
  };
}

function linesOf(deps: BotDeps, turn: Turn, claim: Claim, verdict: Verdict): Answer {
  const time = (at: Date): string => showTime(at, deps.clock.now(), turn.locale);
  const of = (known: Known) => valuesOf(deps, turn, claim, known);
  const code = shownCode(claim);
  switch (verdict.kind) {
    case 'genuine': {
      const values = of(verdict.known);
      const again = verdict.again === null ? [] : [{ key: 'ver-again', values: { at: time(verdict.again) } }];
      const who = verdict.shown?.name ?? deps.words.say(turn.locale, 'staff-nameless');
      const shown =
        verdict.shown === null
          ? []
          : [
              {
                key: verdict.shown.id === turn.identity.id ? 'ver-shown-you' : 'ver-shown',
                values: { ...values, who, at: time(verdict.known.at) },
              },
            ];
      const old = verdict.old ? [{ key: 'ver-old', values }] : [];
      return [{ key: 'genuine', values }, ...again, ...shown, ...old];
    }
    case 'used':
      return [{ key: 'used', values: { ...of(verdict.known), at: time(verdict.at) } }];
    case 'differs': {
      const values = { ...of(verdict.known), said: showMoney(claim.cents ?? 0n) };
      const used =
        verdict.used === null ? [] : [{ key: 'used', values: { ...values, at: time(verdict.used) } }];
      return [{ key: 'differs', values }, ...used];
    }
    case 'unlike':
      return [{ key: 'ver-unlike', values: of(verdict.known) }];
    case 'unnamed':
      return [{ key: `ver-${verdict.by}`, values: of(verdict.known) }];
    case 'stand_in':
      return [{ key: 'ver-stand-in', values: of(verdict.known) }];
    case 'given_back':
      return [{ key: 'ver-back', values: { ...of(verdict.known), back: showMoney(verdict.cents) } }];
    case 'doubt':
      return [{ key: 'ver-doubt', values: { code, ref: verdict.ref } }];
    case 'unmatched':
      return [{ key: 'ver-unmatched', values: { code } }];
    case 'asking':
      return [
        { key: 'ver-asking', values: { code, refs: verdict.payments.map(({ ref }) => ref).join(', ') } },
      ];
    case 'near':
      return [{ key: 'ver-near', values: { code, near: `M-Pesa ${verdict.code}` } }];
    case 'stranger':
      return unknown(claim);
  }
}
