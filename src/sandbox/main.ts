/** The playground's start and end: where it may listen, that it is alone, and what it says. */
import path from 'node:path';
import type { Config } from '../config.ts';
import { systemRandom } from '../domain/random.ts';
import { type Gate, listenAt } from './gate.ts';
import { lockDirectory } from './lock.ts';
import { openPlayground, type Playground } from './playground.ts';
import { inUrl } from './program.ts';
import { createSystemScheduler } from './scheduler.ts';

/** Everything here is open to whoever reaches it, so that nobody but this machine may. */
const loopback: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** One line on stdout once a payment can be made; a fault is a line on stderr and exit status 1. */
export async function startPlayground(config: Config): Promise<void> {
  if (!loopback.includes(config.host))
    return fail(
      `HOST: the playground listens on this machine only, at ${loopback.join(', ')}; the real program needs TELEGRAM_BOT_TOKEN`,
    );
  const listening = await listenAt(config.host, config.port);
  if (listening.kind === 'refused') return fail(portRefused(config, listening.code));
  const { gate } = listening;
  const url = `http://${inUrl(config.host)}:${gate.port}`;
  const dataDir = path.resolve(config.dataDir);
  const lock = await lockDirectory(dataDir, `${url}/`).catch((cause: NodeJS.ErrnoException) =>
    fail(`DATA_DIR: ${dataDir} cannot be used (${cause.code ?? cause.message})`),
  );
  const directory = path.join(dataDir, 'playground');
  if (lock.kind === 'held') return fail(alreadyThere(directory, lock.by));
  const opening = await openPlayground({
    directory,
    host: config.host,
    publicUrl: url,
    logLevel: config.logLevel,
    scheduler: createSystemScheduler(),
    random: systemRandom,
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  if (opening.kind === 'failed') return fail(opening.line);
  const { playground } = opening;
  gate.open(playground);
  const stop = stopOn(playground, gate);
  const readiness = await playground.ready();
  if (readiness.kind === 'ready') process.stdout.write(`Playground: ${url}/\n`);
  else await stop(1, readiness.line);
}

function portRefused({ host, port }: Config, code: string): string {
  const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`;
  const other = port === 65_535 || port < 1024 ? 3001 : port + 1;
  return `PORT: ${host}:${port} ${why}; choose another: PORT=${other} npm start`;
}

function alreadyThere(directory: string, by: string | null): string {
  const where = by === null ? '' : `: ${by}`;
  return `Another playground runs on ${directory}${where}. Use that one, stop it, or give this one its own DATA_DIR.`;
}

function fail(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** npm hands a Ctrl-C on a second time; two signals so close are one. */
const sameSignalMs = 1000;

type Stop = (status: number, line?: string) => Promise<void>;

function stopOn(playground: Playground, gate: Gate): Stop {
  let stopping: { readonly since: number; readonly done: Promise<void> } | null = null;
  const stop: Stop = (status, line) => {
    stopping ??= { since: performance.now(), done: end(playground, gate, status, line) };
    return stopping.done;
  };
  const onSignal = (): void => {
    if (stopping !== null && performance.now() - stopping.since > sameSignalMs) process.exit(1);
    void stop(0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return stop;
}

async function end(playground: Playground, gate: Gate, status: number, line?: string): Promise<void> {
  try {
    await playground.close();
    await gate.close();
    if (line !== undefined) process.stderr.write(`${line}\n`);
    process.exit(status);
  } catch (cause) {
    process.stderr.write(`The playground did not stop cleanly: ${String(cause)}\n`);
    process.exit(1);
  }
}
