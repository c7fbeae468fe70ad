/** The playground behind its gate: one desk at a time, looked at, moved, and begun anew on request. */
import { act, type Ordered, readAction } from './actions.ts';
import { type Desk, type DeskDeps, emptyDirectory, openDesk } from './desk.ts';
import { createEvents } from './events.ts';
import type { Behind } from './gate.ts';
import type { Target } from './proxy.ts';
import type { Readiness } from './readiness.ts';
import { viewDesk } from './view.ts';

export interface Playground extends Behind {
  /** Resolves when a payment can be made, or with the reason why none can. */
  ready(): Promise<Readiness>;
  close(): Promise<void>;
}

export type PlaygroundOpening =
  | { readonly kind: 'playground'; readonly playground: Playground }
  | { readonly kind: 'failed'; readonly line: string };

export async function openPlayground(deps: Omit<DeskDeps, 'changed'>): Promise<PlaygroundOpening> {
  let serial = 0;
  const changed = (): void => {
    serial += 1;
    events.note();
  };
  const events = createEvents(() => {
    const { world, connections, child, timeline } = desk;
    const { scheduler } = deps;
    const { payment } = timeline;
    return viewDesk({ serial, world, connections, app: child.facts, payment, scheduler });
  });
  const opening = await openDesk({ ...deps, changed });
  if (opening.kind === 'failed') {
    events.close();
    return opening;
  }
  let desk: Desk = opening.desk;
  let resetting: Promise<string | null> | null = null;

  async function reset(): Promise<string | null> {
    await desk.close();
    await emptyDirectory(deps.directory);
    const next = await openDesk({ ...deps, changed });
    if (next.kind === 'failed') return next.line;
    desk = next.desk;
    changed();
    const readiness = await desk.ready;
    return readiness.kind === 'ready' ? null : readiness.line;
  }

  /** A desk that is cleared before it was ready hands the question on to the next one. */
  async function ready(): Promise<Readiness> {
    for (;;) {
      const asked = desk;
      const readiness = await asked.ready;
      await resetting?.catch(() => undefined);
      if (asked === desk) return readiness;
    }
  }

  /** Who writes on WhatsApp for the first time joins there before. */
  async function joined(action: Ordered): Promise<string | null> {
    const writes = 'person' in action && 'channel' in action && action.action !== 'read';
    if (!writes || action.channel !== 'whatsapp') return null;
    return await desk.members.join(action.person, action.channel);
  }

  async function perform(body: string): Promise<{ status: number; sentence: string } | null> {
    const reading = readAction(body);
    if (reading.kind === 'unreadable') return { status: 400, sentence: reading.sentence };
    const { action } = reading;
    if (resetting !== null) return { status: 409, sentence: 'The desk is being cleared.' };
    if (action.action === 'kill') {
      desk.child.kill();
      return null;
    }
    if (action.action === 'connect') return refusal(409, await desk.connections.connect(action.gateway));
    if (action.action !== 'reset') return refusal(409, (await joined(action)) ?? act(desk.world, action));
    resetting = reset();
    try {
      return refusal(500, await resetting);
    } finally {
      resetting = null;
    }
  }

  const playground: Playground = {
    events,
    perform,
    file: (id) => {
      const { telegram, whatsapp } = desk.world;
      return telegram.control.file(id) ?? whatsapp.server.control.file(id) ?? null;
    },
    target: () => targetOf(desk, deps.host),
    ready,
    close: async () => {
      await resetting?.catch(() => undefined);
      await desk.close();
      events.close();
    },
  };
  return { kind: 'playground', playground };
}

function targetOf({ child }: Desk, host: string): Target | null {
  const { port } = child.facts;
  return port === null ? null : { host, port };
}

function refusal(status: number, sentence: string | null): { status: number; sentence: string } | null {
  return sentence === null ? null : { status, sentence };
}
