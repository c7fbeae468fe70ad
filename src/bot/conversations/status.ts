/** Asks for one of our numbers and shows its card. */
import { parseRef } from '../../domain/refs.ts';
import { showStatus } from '../cards/status.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';

export const statusId = 'status@1';

export function statusConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const ref = await kit.ask<string>({
      id: 'ref',
      say: { key: 'ask-ref' },
      read: (answer) => {
        const parsed = answer.kind === 'text' ? parseRef(answer.text) : null;
        if (parsed !== null) return { value: parsed };
        const text = answer.kind === 'text' ? [...answer.text].slice(0, 40).join('') : '';
        return { again: { key: 'unread', values: { text: text, eg: 'P-7KQ4M' } } };
      },
    });
    if (ref !== null) await kit.act((turn) => showStatus(deps, turn, ref));
  };
}
