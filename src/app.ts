/**
 * The program, wired in the order of DESIGN's path; with `app-chat.ts` for the chat half, the only file that knows every part. Nothing that matters lives in
 * here: workers take rows, and may be stopped or killed at any moment.
 */
import { createChats } from './app-chat.ts';
import { platformsOf } from './app-platforms.ts';
import { createOwnSms, createSmsDeliverer, receiptAftermath } from './app-sms.ts';
import { withBatches } from './bot/cards/bulk-tell.ts';
import { createPayoutTell } from './bot/cards/payout-tell.ts';
import { withRefunds } from './bot/cards/refund-tell.ts';
import { createTell } from './bot/cards/tell.ts';
import type { BotDeps } from './bot/context.ts';
import { createWords } from './bot/words.ts';
import { createCallbackReader } from './callbacks/read.ts';
import { callbackRoutes } from './callbacks/route.ts';
import type { Templates } from './channels/whatsapp/templates.ts';
import type { Config } from './config.ts';
import { migrationState } from './db/migrate.ts';
import type { ChatChannel, Database } from './db/tables.ts';
import type { Vault } from './db/vault.ts';
import type { Clock } from './domain/clock.ts';
import type { Doors } from './domain/doors.ts';
import type { Random } from './domain/random.ts';
import { createGatewayHttp } from './gateways/http.ts';
import { createInboxWorker, type InboxHandler } from './inbox/claim.ts';
import { createInbox } from './inbox/store.ts';
import { createLook } from './ops/due.ts';
import { healthRoutes, type Readiness } from './ops/health.ts';
import type { Logger } from './ops/log.ts';
import { createMetrics } from './ops/metrics.ts';
import { pause } from './ops/pause.ts';
import { countQueues } from './ops/queues.ts';
import { createServer, type Routes } from './ops/server.ts';
import type { Worker } from './ops/worker.ts';
import { upkeep } from './outbox/upkeep.ts';
import { createAnnouncer } from './payments/announce.ts';
import { createBalanceWatcher } from './payments/balance-watch.ts';
import { createBalanceTeller } from './payments/balances.ts';
import { createGateways } from './payments/gateways.ts';
import { createReconciler } from './payments/reconcile.ts';
import { createSetupWatcher } from './payments/setup.ts';
import { createSubmitter } from './payments/submit.ts';
import { createAuditCloser } from './payouts/audit-chain.ts';
import { createPayoutReconciler } from './payouts/reconcile.ts';
import { createPayoutSubmitter } from './payouts/submit.ts';
import { webRoutes } from './web/routes.ts';

export interface AppDeps {
  readonly config: Pick<Config, 'host' | 'port' | 'publicUrl' | 'telegram' | 'whatsapp' | 'africasTalking'>;
  /** What WhatsApp approved in advance. */
  readonly templates: Templates;
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof fetch;
  readonly log: Logger;
}

export interface App {
  /** Listens and starts every worker; answers where it listens. */
  start(): Promise<string>;
  /** These workers look at once: the clock was moved. */
  wake(which: (worker: string) => boolean): void;
  /** Takes no new work, finishes what it holds. */
  stop(): Promise<void>;
}

/** How often is looked for work; a wake-up after a commit makes the usual wait a fraction of it. */
const pollMs = 500;
const inboxTries = 5;

export function createApp(deps: AppDeps): App {
  const stopping = new AbortController();
  const parts = build(deps, stopping.signal);
  const server = createServer(deps.log, routesOf(deps, parts));
  const background: Promise<void>[] = [];
  return {
    async start() {
      // First, since it may be refused: nothing has been started then.
      const address = await server.listen({ host: deps.config.host, port: deps.config.port });
      for (const worker of parts.workers) worker.start();
      background.push(upkeep(deps, stopping.signal));
      background.push(parts.chats.start(stopping.signal));
      deps.log.info({ address }, 'listening');
      return address;
    },
    wake(which) {
      for (const worker of parts.workers) if (which(worker.name)) worker.wake();
      parts.chats.wake(which);
    },
    async stop() {
      stopping.abort();
      await server.close();
      await parts.chats.stop();
      await Promise.all(parts.workers.map((worker) => worker.stop()));
      await Promise.all(background);
    },
  };
}

type Parts = ReturnType<typeof build>;

function build(deps: AppDeps, stopping: AbortSignal) {
  const { db, vault, clock, random, log } = deps;
  const metrics = createMetrics(() => countQueues(db));
  const http = createGatewayHttp({ fetch: deps.fetch, log, clock });
  const ownSms = createOwnSms(deps.config.africasTalking, { http, log });
  const gateways = createGateways({ vault, clock, http, ownSms });
  const inbox = createInbox({ db, vault, clock });
  const words = createWords();
  const { publicUrl } = deps.config;
  const tell = createTell({ vault, clock, random, words, publicUrl, gateways });
  const telling = { vault, clock, random, words, publicUrl, gateways };
  const tellPayout = withRefunds(withBatches(createPayoutTell(telling), telling), { ...telling, tell, log });
  const doors: Doors = {
    telegramName: () => chats.name('telegram'),
    whatsappNumber: () => chats.name('whatsapp'),
  };
  const core: BotDeps = { vault, clock, random, tell, log, words, publicUrl, tellPayout, gateways, doors };

  const look = createLook({ db, clock, log, pollMs });
  const submitter = createSubmitter({
    ...core,
    db,
    gateways,
    pause: (ms) => pause(ms, stopping),
    submitted: metrics.submit,
  });
  const reconciler = createReconciler({ ...core, db, gateways, lookedUp: metrics.lookup });
  const readCallback = createCallbackReader({
    ...core,
    gateways,
    settled: metrics.settlement,
    settledPayout: metrics.payoutSettlement,
  });

  /** A worker whose work is told to somebody. */
  const saying = (name: string, lanes: number, runOnce: () => Promise<boolean>): Worker =>
    worker(name, lanes, runOnce, () => deliverWake());
  const submit = saying('submit', 8, submitter.runOnce);
  const reconcile = saying('reconcile', 4, reconciler.runOnce);
  const { runOnce: sendPayout } = createPayoutSubmitter({
    ...core,
    db,
    gateways,
    pause: (ms) => pause(ms, stopping),
    submitted: metrics.payout,
  });
  const payoutReconciler = createPayoutReconciler({ ...core, db, gateways, lookedUp: metrics.lookup });
  const payouts = saying('payouts', 2, sendPayout);
  const payoutLooks = saying('payout look-ups', 2, payoutReconciler.runOnce);
  const announcer = createAnnouncer({ ...core, db });
  const told = { ...core, db, gateways, tell };
  const balances = saying('balances', 1, createBalanceTeller(told).runOnce);
  const balanceWatch = saying('balance watch', 1, createBalanceWatcher(told).runOnce);
  const setups = saying('setup', 1, createSetupWatcher({ ...core, db, gateways }).runOnce);
  const auditCloser = worker('audit', 1, createAuditCloser({ db, clock }).runOnce);
  const announceAccounts = saying('announce', 1, announcer.runOnce);
  const callbacks = inboxWorker('gateway', 4, { handle: readCallback, buried: async () => undefined }, () =>
    deliverWake(),
  );
  const aftermath = receiptAftermath(tell);
  const chats = createChats({
    ...core,
    db,
    metrics,
    worker,
    inboxWorker,
    aftermath,
    platforms: platformsOf({ ...deps, ...deps.config, words, inbox, aftermath }),
    turned: () => look.wake(),
  });
  const smsDeliverer = createSmsDeliverer({ ...core, db, metrics, gateways, tell });
  const deliverSms = worker('deliver sms', 4, smsDeliverer.runOnce);
  const deliverWake = (): void => {
    chats.deliver();
    deliverSms.wake();
  };

  function worker(name: string, lanes: number, runOnce: () => Promise<boolean>, after?: () => void): Worker {
    const run = async (): Promise<boolean> => {
      const did = await runOnce();
      if (did) after?.();
      return did;
    };
    return look.worker({ name, lanes, runOnce: run });
  }

  function inboxWorker(
    source: ChatChannel | 'gateway',
    lanes: number,
    handler: InboxHandler,
    afterCommit: () => void,
  ): Worker {
    const options = { db, vault, clock, source, log, maxTries: inboxTries, ...handler, afterCommit };
    return worker(`inbox ${source}`, lanes, createInboxWorker(options).runOnce);
  }

  const workers = [
    look,
    submit,
    reconcile,
    payouts,
    payoutLooks,
    announceAccounts,
    auditCloser,
    balances,
    balanceWatch,
    setups,
    callbacks,
    deliverSms,
    ...chats.workers,
  ];
  const wakes = { wakeCallbacks: callbacks.wake, wakeSubmit: submit.wake };
  return { metrics, gateways, inbox, workers, chats, tell, doors, ...wakes };
}

function routesOf(deps: AppDeps, parts: Parts): Routes[] {
  const callbacks = callbackRoutes({
    ...deps,
    inbox: parts.inbox,
    openGateway: (id) => parts.gateways.open(deps.db, id),
    received: (gateway, outcome) => {
      parts.metrics.callback(gateway, outcome);
      if (outcome === 'stored') parts.wakeCallbacks();
    },
  });
  const health = healthRoutes({ readiness: () => readiness(deps.db), metrics: parts.metrics });
  const web = webRoutes({
    ...deps,
    publicUrl: deps.config.publicUrl,
    tell: parts.tell,
    asked: parts.wakeSubmit,
    doors: parts.doors,
  });
  return [health, callbacks, web, ...parts.chats.routes];
}

async function readiness(db: Database): Promise<Readiness> {
  const { pending } = await migrationState(db);
  if (pending.length > 0) return { kind: 'not_ready', reason: 'migrations are pending' };
  return { kind: 'ready' };
}
