/** Asks for an M-Pesa code and answers whether it is good. */
import type { Claim } from '../../domain/receipt.ts';
import { readTypedCode } from '../../domain/receipt.ts';
import { answerClaim } from '../cards/check.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';

export const verifyId = 'verify@1';

export function verifyConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const claim = await kit.ask<Claim>({
      id: 'code',
      say: { key: 'ver-ask' },
      read: (answer) => {
        const typed = answer.kind === 'text' ? answer.text : '';
        const read = readTypedCode(typed);
        if (read !== null) return { value: read };
        return {
          again: { key: 'unread', values: { text: [...typed].slice(0, 40).join(''), eg: 'TFH774CBH1' } },
        };
      },
    });
    if (claim !== null) await kit.act((turn) => answerClaim(deps, turn, claim));
  };
}
