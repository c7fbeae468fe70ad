/**
 * Protects money and words from a power cut: the real program is killed (SIGKILL) at every border of a payment's path and
 * started again. One prompt an attempt, one ledger row, a card that says what is so, and no update lost. A death takes several
 * payments at once, each at a border of its own.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { die, type Part } from './death.ts';
import { asProgram, noConnections, prepareGates } from './gate.ts';
import { deaths, type Moment, partOf } from './moments.ts';
import { type Program, startProgram } from './program.ts';
import { openScene, type Scene } from './scene.ts';
import { environmentOf, freePort, openShop, type Shop } from './shop.ts';
import { until } from './until.ts';
import { openWireTap, type WireTap } from './wire-tap.ts';

// Several payments come to their borders in it, each as soon as the machine lets it.
const deathMs = 150_000;

let database: TestDatabase;
let shop: Shop;
let tap: WireTap;
let program: Program;
let start: () => Program;

beforeAll(async () => {
  database = await openTestDatabase({ max: 8 });
  await prepareGates(database.db);
  shop = await openShop({ people: moments.length + 1, phones: moments.length + 1 });
  tap = await openWireTap(shop.bluepay.url);
  const port = await freePort();
  await shop.seed(database, `http://127.0.0.1:${port}`, tap.url);
  const environment = environmentOf({
    connection: asProgram(database.connection),
    masterKey: database.masterKey,
    telegramUrl: shop.telegram.url,
    port,
  });
  start = () => startProgram(environment);
  program = start();
  await program.listening();
});
afterAll(async () => {
  await program?.kill();
  await tap?.close();
  await shop?.close();
  await database?.close();
});

const moments = deaths.flat();

/** Each has a person, a phone, an amount and a note of its own. */
function sceneOf(moment: Moment): Scene {
  const index = moments.indexOf(moment);
  return openScene({
    shop,
    db: database.db,
    person: shop.people[index] ?? 0,
    msisdn: shop.phones[index] ?? '',
    amountKes: 101 + index,
    note: `kill-${index}`,
  });
}

describe.each(deaths.map((together, index) => ({ together, index })))('in death $index', (death) => {
  const { together, index } = death;
  const scenes = new Map<string, Scene>();
  beforeAll(async () => {
    for (const moment of together) scenes.set(moment.name, sceneOf(moment));
    const parts = together.map((moment) => partOf(moment, sceneIn(moment), tap));
    await die(database.db, program, { parts: [talk[index] ?? {}, ...parts], heardAtOnce: index % 2 === 1 });
    await startAgain();
  }, deathMs);

  const sceneIn = (moment: Moment): Scene => {
    const scene = scenes.get(moment.name);
    if (scene === undefined) throw new Error(`no scene: ${moment.name}`);
    return scene;
  };

  test.each(together.map((moment) => ({ name: moment.name, moment })))(
    'killed when: $name',
    async ({ moment }) => {
      const scene = sceneIn(moment);
      expect(await scene.finish()).toBe(moment.ends ?? 'paid');
      await expectOnce(scene, moment);
    },
    deathMs,
  );
});

/** A conversation over two deaths: in the first it waits for an answer, in the second it is in the turn of the last one. */
const say = (text: string): void => void shop.telegram.control.sendText(talker(), text);
const talker = (): number => shop.people.at(-1) ?? 0;
const question = (text: string) =>
  until(
    `the question: ${text}`,
    () => shop.telegram.control.lastMessage(talker(), { fromBot: true })?.text.includes(text),
    programLog,
  );
const talk: readonly Part[] = [
  {
    prepare: async () => {
      say('/request');
      await question('How much?');
      say('777');
      await question('Which phone pays?');
    },
  },
  {
    prepare: async () => {
      say(`0${shop.phones.at(-1)?.slice(3)}`);
      await question('What is it for?');
    },
    gate: () => ({ table: 'payment', on: 'insert', when: "new.note = 'talked'" }),
    act: () => say('talked'),
  },
];

test('a conversation goes on where the program died', async () => {
  await until('the confirm card', () => shop.cards(talker(), 'talked')[0]);
  expect(shop.cards(talker(), 'talked')).toHaveLength(1);
  const { rows } = await sql`select 1 from payment where note = 'talked'`.execute(database.db);
  expect(rows).toHaveLength(1);
});

test('nothing is left over, given up or moved twice', async () => {
  // A message is on the screen a moment before the program has written down that it is.
  await until('nothing waits', async () => (await leftOver()).length === 0);
  await until('every update is confirmed', () => shop.telegram.control.pendingUpdates() === 0);
  const paid = moments.filter(({ ends }) => ends === undefined).length;
  expect(shop.mpesa.moved()).toHaveLength(paid);
});

/** Time passes for what the dead program held, as it would while somebody carries the machine back to power. */
async function startAgain(): Promise<void> {
  await noConnections(database.db);
  for (const table of ['outbox', 'attempt'])
    await sql`
      update ${sql.table(table)} set lease_until = now() - interval '1 second' where lease_until is not null`.execute(
      database.db,
    );
  program = start();
  await program.listening();
}

async function expectOnce(scene: Scene, moment: Moment): Promise<void> {
  const attempts = await database.db
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .leftJoin('ledger', 'ledger.attempt_id', 'attempt.id')
    .select(['attempt.id', 'attempt.reference', 'payment.state', 'payment.flag', 'ledger.amount_cents'])
    .where('payment.note', '=', scene.note)
    .execute();
  const paid = moment.ends === undefined;
  const cents = paid ? BigInt(scene.amountKes) * 100n : null;
  expect(attempts).toMatchObject([{ state: moment.ends ?? 'paid', flag: null, amount_cents: cents }]);
  const reference = attempts[0]?.reference;
  const prompts = shop.bluepay.control.stks().filter((stk) => stk.reference === reference);
  expect(prompts).toHaveLength(paid ? 1 : 0);
  const moved = shop.mpesa.moved().filter((movement) => movement.msisdn === scene.msisdn);
  expect(moved.map(({ amountCents }) => amountCents)).toEqual(paid ? [cents] : []);
  const cards = scene.cards();
  expect(cards.length).toBeLessThanOrEqual(moment.cardTwice ? 2 : 1);
  if (paid) expect(cards[0]?.text).toContain(moved[0]?.receipt);
}

/** What went wrong, in the program's own words. */
function programLog(): string {
  return program
    .log()
    .filter((line) => !line.includes('"level":30'))
    .join('\n');
}

async function leftOver(): Promise<readonly unknown[]> {
  const { rows } = await sql`
    select 1 from inbox where state <> 'done'
    union all select 1 from outbox where state in ('pending', 'dead')`.execute(database.db);
  return rows;
}
