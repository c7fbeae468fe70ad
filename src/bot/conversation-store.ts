/** Conversation state, sealed, in the turn's transaction: it moves with everything else the turn did. */
import type { ConversationData, ConversationStorage, VersionedState } from '@grammyjs/conversations';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { BotContext } from './context.ts';
import { takesDigits } from './kit.ts';

type State = VersionedState<ConversationData>;

/**
 * `known`: the ids that are registered. A state of any other id was left behind by an older version: it is dropped here,
 * and `left` is told, so that the person hears that it ended instead of being ignored by it.
 */
export function createConversationStore(
  deps: { vault: Vault; clock: Clock },
  known: ReadonlySet<string>,
  left: (ctx: BotContext) => void,
): ConversationStorage<BotContext, ConversationData> {
  return {
    type: 'context',
    adapter: {
      async read(ctx) {
        const key = keyOf(ctx);
        const row = await ctx.turn.tx
          .selectFrom('conversation')
          .select('state_sealed')
          .where('key', '=', key)
          .executeTakeFirst();
        if (row === undefined) return undefined;
        const stored = JSON.parse(deps.vault.open(row.state_sealed, identityOf(key))) as State;
        const kept = Object.entries(stored.state).filter(([id]) => known.has(id));
        if (kept.length < Object.keys(stored.state).length) left(ctx);
        if (kept.length > 0) {
          const state = Object.fromEntries(kept);
          ctx.asked = { takesDigits: questionsOf(state).some(takesDigits) };
          return { ...stored, state };
        }
        await ctx.turn.tx.deleteFrom('conversation').where('key', '=', key).execute();
        return undefined;
      },
      async write(ctx, value) {
        const key = keyOf(ctx);
        const sealed = deps.vault.seal(JSON.stringify(value), identityOf(key));
        const row = { state_sealed: sealed, updated_at: deps.clock.now() };
        await ctx.turn.tx
          .insertInto('conversation')
          .values({ key, ...row })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
          .execute();
      },
      async delete(ctx) {
        await ctx.turn.tx.deleteFrom('conversation').where('key', '=', keyOf(ctx)).execute();
      },
    },
  };
}

/** The collation keys of what is waited for: the replay log names each question, and the open ones by their place. */
function questionsOf(data: ConversationData): string[] {
  return Object.values(data)
    .flat()
    .flatMap(({ interrupts, replay }) => interrupts.map((place) => replay.send[place]?.payload ?? ''));
}

function keyOf(ctx: BotContext): string {
  return `${ctx.turn.lane}:${ctx.turn.identity.externalId}`;
}

function identityOf(key: string): string {
  return `conversation:${key}`;
}
