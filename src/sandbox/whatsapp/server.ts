import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../domain/random.ts';
import type { Scheduler } from '../scheduler.ts';
import { type CallRow, createControl, type WhatsappControl } from './control.ts';
import type { Change, Whatsapp } from './core.ts';
import { type Desk, serve } from './dispatch.ts';
import { createFaults } from './faults.ts';
import { createState, type TemplateRow } from './state.ts';
import { createStatuses } from './statuses.ts';
import { submittedTemplates } from './submitted-templates.ts';
import { verify } from './verify.ts';
import { createWebhookSender } from './webhook.ts';

/**
 * The WhatsApp Business Cloud API for one number, made from Meta's documents (v23.0) for the playground and the tests.
 * What they do not allow it refuses, with Meta's shape of an error; what it does not know it refuses too.
 */
export interface WhatsappServer {
  /** The API root with its version, such as http://127.0.0.1:8082/v23.0, known once it listens. */
  readonly url: string;
  readonly control: WhatsappControl;
  listen(): Promise<void>;
  close(): Promise<void>;
}

export interface WhatsappServerOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly phoneNumberId: string;
  readonly accessToken: string;
  /** What webhooks are signed with. */
  readonly appSecret: string;
  /** What the webhook is asked with when it is subscribed. */
  readonly verifyToken: string;
  readonly displayPhoneNumber?: string;
  readonly businessAccountId?: string;
  /** A webhook that was verified before this story begins; otherwise `control.subscribe`. */
  readonly webhookUrl?: string;
  /** Those of VOICE.md unless told. */
  readonly templates?: readonly TemplateRow[];
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
}

const version = 'v23.0';
const keptCalls = 5000;

export function createWhatsappServer(options: WhatsappServerOptions): WhatsappServer {
  const { scheduler, random, accessToken, appSecret, verifyToken } = options;
  const host = options.host ?? '127.0.0.1';
  const listeners = new Set<(change: Change) => void>();
  const calls: CallRow[] = [];
  const state = createState(
    {
      phoneNumberId: options.phoneNumberId,
      displayPhoneNumber: options.displayPhoneNumber ?? '254 20 1234567',
      businessAccountId: options.businessAccountId ?? '102290129340398',
    },
    options.templates ?? submittedTemplates,
    random,
  );
  state.webhookUrl = options.webhookUrl ?? null;
  const changed = (change: Change): void => {
    for (const listener of [...listeners]) listener(change);
  };
  const faults = createFaults(scheduler, (down) => {
    if (down) server.closeAllConnections();
    else webhooks.pump();
  });
  const webhooks = createWebhookSender(state, scheduler, appSecret, faults.isDown, () =>
    changed({ kind: 'webhook' }),
  );
  const whatsapp: Whatsapp = { state, scheduler, random, push: webhooks.push, changed };
  const statuses = createStatuses(whatsapp);
  let token: string | null = accessToken;
  const origin = (): string => {
    const address = server.address() as AddressInfo | null;
    if (address === null) throw new Error('The WhatsApp server does not listen.');
    return `http://${host}:${address.port}`;
  };
  const desk: Desk = {
    ...{ whatsapp, statuses, faults, origin },
    token: () => token,
    knownTokens: new Set([accessToken]),
    note: (row) => {
      calls.push({ at: scheduler.now(), ...row });
      if (calls.length > keptCalls) calls.splice(0, keptCalls / 10);
      changed({ kind: 'call', method: row.method });
    },
  };
  const server = createServer((request, response) => void serve(desk, request, response));
  const subscribe = async (url: string) => {
    const answer = await verify(url, verifyToken, random);
    if (!answer.verified) return answer;
    state.webhookUrl = url;
    webhooks.reset();
    changed({ kind: 'webhook' });
    return answer;
  };

  return {
    get url() {
      return `${origin()}/${version}`;
    },
    control: createControl({
      ...{ whatsapp, statuses, faults, webhooks, calls, listeners, subscribe },
      firstToken: accessToken,
      tokenExpired: () => token === null,
      setToken: (next) => {
        token = next;
        if (next !== null) desk.knownTokens.add(next);
        changed({ kind: 'token' });
      },
    }),
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port ?? 0, host, () => {
          server.off('error', reject);
          webhooks.pump();
          resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        webhooks.stop();
        statuses.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
