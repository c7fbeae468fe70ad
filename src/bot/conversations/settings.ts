/** The shop's own phone for SMS: the owner names it, and sees it read back. */
import type { BusinessId } from '../../domain/ids.ts';
import { type Msisdn, showMsisdn } from '../../domain/msisdn.ts';
import { may } from '../../domain/roles.ts';
import { audit } from '../../ops/audit.ts';
import { sealedAs } from '../../payments/context.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { type Payer, readPayer } from './request-read.ts';

export const settingsId = 'settings@1';

export interface SettingsStart {
  readonly businessId: BusinessId;
}

export function settingsConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: SettingsStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const named = await kit.ask<Payer>({
      id: 'own-sms',
      say: { key: 'own-sms-ask' },
      sharePhone: kit.word('btn-share'),
      // Whose phone it is, is the owner's own business: a typed one is as good as a shared one.
      read: (answer) =>
        answer.kind === 'other' ? { again: { key: 'own-sms-ask' } } : readPayer(answer, null),
    });
    if (named === null) return;
    const kept = await kit.act((turn) => keep(deps, turn, start.businessId, named.msisdn));
    const values = { phone: showMsisdn(named.msisdn) };
    await kit.tell(kept ? { key: 'own-sms-on', values } : { key: 'not-yours' });
  };
}

/** The role is checked here again: it may have changed while the question stood open. */
async function keep(deps: BotDeps, turn: Turn, id: BusinessId, msisdn: Msisdn): Promise<boolean> {
  const membership = turn.memberships.find(({ businessId }) => businessId === id);
  if (membership === undefined || !may(membership.role, 'change_business')) return false;
  await turn.tx
    .updateTable('business')
    .set({ merchant_sms_phone_sealed: deps.vault.seal(msisdn, sealedAs.merchantSmsPhone(id)) })
    .where('id', '=', id)
    .execute();
  const facts = { to: 'shop', on: true, phone: deps.vault.hmac('phone', msisdn).toString('hex') };
  await audit(turn.tx, deps.clock.now(), id, turn.identity.id, 'sms_changed', facts);
  return true;
}
