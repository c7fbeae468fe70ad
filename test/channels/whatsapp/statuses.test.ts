/** Protects what is known of a message after WhatsApp took it: in any order, once, and never against what arrived. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toInboxItems } from '../../../src/channels/whatsapp/receive.ts';
import { withStatuses } from '../../../src/channels/whatsapp/statuses.ts';
import { type Clock, plusSeconds } from '../../../src/domain/clock.ts';
import { createInboxWorker } from '../../../src/inbox/claim.ts';
import { createInbox } from '../../../src/inbox/store.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { enqueue } from '../../../src/outbox/enqueue.ts';
import { findOrAddIdentity, laneOfPerson } from '../../../src/payments/identities.ts';
import { createTestClock, createTestRandom } from '../../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { envelope, message, phoneNumberId, profile, status, waId } from './meta.ts';

let database: TestDatabase;
const clock = createTestClock();
const turned: string[] = [];
const ended: string[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate inbox, outbox, identity cascade`.execute(database.db);
  turned.length = 0;
  ended.length = 0;
});

const who = { channel: 'whatsapp', externalId: waId } as const;
const lane = () => laneOfPerson(database.vault, who);
const at = (seconds: number) => ({ timestamp: String(Math.floor(clock.now().getTime() / 1000) + seconds) });
const inSeconds = (seconds: number) => new Date(Math.floor(clock.now().getTime() / 1000 + seconds) * 1000);
const failure = (code: number, seconds = 0) =>
  status('wamid.1', 'failed', { ...at(seconds), errors: [{ code, title: 'x' }] });

function worker(over: { maxTries?: number } = {}) {
  const { db, vault } = database;
  const handler = withStatuses(
    {
      clock,
      log: silentLog,
      aftermath: {
        concerns: (key) => key.startsWith('receipt:'),
        settle: async (tx, key, outcome) => {
          const row = await tx.selectFrom('outbox').select('state').where('key', '=', key).executeTakeFirst();
          ended.push(`${key} ${outcome.kind} ${'detail' in outcome ? outcome.detail : ''} ${row?.state}`);
        },
      },
    },
    {
      handle: async (_tx, row) => void turned.push(row.key),
      buried: async (_tx, row) => void turned.push(`buried ${row.key}`),
    },
  );
  const options = { db, vault, clock, source: 'whatsapp', log: silentLog, maxTries: 5, ...over } as const;
  return createInboxWorker({ ...options, ...handler });
}

async function told(...statuses: Readonly<Record<string, unknown>>[]): Promise<void> {
  const laneOf = (externalId: string) => laneOfPerson(database.vault, { ...who, externalId });
  const items = toInboxItems({ phoneNumberId, laneOf, log: silentLog }, envelope({ statuses })) ?? [];
  await createInbox({ db: database.db, vault: database.vault, clock }).storeMany(items);
}

async function drain(run = worker()): Promise<void> {
  while (await run.runOnce());
}

async function sent(key: string, wamid: string | null = 'wamid.1') {
  return await database.db.transaction().execute(async (tx) => {
    const id = await enqueue(
      tx,
      { vault: database.vault, clock },
      { key, channel: 'whatsapp', lane: lane(), method: 'sendMessage', payload: { text: 'x' } },
    );
    if (wamid !== null) await took(wamid, id, tx);
    return id;
  });
}

async function took(
  wamid: string,
  id: bigint,
  tx: Pick<TestDatabase['db'], 'updateTable'> = database.db,
  sentAt: Clock = clock,
): Promise<void> {
  const change = { state: 'sent', external_id: wamid, sent_at: sentAt.now() } as const;
  await tx.updateTable('outbox').set(change).where('id', '=', id).execute();
}

const row = () =>
  database.db
    .selectFrom('outbox')
    .select(['state', 'delivered_at', 'read_at', 'failed_at', 'error', 'external_id', 'due_at'])
    .executeTakeFirstOrThrow();

const never = { delivered_at: null, read_at: null, failed_at: null };

test('delivered and read are kept, with their own times', async () => {
  await sent('card');
  await told(status('wamid.1', 'delivered', at(3)), status('wamid.1', 'read', at(60)));
  await drain();
  const times = { delivered_at: inSeconds(3), read_at: inSeconds(60) };
  expect(await row()).toMatchObject({ ...never, ...times, state: 'sent' });
});

test('read before delivered is both, and the later word on it changes nothing', async () => {
  await sent('card');
  await told(status('wamid.1', 'read', at(60)));
  await drain();
  const times = { delivered_at: inSeconds(60), read_at: inSeconds(60) };
  expect(await row()).toMatchObject(times);
  await told(status('wamid.1', 'delivered', at(90)));
  await drain();
  expect(await row()).toMatchObject(times);
});

test('a status that is told twice is one', async () => {
  await sent('receipt:1');
  await told(failure(131026));
  await told(failure(131026));
  await drain();
  expect(ended).toHaveLength(1);
});

test('a time of no shape is when it came', async () => {
  await sent('card');
  await told(status('wamid.1', 'delivered', { timestamp: 'soon' }));
  await drain();
  expect(await row()).toMatchObject({ delivered_at: clock.now() });
});

describe('a status before its message', () => {
  test('waits until the message is known', async () => {
    const id = await sent('card', null);
    await told(status('wamid.1', 'delivered', at(1)));
    await drain();
    expect((await row()).delivered_at).toBeNull();
    await took('wamid.1', id);
    const came = inSeconds(1);
    clock.advance(1);
    await drain();
    expect((await row()).delivered_at).toEqual(came);
  });

  test('is dropped in the end, and is nobody’s dead row', async () => {
    await told(status('wamid.foreign', 'read'));
    for (let i = 0; i < 6; i++) {
      await drain();
      clock.advance(40);
    }
    const [left] = await database.db.selectFrom('inbox').select(['state', 'tries']).execute();
    expect(left?.state).toBe('done');
    expect(left?.tries).toBeLessThan(5);
    expect(ended).toEqual([]);
  });
});

describe('a failure', () => {
  test('ends the message, and what follows it follows in the same transaction', async () => {
    await sent('receipt:1');
    await told(failure(131026, 5));
    await drain();
    expect(await row()).toMatchObject({
      state: 'dropped',
      error: 'blocked: 131026',
      failed_at: inSeconds(5),
    });
    expect(ended).toEqual(['receipt:1 blocked 131026 dropped']);
  });

  test('of a message that nothing follows is kept on it', async () => {
    await sent('card');
    await told(failure(131049));
    await drain();
    expect(await row()).toMatchObject({ state: 'dropped', error: 'blocked: 131049' });
    expect(ended).toEqual([]);
  });

  test.each(['delivered', 'read'])('is not believed of a message that was %s', async (what) => {
    await sent('receipt:1');
    await told(status('wamid.1', what), failure(131026));
    await drain();
    expect(await row()).toMatchObject({ state: 'sent', failed_at: null, error: null });
    expect(ended).toEqual([]);
  });

  test('gives way to a delivery that is told later', async () => {
    await sent('card');
    await told(failure(131026), status('wamid.1', 'delivered', at(9)));
    await drain();
    expect(await row()).toMatchObject({ ...never, state: 'sent', delivered_at: inSeconds(9), error: null });
  });
});

describe('a failure that passes', () => {
  test.each([131000, 131016, 130429, 131056])(
    '%i: the message is sent once more, a little later',
    async (code) => {
      const id = await sent('receipt:1');
      await told(failure(code, 5));
      await drain();
      expect(await row()).toMatchObject({
        ...{ state: 'pending', external_id: null, failed_at: inSeconds(5), error: `did not arrive: ${code}` },
        due_at: plusSeconds(clock.now(), 30),
      });
      expect(ended).toEqual([]);
      await took('wamid.2', id);
      await told({ ...failure(code), id: 'wamid.2' });
      await drain();
      expect(await row()).toMatchObject({ state: 'dropped', error: `blocked: ${code}` });
      expect(ended).toEqual([`receipt:1 blocked ${code} dropped`]);
    },
  );

  test('ends what stands anew elsewhere, of which only the buttons went', async () => {
    const id = await sent('card');
    await database.db.transaction().execute(async (tx) => {
      const deps = { vault: database.vault, clock };
      const tidy = { channel: 'whatsapp', lane: lane(), method: 'editMessageText', targetId: id } as const;
      await enqueue(tx, deps, { ...tidy, key: 'tidies', payload: { text: 'x' }, tidies: true });
    });
    await told(failure(131016));
    await drain();
    const rows = await database.db.selectFrom('outbox').select(['key', 'state']).orderBy('id').execute();
    expect(rows).toEqual([
      { key: 'card', state: 'dropped' },
      { key: 'tidies', state: 'dropped' },
    ]);
  });

  test('ends what a newer text has replaced', async () => {
    const id = await sent('card');
    await database.db.transaction().execute(async (tx) => {
      const deps = { vault: database.vault, clock };
      const edit = { channel: 'whatsapp', lane: lane(), method: 'editMessageText', targetId: id } as const;
      await enqueue(tx, deps, { ...edit, key: 'newer', payload: { text: 'y' } });
    });
    await told(failure(131016));
    await drain();
    const rows = await database.db.selectFrom('outbox').select(['key', 'state']).orderBy('id').execute();
    expect(rows).toEqual([
      { key: 'card', state: 'dropped' },
      { key: 'newer', state: 'pending' },
    ]);
  });
});

describe('a part that went ahead', () => {
  const inParts = async (): Promise<bigint> => {
    const id = await sent('card', 'wamid.3');
    const earlier_ids = ['wamid.1', 'wamid.2'];
    await database.db.updateTable('outbox').set({ earlier_ids }).where('id', '=', id).execute();
    return id;
  };

  test('and arrived says nothing of the whole', async () => {
    await inParts();
    await told(status('wamid.1', 'delivered', at(1)), status('wamid.3', 'delivered', at(4)));
    await drain();
    expect(await row()).toMatchObject({ ...never, state: 'sent', delivered_at: inSeconds(4) });
  });

  test('and failed stays on the message, though its last part arrives', async () => {
    await inParts();
    await told({ ...failure(131053, 2), id: 'wamid.2' }, status('wamid.3', 'delivered', at(4)));
    await drain();
    expect(await row()).toMatchObject({
      ...{ state: 'sent', failed_at: inSeconds(2), delivered_at: inSeconds(4) },
      error: 'a part did not arrive: 131053',
    });
  });

  test('and failed for a passing reason: the whole is sent once more, and no third time', async () => {
    const id = await inParts();
    await told(status('wamid.3', 'delivered', at(1)), { ...failure(131016, 2), id: 'wamid.1' });
    await drain();
    expect(await row()).toMatchObject({ state: 'pending', external_id: null, failed_at: inSeconds(2) });
    await took('wamid.6', id);
    const earlier_ids = ['wamid.4', 'wamid.5'];
    await database.db.updateTable('outbox').set({ earlier_ids }).where('id', '=', id).execute();
    await told(status('wamid.6', 'delivered', at(40)), { ...failure(131016, 41), id: 'wamid.4' });
    await drain();
    expect(await row()).toMatchObject({ state: 'sent', error: 'a part did not arrive: 131016' });
  });
});

describe('a window that was closed', () => {
  const wrote = () =>
    database.db
      .selectFrom('identity')
      .select('wrote_at')
      .executeTakeFirstOrThrow()
      .then((one) => one.wrote_at);

  async function person(wroteAt: Date): Promise<void> {
    const deps = { vault: database.vault, clock, random: createTestRandom() };
    const id = await database.db.transaction().execute((tx) => findOrAddIdentity(tx, deps, who));
    await database.db.updateTable('identity').set({ wrote_at: wroteAt }).where('id', '=', id).execute();
  }

  test('sends the message again, once, and is remembered of the person', async () => {
    await person(plusSeconds(clock.now(), -23 * 3600));
    const id = await sent('receipt:1');
    await told(failure(131047));
    await drain();
    expect(await row()).toMatchObject({ state: 'pending', external_id: null });
    expect(await wrote()).toBeNull();
    expect(ended).toEqual([]);
    await took('wamid.2', id);
    await told({ ...failure(131047), id: 'wamid.2' });
    await drain();
    expect(await row()).toMatchObject({ state: 'dropped', error: 'blocked: 131047' });
    expect(ended).toEqual(['receipt:1 blocked 131047 dropped']);
  });

  test('is no failure of the message that arrived the second time', async () => {
    await person(plusSeconds(clock.now(), -23 * 3600));
    const id = await sent('card');
    await told(failure(131047));
    await drain();
    await took('wamid.2', id);
    await told(status('wamid.2', 'delivered', at(7)));
    await drain();
    expect(await row()).toMatchObject({ ...never, state: 'sent', delivered_at: inSeconds(7) });
  });

  test('is open for who wrote between the message and its failure, which is told late', async () => {
    await person(plusSeconds(clock.now(), 2));
    await sent('card');
    await told(failure(131047, 5));
    await drain();
    expect((await row()).state).toBe('pending');
    expect(await wrote()).toEqual(plusSeconds(clock.now(), 2));
  });

  test('is open again for who has written since', async () => {
    await person(plusSeconds(clock.now(), 60));
    await sent('card');
    await told(failure(131047));
    await drain();
    expect((await row()).state).toBe('pending');
    expect(await wrote()).toEqual(plusSeconds(clock.now(), 60));
  });
});

test('everything else is for the turns', async () => {
  const laneOf = () => lane();
  const body = envelope({ contacts: [profile()], messages: [message('wamid.5')] });
  const items = toInboxItems({ phoneNumberId, laneOf, log: silentLog }, body) ?? [];
  await createInbox({ db: database.db, vault: database.vault, clock }).storeMany(items);
  await drain();
  expect(turned).toEqual(items.map(({ key }) => key));
});

test('a template that rang and did not arrive is noted; its message still waits for the person', async () => {
  await sent('approval:1');
  await sql`update outbox set state = 'held'`.execute(database.db);
  await told(failure(131026));
  await drain();
  expect(await row()).toMatchObject({ state: 'held', failed_at: inSeconds(0) });
  expect(ended).toEqual([]);
  await told(status('wamid.1', 'delivered', at(3)));
  await drain();
  expect(await row()).toMatchObject({ state: 'held', failed_at: null, delivered_at: inSeconds(3) });
});
