/** A member shared the own phone: receipts of it, or a payment asked of it. Both make sense, so it is asked. */
import type { BusinessId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';
import { linkOwn } from '../link-own.ts';
import { nothingKnown, requestConversation } from './request.ts';

export const contactId = 'own-contact@1';

export interface ContactStart {
  readonly msisdn: Msisdn;
  /** In whose name the money would be asked for. */
  readonly businessId: BusinessId;
}

export function contactConversation(deps: BotDeps) {
  const request = requestConversation(deps);
  return async (conversation: BotConversation, ctx: InnerContext, start: ContactStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const what = await kit.choose('own-contact', { key: 'own-contact' }, [
      { label: kit.word('btn-link'), value: 'link' },
      { label: kit.word('menu-ask'), value: 'ask' },
    ]);
    if (what === 'ask')
      await request(conversation, ctx, {
        ...nothingKnown,
        businessId: start.businessId,
        phones: [start.msisdn],
      });
    if (what === 'link') await kit.tell(await kit.act((turn) => linkOwn(deps, turn, start.msisdn)));
  };
}
