/** One PostgreSQL for the whole run, with a migrated template that every test file's database is copied from. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { TestProject } from 'vitest/node';
import { connectEmbedded, openEmbedded } from '../../src/db/embedded.ts';
import { isAlive } from '../../src/db/embedded-pid.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/ops/log.ts';
import { scratch } from './scratch.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the run's server. */
    databaseServer: string;
  }
}

export const templateDatabase = 'malipo_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dataDir = await mkdtemp(join(scratch, `malipo-test-${process.pid}-`));
  const server = await openEmbedded({ dataDir, log: silentLog, fsync: false });
  const abandon = (): void => stopAtOnce(dataDir);
  process.once('exit', abandon);
  const teardown = async (): Promise<void> => {
    process.off('exit', abandon);
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await createTemplate(server.url);
  } catch (err) {
    await teardown();
    throw err;
  }
  project.provide('databaseServer', server.url);
  return teardown;
}

/** Databases that live for seconds: one plan for all values, since a plan costs more than it saves, and nobody cleans up. */
const settings = { plan_cache_mode: 'force_generic_plan', autovacuum: 'off' } as const;

async function createTemplate(url: string): Promise<void> {
  const root = openDatabase({ connection: url, log: silentLog, max: 1 });
  for (const [name, value] of Object.entries(settings))
    await sql`alter system set ${sql.id(name)} = ${sql.lit(value)}`.execute(root.db);
  await sql`select pg_reload_conf()`.execute(root.db);
  await sql`create database ${sql.id(templateDatabase)}`.execute(root.db);
  await root.close();
  const template = openDatabase({ connection: withDatabase(url, templateDatabase), log: silentLog, max: 1 });
  await migrateToLatest(template.db);
  await template.close();
}

export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** An interrupted run gets no teardown, and `exit` waits for nothing. */
function stopAtOnce(dataDir: string): void {
  const pid = Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGQUIT');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let left = 200; left > 0 && isAlive(pid); left--) Atomics.wait(cell, 0, 0, 10);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** What a run that was killed left behind: its server, and its playgrounds with theirs. Each name holds a process id. */
async function sweep(): Promise<void> {
  for (const name of await readdir(scratch)) {
    const [, kind, pid] = /^malipo-(test|desk)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const directory = join(scratch, name);
    const dataDir = kind === 'desk' ? join(directory, 'playground') : directory;
    if (existsSync(join(dataDir, 'postgres'))) {
      const left = await connectEmbedded({ dataDir, log: silentLog }).catch(() => undefined);
      await left?.close();
    }
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}
