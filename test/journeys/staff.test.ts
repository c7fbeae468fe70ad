/** Protects who may act for a business: invitations count once and for whom they are meant, and every change counts at once. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { IdentityId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import type { Role } from '../../src/domain/roles.ts';
import { verifyAudit } from '../../src/payouts/audit-verify.ts';
import { addMemberByOperator } from '../../src/payouts/operator.ts';
import { isApproved, openPayShop, waiting } from './payouts-kit.ts';
import { draft, labels, prompted } from './sale.ts';
import { boss, stranger as manager, shopPerson } from './shop.ts';
import { back } from './side.ts';
import { expectDisarmed } from './standing.ts';
import { poll, type World } from './world.ts';

const wanja = 1010;
const juma = 1011;

let world: World;
beforeAll(async () => {
  world = await openPayShop();
  for (const [id, firstName] of [
    [wanja, 'Wanja'],
    [juma, 'Juma'],
  ] as const)
    world.chat.addUser({ id, firstName, languageCode: 'en', started: true });
  world.say('/help');
  await world.card('We never ask for your PIN');
});
afterAll(() => world.close());
beforeEach(async () => {
  for (const person of [boss, wanja, juma]) world.say('/cancel', person);
  await back(world, manager);
});

/** Presses, and waits for what is said next. */
async function tap(button: string, person = boss): Promise<void> {
  // Nothing that still comes is to be taken for the answer.
  await world.quiet();
  const last = world.chat.messages(person).at(-1)?.id ?? 0;
  await world.press(button, person);
  await world.answer(last, person);
}

const says = async (text: string, person: number): Promise<string> =>
  (await world.answer(world.say(text, person), person)).text;

/** What the newest invitation's link gives to /start. */
async function link(role: string, person = boss): Promise<string> {
  await says('/staff', person);
  await tap('Invite by link', person);
  await tap(role, person);
  return startOf((await world.card(/join_[0-9a-f]{32}$/, person)).text);
}

function startOf(text: string): string {
  return `/start ${/(?:start=|start%20)(join_[0-9a-f]{32})$/.exec(text)?.[1] ?? 'nothing'}`;
}

async function joins(person: number, role: string): Promise<void> {
  const start = await link(role);
  await says(start, person);
  await tap('Join', person);
  await world.quiet();
}

const identity = async (person: number) =>
  world.db
    .selectFrom('identity')
    .selectAll()
    .where('external_id', '=', world.key(person))
    .executeTakeFirstOrThrow();

async function roleOf(person: number): Promise<string | null> {
  const row = await world.db
    .selectFrom('member')
    .innerJoin('identity', 'identity.id', 'member.identity_id')
    .select('role')
    .where('external_id', '=', world.key(person))
    .where('business_id', '=', world.businessId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row?.role ?? null;
}

async function newestEntry() {
  return world.db
    .selectFrom('audit_entry')
    .select(['action', 'actor', 'facts'])
    .where('business_id', '=', world.businessId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** What an owner does in /staff with a member. */
async function change(name: string, role: string | null, by = boss): Promise<void> {
  await says('/staff', by);
  await tap(role === null ? 'Remove' : 'Change a role', by);
  await world.quiet();
  const asked = await world.card(role === null ? 'Who leaves' : 'Whose role changes?', by);
  const label = labels(asked).find((one) => one.startsWith(`${name},`));
  await tap(label ?? name, by);
  if (role !== null) await tap(role, by);
  await tap(role === null ? 'Remove' : 'Change', by);
  await world.quiet();
}

test('/staff is for owners, and shows who works here', async () => {
  expect(await says('/staff', shopPerson)).toBe('This is for an owner. Ask Baraka.');
  expect(await says('/staff', manager)).toBe('This is for an owner. Ask Baraka.');
  expect(await says('/staff', boss)).toBe(
    'Mama Njeri, who works here:\nBaraka, an owner\nOtieno, a manager\nNjeri, a cashier',
  );
  expect(labels(await world.card('who works here', boss))).toEqual([
    'Invite by link',
    'Invite a contact',
    'Change a role',
    'Remove',
    'Done',
  ]);
});

test('a link makes one person a member, by a press, and is told to the owners', async () => {
  const start = await link('Cashier');
  expect(await newestEntry()).toMatchObject({
    action: 'member_invited',
    facts: { role: 'cashier', for: null },
  });
  expect(await says(start, wanja)).toBe('Baraka invites you to work in Mama Njeri: a cashier. Do you join?');
  expect(await says('yes', wanja)).toBe(world.spoken('Use the buttons above; /cancel stops.'));
  expect(await roleOf(wanja)).toBeNull();
  await tap('Join', wanja);
  await world.card('You work in Mama Njeri now: you are a cashier.', wanja);
  await world.card('Wanja joined Mama Njeri: a cashier. Invited by Baraka.', boss);
  expect(await roleOf(wanja)).toBe('cashier');
  expect(await newestEntry()).toMatchObject({
    action: 'member_joined',
    actor: (await identity(wanja)).id,
    facts: { role: 'cashier', invitedBy: (await identity(boss)).id },
  });
  expect(await says(start, juma)).toBe(
    'This invitation to Mama Njeri was used already. Ask there for a new one.',
  );
  expect(await says(start, wanja)).toBe(
    world.spoken('You work in Mama Njeri already. /help shows what works.'),
  );
  const kept = await world.db.selectFrom('invite').select('token_hmac').execute();
  expect(JSON.stringify(kept)).not.toContain(start.slice('/start join_'.length));
});

test('of two people who open a link at once, one joins', async () => {
  await change('Wanja', null);
  const start = await link('Viewer');
  for (const person of [wanja, juma]) await says(start, person);
  await Promise.all([world.press('Join', wanja), world.press('Join', juma)]);
  await world.quiet();
  const roles = [await roleOf(wanja), await roleOf(juma)];
  expect(roles.toSorted()).toEqual([null, 'viewer']);
  const late = roles[0] === null ? wanja : juma;
  await world.card('was used already', late);
  await change(late === wanja ? 'Juma' : 'Wanja', null);
});

test('an invitation ends with its time, with a withdrawal, and with the right of its maker', async () => {
  const expired = await link('Cashier');
  await says(expired, juma);
  await world.advance(48 * 3600);
  await tap('Join', juma);
  await world.card(/^This invitation to Mama Njeri was open until .* Ask there for a new one\.$/, juma);
  expect(await says(expired, juma)).toContain('was open until');

  const withdrawn = await link('Cashier');
  await says(withdrawn, juma);
  await says('/staff', boss);
  await tap('Open invitations');
  const [invitation = ''] = labels(await world.card('Which invitation do you withdraw?', boss));
  expect(invitation).toMatch(/^a cashier, by link, until /);
  await tap(invitation);
  await world.card('Withdrawn. The link works no longer.', boss);
  expect((await newestEntry()).action).toBe('invite_revoked');
  await tap('Join', juma);
  await world.card('was withdrawn', juma);

  await joins(wanja, 'Owner');
  const orphan = await link('Owner', wanja);
  await change('Wanja', 'Viewer');
  expect(await says(orphan, juma)).toContain('was withdrawn');
  expect(labels(await world.card('who works here', boss))).not.toContain('Open invitations');
  expect(await roleOf(juma)).toBeNull();
  await change('Wanja', null);
  expect(await says('/start join_0123', juma)).toBe('We do not know this invitation. Ask for a new one.');
});

test('with whoever is removed go the links that would let them back; deciders hear who else decides', async () => {
  await joins(wanja, 'Owner');
  const [theirs, open] = [await link('Owner', wanja), await link('Manager')];
  await change('Wanja', null);
  await world.card('Open links to join are withdrawn.', boss);
  const kept = await world.db
    .selectFrom('invite')
    .select('id')
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', world.scheduler.now())
    .execute();
  expect(kept).toEqual([]);
  for (const start of [theirs, open]) expect(await says(start, wanja)).toContain('was withdrawn');
  await joins(juma, 'Manager');
  const told = await world.card('may approve payouts in Mama Njeri now', manager);
  expect(told.text).toMatch(/^Juma may approve .*, by Baraka\. If that surprises you: \/?freeze$/);
  await change('Juma', null);
});

test('a contact is invited by name: nobody else can use it, and /start asks', async () => {
  await says('/staff', boss);
  await tap('Invite a contact');
  await tap('Manager');
  const control = world.chat;
  control.shareContact(boss, { phone: '254722000111', firstName: 'Mary' });
  await world.card('so only a link works', boss);
  control.shareContact(boss, { phone: '254722000111', firstName: 'Juma', contactUserId: juma });
  const invited = await world.card('Juma can join Mama Njeri as a manager', boss);
  await world.card('Baraka invites you to work in Mama Njeri: a manager. Send /start', juma);
  await world.quiet();
  expect(await says(startOf(invited.text), wanja)).toBe(
    'This invitation is for somebody else. Ask for one of your own.',
  );
  expect(await says('/start', juma)).toContain('invites you to work in Mama Njeri: a manager');
  await tap('Later', juma);
  await world.card('Nothing changed. The invitation to Mama Njeri is open until', juma);
  expect(await says(startOf(invited.text), juma)).toContain('invites you to work');
  await tap('Join', juma);
  expect(await roleOf(juma)).toBe('manager');
  const { facts } = await newestEntry();
  expect(JSON.stringify(facts)).not.toMatch(/254722000111|Juma/);

  await says('/staff', boss);
  await tap('Invite a contact');
  await tap('Owner');
  control.shareContact(boss, { phone: '254722000111', firstName: 'Juma', contactUserId: juma });
  await world.card('They work in Mama Njeri already.', boss);
  await change('Juma', null);
});

test('the last owner stays, whatever is pressed; one of two may go', async () => {
  await change('Baraka', 'Manager');
  await world.card('Baraka is the only owner. Make another member owner first', boss);
  await change('Baraka', null);
  expect((await world.answer(world.say('/today', boss), boss)).text).toContain('Mama Njeri');
  expect(await roleOf(boss)).toBe('owner');
  await joins(wanja, 'Owner');
  // Each takes the other's place at the same moment.
  for (const [by, name] of [
    [boss, 'Wanja'],
    [wanja, 'Baraka'],
  ] as const) {
    await says('/staff', by);
    await tap('Change a role', by);
    await tap(`${name}, an owner`, by);
    await tap('Viewer', by);
  }
  await Promise.all([world.press('Change', boss), world.press('Change', wanja)]);
  await world.quiet();
  const roles = [await roleOf(boss), await roleOf(wanja)];
  expect(roles.toSorted()).toEqual(['owner', 'viewer']);
  if (roles[0] !== 'owner') {
    await change('Baraka', 'Owner', wanja);
    await world.card('Mama Njeri: you are an owner now. Wanja changed it.', boss);
  }
  await change('Wanja', null);
  expect(await roleOf(boss)).toBe('owner');
});

test('another role counts on the cards that are open, and is told to whom it is about', async () => {
  await joins(wanja, 'Cashier');
  const sale = await draft(world, 540, undefined, wanja);
  await change('Wanja', 'Viewer');
  await world.card('Mama Njeri: you are a viewer now. Baraka changed it.', wanja);
  expect(await newestEntry()).toMatchObject({
    action: 'member_role',
    facts: { from: 'cashier', to: 'viewer' },
  });
  await sale.press('Send prompt', wanja);
  await world.toast('This is for a cashier.', wanja);
  expect(await sale.state()).toMatchObject({ state: 'created' });
  await change('Wanja', 'Cashier');
  await sale.press('Send prompt', wanja);
  await world.prompt(sale.msisdn);
  await change('Wanja', null);
});

test('whoever was removed presses and types in vain, and their cards lose their buttons', async () => {
  const second = await world.openSecondShop('Duka Mbili');
  await world.join(wanja, 'cashier', second);
  await joins(wanja, 'Cashier');
  await world.card('You work in Mama Njeri too now', wanja);
  await world.db
    .updateTable('identity')
    .set({ current_business_id: world.businessId })
    .where('external_id', '=', world.key(wanja))
    .execute();
  const open = await draft(world, 550, undefined, wanja);
  const card = await open.card('Send the PIN prompt', wanja);
  const nonce = await world.db
    .selectFrom('card')
    .innerJoin('payment', 'payment.id', 'card.payment_id')
    .select('nonce')
    .where('ref', '=', open.ref)
    .executeTakeFirstOrThrow();
  const talking = await says('/request', wanja);
  expect(talking).toContain('How much?');
  await says('600', wanja);
  await change('Wanja', null);
  await world.card('You no longer work in Mama Njeri. Baraka changed it', wanja);
  await expectDisarmed(world, wanja, await open.card('Send the PIN prompt', wanja));
  world.chat.pressRaw(wanja, card.id, `p:${nonce.nonce}:send`);
  await world.toast('This card is old', wanja);
  await world.quiet();
  expect(await open.state()).toMatchObject({ state: 'created' });
  await says('0722000111', wanja);
  expect(await says('lunch', wanja)).toBe('This card is for someone else.');
  expect((await identity(wanja)).current_business_id).toBe(second);
  expect(await says('/start', wanja)).toContain('Duka Mbili: you are a cashier');
});

test('approvals follow the roles: who may not any more keeps no card that asks, who may now gets one', async () => {
  await joins(wanja, 'Manager');
  const pay = await waiting(world, 640);
  const asked = await pay.card('asks, until', wanja);
  expect(labels(asked)).toContain('Approve');
  await change('Wanja', 'Cashier');
  await expectDisarmed(world, wanja, await pay.card('asks, until', wanja));
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
  await change('Wanja', 'Manager');
  await world.quiet();
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
  await change('Wanja', null);
  await joins(juma, 'Manager');
  await pay.card('asks, until', juma);
  await pay.press('Approve', juma);
  await pay.card(isApproved);
  await change('Juma', null);
});

test('what an operator changes is told like what /staff changes; what the person left waiting is over, and says why', async () => {
  // Only Telegram has groups.
  const groups = world.channel === 'telegram' ? [-5003] : [];
  for (const group of groups) {
    world.chat.addGroup({ id: group, title: 'Payouts', members: [boss, manager] });
    world.chat.sendText(boss, '/approvals', { chatId: group });
    await world.card('wait for approval are shown here too', group);
  }
  const operator = { ...world.database, clock: world.scheduler, random: systemRandom };
  const gives = (role: Role) =>
    world.db
      .transaction()
      .execute((tx) => addMemberByOperator(tx, operator, world.businessId, world.who(juma), role));
  const open = await waiting(world, 650);
  await gives('manager');
  await world.card('Juma joined Mama Njeri: a manager. Whoever runs the bot added them.', boss);
  await world.card('Juma may approve payouts in Mama Njeri now; whoever runs the bot changed it.', manager);
  await open.card('asks, until', juma);
  const theirs = await waiting(world, 660, juma);
  const before = await theirs.card('asks, until', boss);
  const inGroups = await Promise.all(groups.map((group) => theirs.card('asks, until', group)));
  await gives('cashier');
  await world.card('Juma is a cashier in Mama Njeri now. Whoever runs the bot changed it.', boss);
  await world.card('Mama Njeri: you are a cashier now. Whoever runs the bot changed it.', juma);
  // The old card says so before the new one comes.
  await world.quiet();
  for (const { chat, old } of [
    { chat: boss, old: before },
    { chat: manager, old: null },
    ...groups.map((chat, i) => ({ chat, old: inGroups[i] ?? null })),
  ]) {
    const over = await theirs.card('Juma asked for it and may no longer do so.', chat);
    expect(over.text).toContain('No money moved.');
    expect(labels(over)).toEqual([]);
    // An edit makes no sound.
    if (old !== null) expect(over.id).toBeGreaterThan(old.id);
  }
  expect(await theirs.row()).toMatchObject({ state: 'void' });
  expect(await open.row()).toMatchObject({ state: 'waiting' });
  await open.press('Withdraw', manager);
  await open.card('Stopped', manager);
  await change('Juma', null);
});

test('the log of all this is closed, proved, and holds no name, phone or text', async () => {
  const sale = await prompted(world, 560);
  await sale.pay();
  await sale.card('Paid to');
  await world.advance(120);
  const verdict = await poll('the log was not closed', async () => {
    const now = await verifyAudit(world.db, world.businessId);
    return now.open === 0 ? now : null;
  });
  expect(verdict.fault).toBeNull();
  expect(verdict.batches).toBeGreaterThan(1);
  const rows = await world.db.selectFrom('audit_entry').selectAll().execute();
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  expect(text).not.toMatch(/Wanja|Juma|Baraka|Otieno|Njeri|wages|lunch|join_|2547\d{8}|\b07\d{8}\b/);
  const people = new Set((await world.db.selectFrom('identity').select('id').execute()).map(({ id }) => id));
  for (const { actor } of rows) if (actor !== null) expect(people).toContain(actor satisfies IdentityId);
});
