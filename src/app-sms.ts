/** SMS in the program: who delivers them, and what follows where a receipt did not arrive. */
import { paymentOfReceipt } from './bot/cards/sms.ts';
import { isMemberNews } from './bot/cards/sms-member.ts';
import type { SendOutcome } from './channels/channel.ts';
import {
  type AfricasTalking,
  type AfricasTalkingDeps,
  createAfricasTalking,
} from './channels/sms/africastalking.ts';
import { createSmsSender } from './channels/sms/send.ts';
import type { Database } from './db/tables.ts';
import type { Vault } from './db/vault.ts';
import type { Clock } from './domain/clock.ts';
import type { Random } from './domain/random.ts';
import type { Logger } from './ops/log.ts';
import type { Metrics } from './ops/metrics.ts';
import { type Aftermath, createDeliverer, type Deliverer } from './outbox/deliver.ts';
import type { Gateways } from './payments/gateways.ts';
import { type SmsPayload, type SmsTell, smsOfKey } from './payments/sms.ts';
import { createSmsPort } from './payments/sms-port.ts';
import { settleSms } from './payments/sms-settle.ts';

export interface SmsDeliveryDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly gateways: Gateways;
  readonly tell: Omit<SmsTell, 'memberMissed'>;
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
      concerns: (key) => smsOfKey(key) !== null,
      settle: (tx, key, outcome) => settleSms(tx, deps, key, outcome),
    },
  });
}

/** The program's own SMS, where the operator set it up. */
export function createOwnSms(
  config: Omit<AfricasTalkingDeps, 'http' | 'log'> | null,
  around: Pick<AfricasTalkingDeps, 'http' | 'log'>,
): AfricasTalking | null {
  return config === null ? null : createAfricasTalking({ ...config, ...around });
}

/**
 * For chat channels: what a chat did not take may still be told by SMS. A customer's receipt that did not arrive at all is
 * shown by the shop. Of what a member misses, only what no template rang for.
 */
export function receiptAftermath(tell: SmsTell): Aftermath {
  return {
    concerns: (key, outcome) =>
      outcome !== 'sent' &&
      outcome !== 'retry' &&
      (paymentOfReceipt(key) !== null || (missed(outcome) && isMemberNews(key))),
    settle: async (tx, key, outcome) => {
      const payment = paymentOfReceipt(key);
      if (payment !== null) await tell.receiptEnded(tx, payment);
      else if (outcome.kind !== 'held' || !outcome.rung) await tell.memberMissed(tx, key);
    },
  };
}

function missed(outcome: SendOutcome['kind']): boolean {
  return outcome === 'held' || outcome === 'blocked';
}
