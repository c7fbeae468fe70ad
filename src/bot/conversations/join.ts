/** The yes or no of whoever was invited. */
import { showTime } from '../../domain/eat.ts';
import { inviteById } from '../../payouts/invite-view.ts';
import { acceptInvite } from '../../payouts/invites.ts';
import { inviteRefusal } from '../cards/invite-refusal.ts';
import { createStaffTell } from '../cards/staff-tell.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { confirmByButton } from './by-button.ts';

export const joinId = 'join@1';

export interface JoinStart {
  readonly inviteId: string;
}

/** What is said, as plain JSON. */
interface Told {
  readonly key: string;
  readonly values: Record<string, string>;
  readonly [key: string]: string | Record<string, string>;
}

export function joinConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: JoinStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const asked = await kit.act((turn) => question(deps, turn, start.inviteId));
    if (asked.key !== 'join-ask') return kit.tell(asked);
    if (!(await confirmByButton(kit, 'join', asked, 'btn-join', 'btn-later')))
      return kit.tell({ key: 'join-later', values: asked.values });
    await kit.tell(await kit.act((turn) => accept(deps, turn, start.inviteId)));
  };
}

async function question(deps: BotDeps, turn: Turn, id: string): Promise<Told> {
  const view = await inviteById(turn.tx, deps, id, turn.identity.id);
  const now = deps.clock.now();
  const refusal = inviteRefusal(view, now, turn.locale);
  if (refusal !== null) return { key: refusal.key, values: { ...refusal.values } };
  const values = {
    who: view.by.name ?? view.shop,
    shop: view.shop,
    role: deps.words.say(turn.locale, `role-${view.role}`),
    end: showTime(view.expiresAt, now, turn.locale),
  };
  return { key: 'join-ask', values };
}

async function accept(deps: BotDeps, turn: Turn, id: string): Promise<Told> {
  const staff = { ...deps, tellStaff: createStaffTell(deps) };
  const view = await acceptInvite(turn.tx, staff, id, turn.identity);
  const refusal = inviteRefusal(view, deps.clock.now(), turn.locale);
  if (refusal !== null) return { key: refusal.key, values: { ...refusal.values } };
  const role = deps.words.say(turn.locale, `role-${view.role}`);
  // Whoever works elsewhere too goes on there, until they switch.
  const key = turn.memberships.length === 0 ? 'join-done' : 'join-done-too';
  return { key, values: { shop: view.shop, role } };
}
