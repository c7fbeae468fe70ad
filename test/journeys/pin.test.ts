/** Protects the PIN: what looks like one is answered, deleted, and kept in no table, message or log of ours. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyIdentity } from '../../src/inbox/store.ts';
import { payloadIdentity } from '../../src/outbox/enqueue.ts';
import { linkedPatron, newPatron } from './patron.ts';
import { ask } from './sale.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const answer = 'If that was your PIN, delete it. We do not keep it.';

/** Every row of every table as text, sealed texts opened. */
async function everything(): Promise<string> {
  const { db, vault } = world.database;
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = current_schema()`.execute(
    db,
  );
  const rows = await Promise.all(
    tables.rows.map(({ name }) =>
      sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(db),
    ),
  );
  const inbox = await db.selectFrom('inbox').select(['source', 'key', 'body_sealed']).execute();
  const outbox = await db.selectFrom('outbox').select(['key', 'payload_sealed']).execute();
  const talks = await db.selectFrom('conversation').select(['key', 'state_sealed']).execute();
  return [
    ...rows.flatMap((each) => each.rows.map(({ row }) => row.replace(/"?\\+x[0-9a-f]+"?/g, ''))),
    ...inbox.map((row) => vault.open(row.body_sealed, bodyIdentity(row))),
    ...outbox.map((row) => vault.open(row.payload_sealed, payloadIdentity(row.key))),
    ...talks.map((row) => vault.open(row.state_sealed, `conversation:${row.key}`)),
    ...world.log,
  ].join('\n');
}

const holds = async (digits: string): Promise<boolean> =>
  new RegExp(`(?<![0-9a-f-])${[...digits].join('[ .-]?')}(?![0-9a-f-])`).test(await everything());

async function types(person: number, text: string): Promise<{ answer: string; id: number }> {
  const id = world.say(text, person);
  return { id, answer: (await world.answer(id, person)).text };
}

const isGone = (person: number, id: number): boolean =>
  world.chat.messages(person).every((message) => message.id !== id);

test('what is kept is searched: ordinary words are found, in every place', async () => {
  const one = newPatron(world);
  await types(one.id, 'habari 20481');
  await world.quiet();
  expect(await holds('20481')).toBe(true);
});

describe('a customer’s four digits when nothing was asked', () => {
  test.each([
    '4826',
    ' 4826.',
    '4 8 2 6',
    '4-8-2-6',
    'pin 4826',
    'PIN yangu ni 4826',
    'My PIN is 4826, phone 0712345678',
    'nywila yangu 4826',
    'pini 4826',
    'ni 4826',
    '٤٨٢٦',
    '/4826',
  ])('%s is answered, deleted and not kept', async (text) => {
    const one = newPatron(world);
    const typed = await types(one.id, text);
    expect(typed.answer).toBe(answer);
    await world.quiet();
    // A business deletes nothing on WhatsApp: there the answer asks the person to.
    expect(isGone(one.id, typed.id)).toBe(world.channel === 'telegram');
    expect(await holds('4826')).toBe(false);
    expect(await everything()).not.toContain('٤٨٢٦');
  });

  test('also under a photo', async () => {
    const one = newPatron(world);
    const id = world.chat.sendPhoto(one.id, Buffer.from('x'), '4826');
    expect((await world.answer(id, one.id)).text).toBe(answer);
    await world.quiet();
    expect(await holds('4826')).toBe(false);
  });
});

test('an answer to it does not bring it back, and a group keeps it neither', async () => {
  const one = newPatron(world);
  await world.stop();
  const typed = world.say('4827', one.id);
  world.chat.sendText(one.id, 'habari', { replyTo: typed });
  if (world.channel === 'telegram') {
    world.chat.addGroup({ id: -70, title: 'Chama', members: [one.id] });
    world.chat.sendText(one.id, '@malipo_bot pin 4827', { chatId: -70 });
  }
  await world.restart();
  await world.card(answer, one.id);
  await world.card('You are in no business here yet.', one.id);
  await world.quiet();
  expect(await holds('4827')).toBe(false);
});

test('in the middle of a conversation it reaches no replay log, and the question still stands', async () => {
  const one = newPatron(world);
  await types(one.id, '/start');
  await world.press('A business', one.id);
  await world.card('What is your business called?', one.id);
  expect((await types(one.id, '5937')).answer).toBe(answer);
  await world.quiet();
  expect(await holds('5937')).toBe(false);
  expect((await types(one.id, 'Duka 59')).answer).toContain('Duka 59 is saved.');
});

test('while the prompt stands on the phone, in Swahili', async () => {
  const one = await linkedPatron(world, 'sw');
  await ask(world, 310, one.msisdn);
  await world.card('weka PIN kwenye ombi la simu yako, kamwe si hapa', one.id);
  expect((await types(one.id, '6148')).answer).toBe('Kama hiyo ni PIN yako, ifute. Hatuihifadhi.');
  await world.quiet();
  expect(await holds('6148')).toBe(false);
});

describe('a member’s four digits', () => {
  test('are an amount', async () => {
    const id = world.say('1500');
    expect((await world.answer(id)).text).toContain('Which phone pays?');
    world.say('/cancel');
    await world.card('Stopped; nothing was sent.');
    await world.quiet();
    expect(isGone(1001, id)).toBe(false);
  });

  test('except where they say that they are a PIN, or M-Pesa asks their own phone for it', async () => {
    const one = await linkedPatron(world);
    await world.join(one.id, 'cashier');
    expect((await types(one.id, 'pin yangu 8263')).answer).toBe(answer);
    await ask(world, 320, one.msisdn);
    await world.card('KES 320 to Mama Njeri: type the PIN', one.id);
    expect((await types(one.id, '8264')).answer).toBe(answer);
    // A question that stands open keeps what is said to it; one for a sum takes a sum.
    world.say('500', one.id);
    await world.card('Which phone pays?', one.id);
    expect((await types(one.id, '8265')).answer).toBe(answer);
    world.say('/cancel', one.id);
    await world.card('Stopped; nothing was sent.', one.id);
    await types(one.id, '/request');
    expect((await types(one.id, '1500')).answer).toContain('Which phone pays?');
    await world.quiet();
    for (const digits of ['8263', '8264', '8265']) expect(await holds(digits)).toBe(false);
  });
});

test('a turn that fails for good keeps it neither', async () => {
  const one = newPatron(world);
  await types(one.id, '/help');
  await sql`create function stuck() returns trigger language plpgsql as $$
    begin raise exception 'no room'; end $$`.execute(world.db);
  await sql`create trigger stuck before insert on outbox for each row
    when (new.key like '%:forget' or (new.key like 'whatsapp:%' and new.key not like '%:broke'))
    execute function stuck()`.execute(world.db);
  world.say('7259', one.id);
  for (const seconds of [0, 2, 6, 31, 121]) await world.advance(seconds);
  await world.card('Something broke on our side.', one.id);
  const dead = await world.db.selectFrom('inbox').select('id').where('state', '=', 'dead').execute();
  expect(dead).toHaveLength(1);
  expect(await holds('7259')).toBe(false);
});
