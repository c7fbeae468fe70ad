/**
 * Protects money and words from a power cut: the real program is killed (SIGKILL) at every border of a payment's path and
 * started again. One prompt an attempt, one ledger row, a card that says what is so, and no update lost.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { asProgram, breakConnections, closeGate, noConnections, prepareGates, type RowGate } from './gate.ts';
import { type Program, startProgram } from './program.ts';
import { openScene, type Scene, type Stage, type Step } from './scene.ts';
import { environmentOf, freePort, openShop, type Shop } from './shop.ts';
import { until } from './until.ts';
import { openWireTap, type WireTap } from './wire-tap.ts';

interface Moment {
  readonly name: string;
  /** Brings the payment there; the program is dead when it resolves. */
  readonly die: (scene: Scene) => Promise<void>;
  /** Where the truth is that nobody knows: nothing proves that the request never arrived. */
  readonly ends?: 'unknown';
  /** A message whose sending was not committed may come again. */
  readonly cardTwice?: true;
}

let database: TestDatabase;
let shop: Shop;
let tap: WireTap;
let program: Program;
let start: () => Program;

beforeAll(async () => {
  database = await openTestDatabase({ max: 5 });
  await prepareGates(database.db);
  shop = await openShop({ people: 1, phones: 40 });
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

/** Killed inside the statement that writes the row; what it began is rolled back, or committed unheard. */
const atRow =
  (gate: RowGate, from: Stage, step: Step) =>
  async (scene: Scene): Promise<void> => {
    await scene.reach(from);
    const closed = await closeGate(database.db, gate);
    scene.do(step);
    await closed.reached();
    await program.kill();
    await closed.open();
  };

/** Killed at the instant at which somebody outside sees what the program did. */
async function killedWhen(seen: (kill: () => void) => () => void, act: () => void): Promise<void> {
  const killed = Promise.withResolvers<void>();
  const stop = seen(() => program.kill().then(killed.resolve, killed.reject));
  act();
  await killed.promise;
  stop();
}

const moments: readonly Moment[] = [
  {
    name: 'Telegram hands the update over',
    die: async (scene) => {
      await scene.reach('nothing');
      await killedWhen(
        (kill) => onCall('getUpdates', hasUpdates, kill),
        () => scene.do('ask'),
      );
    },
  },
  {
    name: 'the update is being stored',
    die: atRow({ table: 'inbox', on: 'insert', when: "new.source = 'telegram'" }, 'nothing', 'ask'),
  },
  {
    name: 'in the turn of the line',
    die: atRow({ table: 'payment', on: 'insert', when: 'true' }, 'nothing', 'ask'),
  },
  {
    name: 'the turn of the line is written, not committed',
    die: atRow({ table: 'inbox', on: 'update', when: "new.source = 'telegram'" }, 'nothing', 'ask'),
  },
  {
    name: 'Telegram has the card, we have not heard',
    die: atRow({ table: 'outbox', on: 'update', when: "new.state = 'sent'" }, 'nothing', 'ask'),
    cardTwice: true,
  },
  {
    name: 'in the turn of the press',
    die: atRow({ table: 'attempt', on: 'insert', when: 'true' }, 'confirm', 'press'),
  },
  {
    name: 'the intent is being claimed',
    die: atRow({ table: 'attempt', on: 'update', when: "new.state = 'sending'" }, 'confirm', 'press'),
  },
  {
    name: 'between the intent and the gateway',
    die: async (scene) => {
      await scene.reach('confirm');
      await killedWhen(
        (kill) => {
          tap.loseNext(kill);
          return () => undefined;
        },
        () => scene.do('press'),
      );
    },
    ends: 'unknown',
  },
  {
    name: 'the gateway is slow with its answer',
    die: async (scene) => {
      await scene.reach('confirm');
      shop.bluepay.control.arm('slow', 30_000);
      const before = shop.bluepay.control.stks().length;
      await killedWhen(
        (kill) =>
          shop.bluepay.control.onChange(() => {
            if (shop.bluepay.control.stks().length > before) kill();
          }),
        () => scene.do('press'),
      );
    },
  },
  {
    name: 'the gateway has accepted, we have not written it',
    die: atRow({ table: 'attempt', on: 'update', when: "new.state = 'prompted'" }, 'confirm', 'press'),
  },
  {
    name: 'the prompt is on the phone',
    die: async (scene) => {
      await scene.reach('prompt');
      await program.kill();
    },
  },
  {
    name: 'the customer pays while nobody listens',
    die: async (scene) => {
      await scene.reach('prompt');
      await program.kill();
      scene.do('pay');
      await shop.bluepay.control.idle();
    },
  },
  {
    name: 'the callback is being stored',
    die: atRow({ table: 'inbox', on: 'insert', when: "new.source = 'gateway'" }, 'prompt', 'pay'),
  },
  {
    name: 'the callback was answered 200, its money is not in the ledger',
    die: async (scene) => {
      await atRow({ table: 'ledger', on: 'insert', when: 'true' }, 'prompt', 'pay')(scene);
      expect(shop.bluepay.control.webhooks().at(-1)?.status).toBe(200);
    },
  },
  {
    name: 'the settlement is written, not committed',
    die: atRow({ table: 'inbox', on: 'update', when: "new.source = 'gateway'" }, 'prompt', 'pay'),
  },
  {
    name: 'settled, the receipt is not handed over',
    die: atRow({ table: 'outbox', on: 'update', when: 'new.lease_token is not null' }, 'prompt', 'pay'),
  },
  {
    name: 'Telegram has the receipt, we have not heard',
    die: async (scene) => {
      await scene.reach('prompt');
      await killedWhen(
        (kill) => onCall('editMessageText', () => true, kill),
        () => scene.do('pay'),
      );
    },
  },
];

/** Repeatable: every moment, in an order that a seed chose, and whether the server notices the death at once. */
const seed = 'malipo';
const dice = createTestRandom(seed);
const plan = moments
  .map((moment) => ({ moment, at: dice.bytes(4).readUInt32BE(), breaks: (dice.bytes(1)[0] ?? 0) % 2 === 0 }))
  .toSorted((a, b) => a.at - b.at)
  .map(({ moment, breaks }, index) => ({ name: moment.name, moment, breaks, index }));

test.each(plan)('killed when: $name', async ({ moment, breaks, index }) => {
  const scene = openScene({
    shop,
    db: database.db,
    person: shop.people[0] ?? 0,
    msisdn: shop.phones[index] ?? '',
    amountKes: 101 + index,
    note: `kill-${index}`,
  });
  await moment.die(scene);
  await startAgain(breaks);
  expect(await scene.finish()).toBe(moment.ends ?? 'paid');
  await expectOnce(scene, moment);
});

test('a conversation goes on where the program died', async () => {
  const [person = 0] = shop.people;
  const msisdn = shop.phones.at(-1) ?? '';
  const { control } = shop.telegram;
  const asked = (text: string) => control.lastMessage(person, { fromBot: true })?.text.includes(text);
  const question = (text: string) => until(`the question: ${text}`, () => asked(text), programLog);
  control.sendText(person, '/request');
  await question('How much?');
  control.sendText(person, '777');
  await question('Which phone pays?');
  await program.kill();
  await startAgain(true);
  control.sendText(person, `0${msisdn.slice(3)}`);
  await question('What is it for?');
  const closed = await closeGate(database.db, { table: 'payment', on: 'insert', when: 'true' });
  control.sendText(person, 'talked');
  await closed.reached();
  await program.kill();
  await closed.open();
  await startAgain(false);
  await until('the confirm card', () => shop.cards(person, 'talked')[0]);
  expect(shop.cards(person, 'talked')).toHaveLength(1);
  const { rows } = await sql`select 1 from payment where note = 'talked'`.execute(database.db);
  expect(rows).toHaveLength(1);
});

test('nothing is left over, given up or moved twice', async () => {
  // A message is on the screen a moment before the program has written down that it is.
  await until('nothing waits', async () => (await leftOver()).length === 0);
  await until('every update is confirmed', () => shop.telegram.control.pendingUpdates() === 0);
  const paid = plan.filter(({ moment }) => moment.ends === undefined).length;
  expect(shop.mpesa.moved()).toHaveLength(paid);
});

/** Time passes for what the dead program held, as it would while somebody carries the machine back to power. */
async function startAgain(breaks: boolean): Promise<void> {
  if (breaks) await breakConnections(database.db);
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

function onCall(method: string, fits: (result: unknown) => boolean, act: () => void): () => void {
  const { control } = shop.telegram;
  return control.onChange((change) => {
    if (change.kind !== 'call' || change.method !== method) return;
    const answer = control.calls(method).at(-1)?.answer;
    if (answer?.ok && fits(answer.result)) act();
  });
}

function hasUpdates(result: unknown): boolean {
  return Array.isArray(result) && result.length > 0;
}

async function leftOver(): Promise<readonly unknown[]> {
  const { rows } = await sql`
    select 1 from inbox where state <> 'done'
    union all select 1 from outbox where state in ('pending', 'dead')`.execute(database.db);
  return rows;
}
