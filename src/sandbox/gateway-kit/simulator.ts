/** A simulated gateway put together: its server, its pushes, its courier, and the hands of a test or a page on them. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../domain/random.ts';
import type { Mpesa } from '../mpesa.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Courier, CourierPolicy, Delivery } from './courier.ts';
import { createCourier } from './courier.ts';
import type { ArmedFault, Fault, Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import type { Journal, RequestEntry, WebhookEntry } from './journal.ts';
import { createJournal } from './journal.ts';
import type { AutoOutcome, Push, Pushes } from './pushes.ts';
import { createPushes } from './pushes.ts';
import type { Route } from './server.ts';
import { createHttpServer } from './server.ts';
import type { Timers } from './timers.ts';
import { createTimers } from './timers.ts';
import type { Answer } from './wire.ts';

export interface SimulatorDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly mpesa: Mpesa;
  /** Loopback unless told. */
  readonly host?: string;
  /** 0, unless told: any free port. */
  readonly port?: number;
  /** Carries the callbacks; the global one unless told. */
  readonly fetch?: typeof fetch;
}

/** What every endpoint works with. `state` is plain JSON: rows in lists, counters; it is changed in place. */
export interface Office<S> {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly mpesa: Mpesa;
  readonly state: S;
  readonly faults: Faults;
  readonly courier: Courier;
  readonly pushes: Pushes;
  readonly autos: Map<string, AutoOutcome>;
  /** For answers that are held back. */
  readonly answerTimers: Timers;
  readonly requests: Journal<RequestEntry>;
  readonly webhooks: Journal<WebhookEntry>;
  readonly listeners: Set<() => void>;
  readonly changed: () => void;
}

export interface OfficeSettings<S> {
  readonly state: S;
  readonly policy: CourierPolicy;
  /** Where the result of a push without a URL of its own goes; null: nowhere. */
  readonly callbackUrlOf: (state: S, push: Push) => string | null;
  readonly settled?: (office: Office<S>, push: Push) => void;
}

export function createOffice<S>(deps: SimulatorDeps, settings: OfficeSettings<S>): Office<S> {
  const { scheduler, random, mpesa, fetch = globalThis.fetch } = deps;
  const { state, policy, callbackUrlOf, settled } = settings;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const faults = createFaults();
  const requests = createJournal<RequestEntry>(changed);
  const webhooks = createJournal<WebhookEntry>(changed);
  const courier = createCourier({ scheduler, fetch, journal: webhooks, policy });
  const autos = new Map<string, AutoOutcome>();
  const pushes = createPushes({
    scheduler,
    random,
    mpesa,
    faults,
    courier,
    autos,
    callbackUrlOf: (push) => callbackUrlOf(state, push),
    settled: (push) => settled?.(office, push),
    changed,
  });
  const answerTimers = createTimers(scheduler);
  const office: Office<S> = {
    scheduler,
    random,
    mpesa,
    state,
    faults,
    courier,
    pushes,
    autos,
    answerTimers,
    requests,
    webhooks,
    listeners,
    changed,
  };
  return office;
}

export interface SimulatorSnapshot<S> {
  readonly state: S;
  readonly pushes: readonly Push[];
  readonly deliveries: readonly Delivery[];
  readonly faults: readonly ArmedFault[];
  readonly autos: readonly (readonly [string, AutoOutcome])[];
}

export interface CommonControl<S> {
  /** The next request or prompt that it fits meets the fault, `times` times (once unless told). */
  arm(fault: Fault, setting?: number, times?: number): void;
  clear(fault: Fault): void;
  clearAll(): void;
  armed(): readonly ArmedFault[];
  /** What a phone does by itself with prompts of this gateway; `*` for every phone without its own; null: nothing. */
  auto(msisdn: string, outcome: AutoOutcome | null): void;
  pushes(): readonly Readonly<Push>[];
  /** The newest thousand, oldest first; credentials are blanked. */
  requests(): readonly RequestEntry[];
  webhooks(): readonly WebhookEntry[];
  /** Resolves when every callback that set out was answered or given up; what waits for its time does not count. */
  idle(): Promise<void>;
  onChange(listener: () => void): () => void;
  snapshot(): SimulatorSnapshot<S>;
  /** The phones are restored first. */
  restore(snapshot: SimulatorSnapshot<S>): void;
}

export interface Simulator<C> {
  /** What an account's `baseUrl` is; known once it listens. */
  readonly url: string;
  listen(): Promise<void>;
  /** Breaks what is open and sends nothing any more. Its rows stay: it goes on with them when it listens again. */
  close(): Promise<void>;
  readonly control: C;
}

export interface Parts<S extends object, C> {
  readonly deps: SimulatorDeps;
  readonly office: Office<S>;
  /** Of the account's base URL: '' or `/v1`. */
  readonly basePath: string;
  /** Asked at every request: some endpoints come and go. */
  readonly routes: () => readonly Route[];
  readonly noSuchPath: Answer;
  readonly wrongMethod: Answer;
  readonly control: C;
}

export function createSimulator<S extends object, C>(parts: Parts<S, C>): Simulator<C & CommonControl<S>> {
  const { deps, office, basePath, routes, noSuchPath, wrongMethod } = parts;
  const { scheduler, faults, answerTimers, requests } = office;
  const { host = '127.0.0.1', port = 0 } = deps;
  const server = createHttpServer({
    scheduler,
    faults,
    answerTimers,
    journal: requests,
    basePath,
    routes,
    noSuchPath,
    wrongMethod,
  });
  let boundPort = port;
  return {
    get url() {
      return `http://${host}:${boundPort}${basePath}`;
    },
    listen: async () => {
      server.listen(boundPort, host);
      await once(server, 'listening');
      boundPort = (server.address() as AddressInfo).port;
      office.courier.open();
    },
    close: async () => {
      answerTimers.cancelAll();
      office.courier.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
    control: { ...parts.control, ...commonControl(office) },
  };
}

function commonControl<S extends object>(office: Office<S>): CommonControl<S> {
  const { faults, autos, pushes, courier, listeners, changed } = office;
  const changing =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A): void => {
      act(...args);
      changed();
    };
  return {
    arm: changing(faults.arm),
    clear: changing(faults.clear),
    clearAll: changing(faults.clearAll),
    armed: faults.armed,
    auto: changing((msisdn, outcome) => {
      if (outcome === null) autos.delete(msisdn);
      else autos.set(msisdn, outcome);
    }),
    pushes: pushes.all,
    requests: office.requests.entries,
    webhooks: office.webhooks.entries,
    idle: courier.idle,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => ({
      state: structuredClone(office.state),
      pushes: pushes.snapshot(),
      deliveries: courier.pending(),
      faults: faults.armed(),
      autos: [...autos],
    }),
    restore: changing((snapshot) => restore(office, snapshot)),
  };
}

function restore<S extends object>(office: Office<S>, snapshot: SimulatorSnapshot<S>): void {
  const { state, faults, autos, pushes, courier } = office;
  Object.assign(state, structuredClone(snapshot.state));
  pushes.restore(snapshot.pushes);
  courier.restore(snapshot.deliveries);
  faults.clearAll();
  for (const one of snapshot.faults) faults.arm(one.fault, one.setting, one.times);
  autos.clear();
  for (const [msisdn, outcome] of snapshot.autos) autos.set(msisdn, outcome);
}
