/** SMS in the program: who delivers them, and what follows where a receipt did not arrive. */
import { paymentOfReceipt } from './bot/cards/sms.ts';
import { createSmsSender } from './channels/sms/send.ts';
import type { Database } from './db/tables.ts';
import type { Vault } from './db/vault.ts';
import type { Clock } from './domain/clock.ts';
import type { Random } from './domain/random.ts';
import type { Logger } from './ops/log.ts';
import type { Metrics } from './ops/metrics.ts';
import { type Aftermath, createDeliverer, type Deliverer } from './outbox/deliver.ts';
import type { Gateways } from './payments/gateways.ts';
import { isSmsKey, type SmsPayload, type SmsTell, settleSms } from './payments/sms.ts';
import { createSmsPort } from './payments/sms-port.ts';

export interface SmsDeliveryDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly gateways: Gateways;
  readonly tell: SmsTell;
}

export function createSmsDeliverer(deps: SmsDeliveryDeps): Deliverer {
  const { db, vault, clock, random, log, gateways, metrics } = deps;
  return createDeliverer({
    db,
    vault,
    clock,
    random,
    log,
    channel: 'sms',
    sender: createSmsSender<SmsPayload>({ port: createSmsPort({ db, clock, gateways }), clock }),
    onSent: (sent) =>
      metrics.delivery('sms', 'sent', (sent.sentAt.getTime() - sent.createdAt.getTime()) / 1000),
    aftermath: {
      concerns: isSmsKey,
      settle: (tx, key, outcome) => settleSms(tx, deps, key, outcome),
    },
  });
}

/** For chat channels: a receipt that a chat did not take may still be told by SMS, or is shown by the shop. */
export function receiptAftermath(tell: SmsTell): Aftermath {
  return {
    concerns: (key, outcome) => outcome !== 'sent' && outcome !== 'retry' && paymentOfReceipt(key) !== null,
    settle: async (tx, key) => {
      const payment = paymentOfReceipt(key);
      if (payment !== null) await tell.receiptEnded(tx, payment);
    },
  };
}
