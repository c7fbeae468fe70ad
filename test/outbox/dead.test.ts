/** Protects what was given up: an operator sees it and can have it tried again. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createInboxWorker } from '../../src/inbox/claim.ts';
import { createInbox } from '../../src/inbox/store.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createDeadLetters } from '../../src/outbox/dead.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createScene } from './scene.ts';

let database: TestDatabase;
let scene: ReturnType<typeof createScene>;
let failing = true;

beforeAll(async () => {
  database = await openTestDatabase();
  scene = createScene(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await scene.clear();
  failing = true;
});

const letters = () => createDeadLetters({ db: database.db, clock: scene.clock });

function worker() {
  return createInboxWorker({
    db: database.db,
    vault: database.vault,
    clock: scene.clock,
    source: 'gateway',
    log: silentLog,
    maxTries: 1,
    handle: async () => {
      if (failing) throw new Error('cannot read it');
    },
    buried: async () => undefined,
  });
}

async function die(): Promise<void> {
  const inbox = createInbox({ db: database.db, vault: database.vault, clock: scene.clock });
  await inbox.store({
    source: 'gateway',
    key: 'cb',
    lane: null,
    accountId: null,
    attemptId: null,
    body: '{}',
  });
  await worker().runOnce();
  await scene.say('a');
  await scene.say('b');
  scene.answer((_message, call) =>
    call === 1 ? { kind: 'dead', detail: '400 bad markup' } : { kind: 'sent', externalId: '1' },
  );
  await scene.drain();
}

test('dead rows of both queues are listed with their reason', async () => {
  await die();
  expect(await letters().list()).toMatchObject([
    { queue: 'inbox', channel: 'gateway', key: 'cb', lane: null, tries: 1, error: 'cannot read it' },
    { queue: 'outbox', channel: 'telegram', key: 'a', lane: 'telegram:1', error: 'dead: 400 bad markup' },
  ]);
});

test('requeued rows are tried again, with all their tries', async () => {
  await die();
  expect(await letters().requeue()).toEqual({ inbox: 1, outbox: 1 });
  expect(await letters().list()).toEqual([]);
  failing = false;
  expect(await worker().runOnce()).toBe(true);
  await scene.drain();
  expect(scene.texts()).toEqual(['a', 'b', 'a']);
  expect(await letters().list()).toEqual([]);
  expect(await scene.row('a')).toMatchObject({ state: 'sent', tries: 1 });
});

test('nothing dead, nothing requeued', async () => {
  await scene.say('a');
  expect(await letters().requeue()).toEqual({ inbox: 0, outbox: 0 });
});
