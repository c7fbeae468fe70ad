import { migrateToLatest, proveKey } from '../../db/migrate.ts';
import { createDeadLetters, type DeadLetter } from '../../outbox/dead.ts';
import { type Command, flag, requiredFlag } from '../command.ts';
import { withDatabase, withSession } from '../session.ts';

export const migrate: Command = {
  words: 'migrate',
  summary: 'brings the database up to this version',
  options: [],
  operands: [],
  run: (_call, around) =>
    withDatabase(around, async ({ db, vault }) => {
      const applied = await migrateToLatest(db);
      await proveKey(db, vault);
      const text = applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`;
      return { kind: 'answer', json: { applied }, text };
    }),
};

export const requeue: Command = {
  words: 'requeue',
  summary: 'lets messages that were given up be tried again; --list only shows them',
  options: [requiredFlag('dead'), flag('list')],
  operands: [],
  async run(call, around) {
    return withSession(around, async ({ db }) => {
      const dead = createDeadLetters({ db, clock: around.clock });
      if (call.flag('list')) return deadAnswer(await dead.list());
      const { inbox, outbox } = await dead.requeue();
      return {
        kind: 'answer',
        json: { inbox, outbox },
        text: `Waiting again: ${inbox} received, ${outbox} to send.`,
      };
    });
  },
};

/** Without key and lane: in some chats these hold a phone. */
function deadAnswer(letters: readonly DeadLetter[]) {
  const dead = letters.map(({ queue, id, channel, tries, error, at }) => ({
    queue,
    id: String(id),
    channel,
    at: at.toISOString(),
    tries,
    error,
  }));
  const lines = dead.map(
    (one) => `${one.queue} ${one.id}  ${one.channel}  ${one.at}  tries ${one.tries}  ${one.error ?? ''}`,
  );
  const text = lines.length === 0 ? 'Nothing was given up.' : lines.join('\n');
  return { kind: 'answer', json: { dead }, text } as const;
}
