/** Environment, signals, exit. Without a chat credential and a database it is the playground that starts. */
import path from 'node:path';
import { readTemplates, templatesFile } from './channels/whatsapp/templates.ts';
import { type Config, readConfig } from './config.ts';
import { openEmbedded } from './db/embedded.ts';
import { DatabaseFault } from './db/fault.ts';
import { readOrCreateMasterKey } from './db/master-key.ts';
import { migrateToLatest, proveKey } from './db/migrate.ts';
import { isDatabaseDown, openDatabase } from './db/open.ts';
import { createVault } from './db/vault.ts';
import { systemClock } from './domain/clock.ts';
import { systemRandom } from './domain/random.ts';
import { loadEnvFile } from './env-file.ts';
import { faultText } from './ops/fault-text.ts';
import { createLog } from './ops/log.ts';
import { releaseClaims } from './ops/queues.ts';

/** A promise to whoever sends SIGTERM: a gateway call that takes longer is left to its lease. */
const stopWithinMs = 8000;
const poolSize = 20;
const sameSignalMs = 1000;

async function main(): Promise<void> {
  loadEnvFile();
  const reading = readConfig(process.env);
  if (reading.kind === 'faults') return fault(reading.lines);
  if (reading.config.mode === 'playground') {
    const { startPlayground } = await import('./sandbox/main.ts');
    return startPlayground(reading.config);
  }
  await run(reading.config).catch((err: unknown) => {
    if (err instanceof DatabaseFault) return fault([err.message]);
    if (isDatabaseDown(err)) return fault([`DATABASE_URL: no database answers there (${faultText(err)})`]);
    throw err;
  });
}

function fault(lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 1;
}

async function run(config: Config): Promise<void> {
  const templates = await readTemplates(path.join(config.dataDir, templatesFile));
  if (templates.kind === 'faults')
    return fault(templates.lines.map((line) => `DATA_DIR/${templatesFile}: ${line}`));
  const log = createLog(config.logLevel);
  const masterKey = await readMasterKeyOf(config);
  if (masterKey === null) return;
  // Loaded while the database starts; the playground never needs it.
  const loading = import('./app.ts');
  const embedded = config.databaseUrl === null ? await openEmbedded({ dataDir: config.dataDir, log }) : null;
  const database = openDatabase({
    connection: config.databaseUrl ?? embedded?.url ?? '',
    log,
    max: poolSize,
  });
  const vault = createVault([masterKey], systemRandom);
  const close = async (): Promise<void> => {
    await database.close();
    await embedded?.stop();
  };
  try {
    await migrateToLatest(database.db);
    await proveKey(database.db, vault);
    if (embedded !== null) await releaseClaims(database.db, systemClock);
    const { createApp } = await loading;
    const app = createApp({
      config,
      templates: templates.templates,
      db: database.db,
      vault,
      clock: systemClock,
      random: systemRandom,
      fetch,
      log,
    });
    const stop = stopOnce(async () => {
      await app.stop();
      await close();
    });
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    await app.start();
  } catch (err) {
    await close();
    if (isPortTaken(err))
      return fault([`PORT: ${config.host}:${config.port} is taken; choose another, such as PORT=3001`]);
    throw err;
  }
}

async function readMasterKeyOf(config: Config): Promise<Buffer | null> {
  if (config.masterKey !== null) return config.masterKey;
  const reading = await readOrCreateMasterKey(config.dataDir, systemRandom);
  if (reading.kind === 'key') return reading.key;
  fault([reading.line]);
  return null;
}

function isPortTaken(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'EADDRINUSE';
}

/** The second signal, or the end of patience, leaves what is held to its leases; that is safe at any instruction. */
function stopOnce(stop: () => Promise<void>): () => void {
  let askedAt: number | null = null;
  return () => {
    // npm hands a signal on that the terminal has given us already: one Ctrl-C comes twice.
    if (askedAt !== null && Date.now() - askedAt > sameSignalMs) process.exit(1);
    if (askedAt !== null) return;
    askedAt = Date.now();
    setTimeout(() => process.exit(0), stopWithinMs).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
}

await main();
