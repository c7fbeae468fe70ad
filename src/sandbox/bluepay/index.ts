/**
 * A simulated BluePay, written from BluePay's own document and strict: what the document does not allow is refused in
 * the document's words. Where the document is silent, the code says so at the place.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../domain/random.ts';
import type { RequestEntry, WebhookEntry } from '../gateway-kit/journal.ts';
import { createJournal } from '../gateway-kit/journal.ts';
import { createTimers } from '../gateway-kit/timers.ts';
import type { Mpesa } from '../mpesa.ts';
import type { Scheduler } from '../scheduler.ts';
import type { BluepayControl } from './control.ts';
import { createControl, resumeRows } from './control.ts';
import { createFaults } from './faults.ts';
import type { Office } from './office.ts';
import { createHttpServer } from './server.ts';
import { createStore } from './store.ts';
import { createWebhooks } from './webhooks.ts';

export interface BluepayDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly mpesa: Mpesa;
  /** Loopback unless told. */
  readonly host?: string;
  /** 0, unless told: any free port. */
  readonly port?: number;
  /** Carries the webhooks; the global one unless told. */
  readonly fetch?: typeof fetch;
}

export interface Bluepay {
  /** What an account's `baseUrl` is; known once it listens. */
  readonly url: string;
  listen(): Promise<void>;
  /** Breaks what is open and sends nothing any more. Its rows stay: it goes on with them when it listens again. */
  close(): Promise<void>;
  readonly control: BluepayControl;
}

export function createBluepay(deps: BluepayDeps): Bluepay {
  const { scheduler, random, mpesa, host = '127.0.0.1', port = 0, fetch = globalThis.fetch } = deps;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const requests = createJournal<RequestEntry>(changed);
  const webhookLog = createJournal<WebhookEntry>(changed);
  const office: Office = {
    scheduler,
    random,
    mpesa,
    store: createStore(),
    faults: createFaults(),
    webhooks: createWebhooks({ scheduler, random, fetch, journal: webhookLog }),
    autos: new Map(),
    rowTimers: createTimers(scheduler),
    answerTimers: createTimers(scheduler),
    changed,
  };
  const server = createHttpServer(office, requests);
  let boundPort = port;
  return {
    get url() {
      return `http://${host}:${boundPort}`;
    },
    listen: async () => {
      server.listen(boundPort, host);
      await once(server, 'listening');
      boundPort = (server.address() as AddressInfo).port;
      office.webhooks.open();
      resumeRows(office);
    },
    close: async () => {
      office.rowTimers.cancelAll();
      office.answerTimers.cancelAll();
      office.webhooks.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
    control: createControl({ office, requests, webhooks: webhookLog, listeners }),
  };
}
