/** One desk from its opening to its end: the world, the program in it, and what is remembered of both. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Random } from '../domain/random.ts';
import { type Child, createChild } from './child.ts';
import { createCommands } from './command.ts';
import { type Connections, createConnections } from './connections.ts';
import { createKeeper, type Keeper, readDesk, type Saved } from './desk-file.ts';
import { gatewayTitles } from './gateway-names.ts';
import { createMembers, type Members } from './members.ts';
import { createOperator } from './operator.ts';
import { endOrphan } from './program.ts';
import { databaseIn, exists, makeReady, type Readiness } from './readiness.ts';
import type { Scheduler } from './scheduler.ts';
import { environmentOf, type Place } from './surroundings.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { newestRef } from './view-chat.ts';
import { openWorld, type World } from './world.ts';

export interface DeskDeps {
  /** Absolute; only ever this playground's. */
  readonly directory: string;
  readonly host: string;
  readonly publicUrl: string;
  readonly logLevel: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly changed: () => void;
  /** A line for whoever started the playground. */
  readonly warn: (line: string) => void;
}

export interface Desk {
  readonly world: World;
  readonly connections: Connections;
  readonly members: Members;
  readonly child: Child;
  readonly timeline: Timeline;
  /** Resolves when a payment can be made, or with the reason why none can. */
  readonly ready: Promise<Readiness>;
  close(): Promise<void>;
}

export type DeskOpening =
  | { readonly kind: 'desk'; readonly desk: Desk }
  | { readonly kind: 'failed'; readonly line: string };

export async function openDesk(deps: DeskDeps): Promise<DeskOpening> {
  await mkdir(deps.directory, { recursive: true, mode: 0o700 });
  await endOrphan(deps.directory);
  const saved = await recall(deps);
  const opening = await openWorld(deps, saved);
  if (opening.kind === 'port_taken')
    return {
      kind: 'failed',
      line:
        `Port ${opening.port}, where a simulated gateway of this playground lives, is taken by another program: ` +
        `stop that one, or remove ${deps.directory} to begin anew.`,
    };
  return { kind: 'desk', desk: await settle(deps, opening.world, saved) };
}

async function settle(deps: DeskDeps, world: World, saved: Saved | null): Promise<Desk> {
  const known = saved?.provisioned ?? null;
  let provisioned = known;
  const keeper = createKeeper({
    directory: deps.directory,
    take: () => ({
      ...world.snapshot(),
      provisioned,
      members: [...members.all()],
      connected: [...connections.all()],
    }),
    failed: (cause) => deps.warn(`The desk could not be saved: ${sentenceOf(cause)}`),
  });
  const place = placeOf(deps, world);
  const ending = new AbortController();
  const { directory } = deps;
  // A command listens nowhere.
  const run = createCommands({ directory, environment: environmentOf(place, 0), signal: ending.signal });
  const onApp = (): void => {
    // Meta tries again by itself, after longer and longer pauses.
    if (child.facts.state === 'up') world.whatsapp.server.control.redeliver();
    timeline.note(true);
    deps.changed();
  };
  const child = createChild(place, onApp);
  // Only while the program is up: a command would open its database in its place.
  const business = (): string | null =>
    child.facts.state === 'up' ? (provisioned?.businessId ?? null) : null;
  const connections = createConnections({
    run,
    world,
    known: saved?.connected ?? [],
    publicUrl: deps.publicUrl,
    business,
    changed: deps.changed,
    save: () => keeper.now(),
  });
  const members = createMembers({
    run,
    known: saved?.members ?? [],
    business,
    changed: () => keeper.note(),
  });
  const timeline = createTimeline({
    run,
    newest: () => newestRef(world),
    mayRun: () => business() !== null,
    gatewayOf: (label) => gatewayTitles[connections.gatewayOf(label)],
    changed: deps.changed,
  });
  // A command that our own end cut short is nobody's news.
  const warn = (line: string): void => {
    if (!ending.signal.aborted) deps.warn(line);
  };
  const operator = createOperator({ run, world, warn });
  world.onChange((where) => {
    keeper.note();
    if (where === 'chat' && child.facts.state === 'up') operator.note();
    timeline.note(where === 'gateway');
    deps.changed();
  });
  child.start();
  // Before the program can have heard of anything: a kill from now on finds a file that says so.
  await keeper.now();
  const made = async (by: NonNullable<Saved['provisioned']>): Promise<void> => {
    provisioned = by;
    await keeper.now();
    onApp();
  };
  const { publicUrl } = deps;
  const ready = makeReady({ directory, publicUrl, child, world, run, known, made, warn, members });
  return { world, connections, members, child, timeline, ready, close: () => close(keeper, ending) };

  async function close(keep: Keeper, end: AbortController): Promise<void> {
    timeline.close();
    end.abort();
    const obeyed = await child.stop();
    if (!obeyed) await stopLeftDatabase(directory, place);
    await world.close();
    await keep.close(true);
  }
}

function placeOf(deps: DeskDeps, world: World): Place {
  const { directory, host, publicUrl, logLevel } = deps;
  const { telegramToken, telegram } = world;
  const { keys, phoneNumberId, url } = world.whatsapp;
  return {
    ...{ directory, host, publicUrl, logLevel, telegramToken, telegramUrl: telegram.url },
    whatsapp: { ...keys, phoneNumberId, url },
  };
}

/** null: begin anew, on an empty directory. A desk and its database are of use only together. */
async function recall(deps: DeskDeps): Promise<Saved | null> {
  const { directory } = deps;
  const hasDatabase = await exists(databaseIn(directory));
  const reading = await readDesk(directory);
  if (reading.kind === 'saved' && hasDatabase && reading.saved.provisioned !== null) return reading.saved;
  if (!hasDatabase) return null;
  await stopLeftDatabase(directory, null);
  // A first start that was cut short has nothing to lose.
  if (reading.kind === 'saved') await emptyDirectory(directory);
  else await moveAside(deps);
  return null;
}

async function moveAside({ directory, warn, scheduler }: DeskDeps): Promise<void> {
  const aside = `${directory}.${scheduler.now().toISOString().replace(/\D/g, '').slice(0, 14)}`;
  await rename(directory, aside);
  await mkdir(directory, { mode: 0o700 });
  warn(`What the playground remembered cannot be read: it lies in ${aside} now, and a new desk begins.`);
}

/** The program that served this database is gone, and the server may run on: the last command to leave stops it. */
async function stopLeftDatabase(directory: string, place: Place | null): Promise<void> {
  const anyPlace = { host: '127.0.0.1', publicUrl: 'http://127.0.0.1', logLevel: 'silent' };
  const nobody = { telegramToken: '1:nobody-at-all', telegramUrl: 'http://127.0.0.1', whatsapp: null };
  const environment = environmentOf(place ?? { directory, ...anyPlace, ...nobody }, 0);
  const run = createCommands({ directory, environment, signal: new AbortController().signal });
  await run({ args: ['payment', 'show', 'P-00000'] });
}

/** For a new desk on the same directory; the desk on it is closed. */
export async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    await rm(path.join(directory, name), { recursive: true, force: true, maxRetries: 5 });
}

function sentenceOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
