/** Who works here: an owner looks, invites, gives another role, removes. One thing each time, looked at again when done. */
import { showTime } from '../../domain/eat.ts';
import type { BusinessId, MemberId } from '../../domain/ids.ts';
import { type Role, roles } from '../../domain/roles.ts';
import { openInvites, openInvitesMost } from '../../payouts/invite-view.ts';
import { revokeInvite } from '../../payouts/invites.ts';
import { removeStaff, type StaffOutcome, setRole, staffOf } from '../../payouts/staff.ts';
import { createStaffTell } from '../cards/staff-tell.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Option, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { confirmByButton } from './by-button.ts';
import { type Chosen, inviteContact, inviteLink } from './staff-invite.ts';

export const staffId = 'staff@1';

export interface StaffStart {
  readonly businessId: BusinessId;
}

interface Known {
  readonly id: MemberId;
  readonly name: string;
  readonly role: Role;
  readonly [key: string]: string;
}

interface Staff {
  readonly shop: string;
  readonly members: readonly Known[];
  readonly invites: readonly { readonly id: string; readonly label: string }[];
  readonly [key: string]: string | readonly { readonly [key: string]: string }[];
}

export function staffConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: StaffStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const { businessId } = start;
    const staff = await kit.act((turn) => look(deps, turn, businessId));
    if (staff === null) return kit.tell({ key: 'not-yours' });
    const list = staff.members.map((one) => lineOf(kit, one)).join('\n');
    const what = await kit.choose(
      'what',
      { key: 'staff-head', values: { shop: staff.shop, list } },
      actions(kit, staff),
    );
    if (what === 'link') await inviteLink(deps, kit, { businessId, role: await askRole(kit) });
    if (what === 'contact') await inviteContact(deps, kit, { businessId, role: await askRole(kit) });
    if (what === 'role') await changeRole(deps, kit, businessId, staff);
    if (what === 'remove') await remove(deps, kit, businessId, staff);
    if (what === 'invites') await withdraw(deps, kit, businessId, staff);
  };
}

/** null: no owner any more. */
async function look(deps: BotDeps, turn: Turn, businessId: BusinessId): Promise<Staff | null> {
  const membership = turn.memberships.find((one) => one.businessId === businessId);
  if (membership === undefined) return null;
  const say = (key: string, values?: Record<string, string>) => deps.words.say(turn.locale, key, values);
  const now = deps.clock.now();
  const found = await staffOf(turn.tx, businessId);
  const members = roles.flatMap((role) => found.filter((one) => one.role === role));
  const invites = await openInvites(turn.tx, businessId, now);
  return {
    shop: membership.businessName,
    members: members.map(({ id, name, role }) => ({ id, name: name ?? say('staff-nameless'), role })),
    invites: invites.map(({ id, role, expiresAt, bound, forName }) => {
      const who = bound ? (forName ?? say('staff-nameless')) : say('staff-by-link');
      const values = { role: say(`role-${role}`), who, end: showTime(expiresAt, now, turn.locale) };
      return { id, label: say('staff-invite-line', values) };
    }),
  };
}

type Action = 'link' | 'contact' | 'role' | 'remove' | 'invites' | 'done';

function actions(kit: Kit, staff: Staff): Option<Action>[] {
  const option = (key: string, value: Action) => ({ label: kit.word(key), value });
  return [
    option('btn-invite-link', 'link'),
    option('btn-invite-contact', 'contact'),
    option('btn-set-role', 'role'),
    ...(staff.members.length > 1 ? [option('btn-remove', 'remove')] : []),
    ...(staff.invites.length > 0 ? [option('btn-invites', 'invites')] : []),
    option('btn-done', 'done'),
  ];
}

function lineOf(kit: Kit, { name, role }: Known): string {
  return kit.word('staff-line', { name, role: kit.word(`role-${role}`) });
}

function askRole(kit: Kit): Promise<Role | null> {
  const options = roles.map((role) => ({ label: kit.word(`btn-role-${role}`), value: role }));
  return kit.choose('role', { key: 'staff-which-role' }, options);
}

/** So many buttons at most stand under a question. */
const shownMembers = 60;

function askMember(kit: Kit, say: Say, staff: Staff): Promise<Known | null> {
  const options = staff.members
    .slice(0, shownMembers)
    .map((one) => ({ label: lineOf(kit, one), value: one }));
  return kit.choose('member', say, options);
}

async function changeRole(deps: BotDeps, kit: Kit, businessId: BusinessId, staff: Staff): Promise<void> {
  const member = await askMember(kit, { key: 'staff-whose-role' }, staff);
  if (member === null) return;
  const role = await askRole(kit);
  if (role === null) return;
  const { shop } = staff;
  const chosen: Chosen = { shop, name: member.name, role: kit.word(`role-${role}`) };
  const yes = await confirmByButton(
    kit,
    'sure',
    { key: 'staff-role-ask', values: chosen },
    'btn-change',
    'btn-cancel',
  );
  if (!yes) return kit.tell({ key: 'staff-kept' });
  const { kind } = await kit.act(async (turn) => {
    const act = { businessId, by: turn.identity.id, memberId: member.id, role };
    return { kind: (await setRole(turn.tx, staffDeps(deps), act)).kind };
  });
  await kit.tell({ key: outcomeKeys[kind] ?? 'staff-role-done', values: chosen });
}

async function remove(deps: BotDeps, kit: Kit, businessId: BusinessId, staff: Staff): Promise<void> {
  const { shop } = staff;
  const member = await askMember(kit, { key: 'staff-who-leaves', values: { shop } }, staff);
  if (member === null) return;
  const chosen: Chosen = { shop, name: member.name, role: kit.word(`role-${member.role}`) };
  const yes = await confirmByButton(
    kit,
    'sure',
    { key: 'staff-remove-ask', values: chosen },
    'btn-remove',
    'btn-cancel',
  );
  if (!yes) return kit.tell({ key: 'staff-kept' });
  const { kind } = await kit.act(async (turn) => {
    const act = { businessId, by: turn.identity.id, memberId: member.id };
    return { kind: (await removeStaff(turn.tx, staffDeps(deps), act)).kind };
  });
  await kit.tell({ key: outcomeKeys[kind] ?? 'staff-removed-done', values: chosen });
}

/** null: what was asked for is done, and each thing says so in its own words. */
const outcomeKeys = {
  done: null,
  unchanged: 'staff-unchanged',
  no_right: 'not-yours',
  gone: 'staff-gone',
  last_owner: 'staff-last-owner',
} as const satisfies Record<StaffOutcome['kind'], string | null>;

const staffDeps = (deps: BotDeps) => ({ ...deps, tellStaff: createStaffTell(deps) });

async function withdraw(deps: BotDeps, kit: Kit, businessId: BusinessId, staff: Staff): Promise<void> {
  const options = staff.invites.slice(0, openInvitesMost).map(({ id, label }) => ({ label, value: id }));
  const none = { label: kit.word('btn-cancel'), value: '' };
  const id = await kit.choose('invite', { key: 'staff-invites' }, [...options, none]);
  if (id === null || id === '') return;
  const outcome = await kit.act((turn) =>
    revokeInvite(turn.tx, deps, { businessId, by: turn.identity.id, id }),
  );
  const keys = { revoked: 'staff-withdrawn', not_open: 'staff-invite-over', no_right: 'not-yours' } as const;
  await kit.tell({ key: keys[outcome] });
}
