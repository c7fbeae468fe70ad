import { isDatabaseDown } from '../../db/open.ts';
import { createDeadLetters } from '../../outbox/dead.ts';
import type { Answer, Command, Surroundings } from '../command.ts';
import { checkAccounts } from '../doctor/accounts.ts';
import { checkClock } from '../doctor/clock.ts';
import { checkDatabase, checkKey, checkMigrations } from '../doctor/database.ts';
import { type Finding, ok, wrong } from '../doctor/finding.ts';
import { checkDisk, checkPublicUrl } from '../doctor/server.ts';
import { checkSms } from '../doctor/sms.ts';
import { askTelegram } from '../doctor/telegram.ts';
import { checkWhatsapp } from '../doctor/whatsapp.ts';
import { type Session, withDatabase } from '../session.ts';

export const doctor: Command = {
  words: 'doctor',
  summary: 'looks at everything that the program needs: one line each, what is wrong and what to do',
  options: [],
  operands: [],
  async run(_call, around) {
    const opened = await withDatabase(around, async (session) => report(await examine(session, around)));
    // Without a database nothing else can be asked.
    if (opened.kind !== 'failed') return opened;
    return report(opened.lines.map((line) => wrong('start', line, 'correct this first')));
  },
};

async function examine(session: Session, around: Surroundings): Promise<Finding[]> {
  const { db, vault, config } = session;
  const server = await checkDatabase(session);
  if (server.state === 'wrong') return [server];
  const migrations = await checkMigrations(db);
  const schema = migrations.state === 'ok';
  const telegram = await askTelegram(config, around);
  return [
    server,
    migrations,
    ...(schema ? [await checkKey(db, vault), await checkQueues(session, around)] : []),
    ...telegram.findings,
    ...(schema ? await checkWhatsapp(session, around) : []),
    await checkSms(session),
    ...(schema ? await checkAccounts(session) : []),
    await checkClock(db, around.clock, telegram.date),
    checkPublicUrl(config),
    await checkDisk(session.dataDir),
  ];
}

async function checkQueues({ db }: Session, around: Surroundings): Promise<Finding> {
  try {
    const dead = await createDeadLetters({ db, clock: around.clock }).list();
    if (dead.length === 0) return ok('queues', 'nothing was given up');
    const count = `${dead.length} messages were given up`;
    return wrong('queues', count, 'read them with requeue --dead --list, then run requeue --dead');
  } catch (cause) {
    if (!isDatabaseDown(cause)) throw cause;
    return wrong('queues', 'the database went away', 'run doctor again');
  }
}

function report(findings: readonly Finding[]): Answer {
  const healthy = findings.every(({ state }) => state !== 'wrong');
  const text = findings.map(
    ({ state, name, detail, todo }) =>
      `${state.padEnd(5)}  ${name}: ${detail}${todo === null ? '' : `; ${todo}`}`,
  );
  const answer = { kind: 'answer', json: { healthy, checks: findings }, text: text.join('\n') } as const;
  return healthy ? answer : { ...answer, complaint: 'Something is wrong.' };
}
