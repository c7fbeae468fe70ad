/** Every conversation about payouts, by the id under which it is kept. */
import type { BotDeps } from '../context.ts';
import { aloneConversation, aloneId } from './alone.ts';
import { aloneModeConversation, aloneModeId } from './alone-mode.ts';
import { digitsConversation, digitsId } from './digits.ts';
import { limitsConversation, limitsId } from './limits.ts';
import { payoutConversation, payoutId } from './payout.ts';
import { resendConversation, resendId } from './payout-resend.ts';
import { poReviewConversation, poReviewId } from './po-review.ts';
import { refundConversation, refundId } from './refund.ts';
import { rejectConversation, rejectId } from './reject.ts';

export function payoutTalks(deps: BotDeps) {
  return {
    [payoutId]: payoutConversation(deps),
    [resendId]: resendConversation(deps),
    [digitsId]: digitsConversation(deps),
    [aloneId]: aloneConversation(deps),
    [aloneModeId]: aloneModeConversation(deps),
    [rejectId]: rejectConversation(deps),
    [refundId]: refundConversation(deps),
    [poReviewId]: poReviewConversation(deps),
    [limitsId]: limitsConversation(deps),
  };
}
