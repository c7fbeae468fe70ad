/** Above a limit the approver names the phone: its last four digits, at most three tries for each card. */
import type { PayoutId } from '../../domain/ids.ts';
import { cleanText, toAsciiFigures } from '../../domain/typed-text.ts';
import { audit } from '../../ops/audit.ts';
import { approvePayout, lockForDecision } from '../../payouts/approve.ts';
import { sayApproval } from '../cards/payout-approval.ts';
import { showCurrent } from '../cards/payout-current.ts';
import { isGroupLane } from '../cards/payout-place.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Kit, type Read, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';

export const digitsId = 'digits@1';
export const mostDigitTries = 3;

export interface DigitsStart {
  readonly payoutId: PayoutId;
  /** Of what the person saw on the card that they pressed. */
  readonly version: number;
}

export function digitsConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: DigitsStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    await askDigits(deps, kit, start);
  };
}

/** Ends with the approval, or with what stands in its way. */
export async function askDigits(deps: BotDeps, kit: Kit, start: DigitsStart): Promise<void> {
  let say: Say = { key: 'digits' };
  for (let number = 1; number <= mostDigitTries; number++) {
    const asked = say;
    const digits = await kit.ask<string>({
      id: `digits-${number}`,
      say: asked,
      digits: true,
      read: (answer) => readDigits(answer),
    });
    if (digits === null) return;
    const tried = await kit.act((turn) => tryDigits(deps, turn, start, digits));
    if (tried.key === 'approved') return;
    say = { key: tried.key, values: { ...tried.values } };
    if (tried.key !== 'digits-no') return kit.tell(say);
  }
}

function readDigits(answer: Answer): Read<string> {
  const typed = answer.kind === 'text' ? toAsciiFigures(cleanText(answer.text)).replace(/\s/g, '') : '';
  return /^\d{4}$/.test(typed) ? { value: typed } : { again: { key: 'digits' } };
}

type Tried = { readonly key: string; readonly values: { readonly [name: string]: string } };

/** Wrong digits are counted on the card of the person: who begins anew has no more tries. */
async function tryDigits(deps: BotDeps, turn: Turn, start: DigitsStart, digits: string): Promise<Tried> {
  const { tx, identity } = turn;
  const { business } = await lockForDecision(tx, start.payoutId);
  const cards = await tx
    .selectFrom('payout_card')
    .select(['id', 'tries', 'lane'])
    .where('payout_id', '=', start.payoutId)
    .where('identity_id', '=', identity.id)
    .forUpdate()
    .execute();
  const card = cards.find(({ lane }) => !isGroupLane(lane));
  if (card === undefined || card.tries >= mostDigitTries) return { key: 'digits-over', values: {} };
  const outcome = await approvePayout(tx, deps, { ...start, by: identity.id, digits });
  if (outcome.kind === 'approved') return { key: 'approved', values: {} };
  if (outcome.kind === 'not_now') return { key: await showCurrent(deps, turn, start.payoutId), values: {} };
  if (outcome.kind !== 'digits') {
    const { key, values } = sayApproval(outcome);
    return { key, values };
  }
  const tries = card.tries + 1;
  await audit(tx, deps.clock.now(), business.id, identity.id, 'payout_digits_wrong', {
    payout: start.payoutId,
    tries,
  });
  await tx.updateTable('payout_card').set({ tries }).where('id', '=', card.id).execute();
  const left = mostDigitTries - tries;
  return left === 0
    ? { key: 'digits-over', values: {} }
    : { key: 'digits-no', values: { left: String(left) } };
}
