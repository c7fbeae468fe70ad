/** Every conversation that somebody may be in, by its versioned id. */
import type { BotDeps } from './context.ts';
import { bulkConversation, bulkId } from './conversations/bulk.ts';
import { joinConversation, joinId } from './conversations/join.ts';
import { payLinkConversation, payLinkId } from './conversations/link.ts';
import { contactConversation, contactId } from './conversations/own-contact.ts';
import { payConversation, payId } from './conversations/pay.ts';
import { payoutTalks } from './conversations/payout-talks.ts';
import { requestConversation, requestId } from './conversations/request.ts';
import { reviewConversation, reviewId } from './conversations/review.ts';
import { settingsConversation, settingsId } from './conversations/settings.ts';
import { staffConversation, staffId } from './conversations/staff.ts';
import { startConversation, startId } from './conversations/start.ts';
import { statusConversation, statusId } from './conversations/status.ts';
import { verifyConversation, verifyId } from './conversations/verify.ts';

export function talksOf(deps: BotDeps) {
  return {
    [startId]: startConversation(deps),
    [contactId]: contactConversation(deps),
    [requestId]: requestConversation(deps),
    [payLinkId]: payLinkConversation(deps),
    [payId]: payConversation(deps),
    ...payoutTalks(deps),
    [bulkId]: bulkConversation(deps),
    [statusId]: statusConversation(deps),
    [verifyId]: verifyConversation(deps),
    [reviewId]: reviewConversation(deps),
    [settingsId]: settingsConversation(deps),
    [staffId]: staffConversation(deps),
    [joinId]: joinConversation(deps),
  };
}
