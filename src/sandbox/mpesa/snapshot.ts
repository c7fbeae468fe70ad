import type { FailureCode, Movement, Network } from './network.ts';
import { tellListeners } from './network.ts';
import { keepLive } from './prompts.ts';

interface StoredMovement extends Omit<Movement, 'amountCents' | 'at'> {
  readonly amountCents: string;
  readonly at: number;
}

interface StoredPrompt {
  readonly id: string;
  readonly msisdn: string;
  readonly amountCents: string;
  readonly merchant: string;
  readonly account: string;
  readonly at: number;
  readonly endsAt: number;
  readonly endCode: FailureCode;
  readonly shown: boolean;
  readonly locks: boolean;
}

/** The whole state as plain JSON; cents as decimal text, instants as milliseconds. */
export interface MpesaSnapshot {
  readonly subscribers: readonly {
    readonly msisdn: string;
    readonly pin: string;
    readonly balanceCents: string;
    readonly on: boolean;
  }[];
  readonly live: readonly StoredPrompt[];
  readonly asked: readonly (readonly [string, number])[];
  readonly moved: readonly StoredMovement[];
  readonly paidOut: readonly StoredMovement[];
  readonly inboxes: readonly (readonly [
    string,
    readonly { readonly from: string; readonly text: string; readonly at: number }[],
  ])[];
  readonly promptCount: number;
}

export function takeSnapshot(network: Network): MpesaSnapshot {
  return {
    subscribers: [...network.subscribers.values()].map((one) => ({
      ...one,
      balanceCents: String(one.balanceCents),
    })),
    live: storedPrompts(network),
    asked: [...network.asked],
    moved: network.moved.map(storedMovement),
    paidOut: network.paidOut.map(storedMovement),
    inboxes: [...network.inboxes].map(([msisdn, inbox]) => [
      msisdn,
      inbox.map((sms) => ({ ...sms, at: sms.at.getTime() })),
    ]),
    promptCount: network.promptCount,
  };
}

function storedPrompts(network: Network): StoredPrompt[] {
  return [...network.live.values()].map((live) => ({
    id: live.id,
    msisdn: live.msisdn,
    amountCents: String(live.amountCents),
    merchant: live.merchant,
    account: live.account,
    at: live.at.getTime(),
    endsAt: live.endsAt.getTime(),
    endCode: live.endCode,
    shown: live.shown,
    locks: network.locks.get(live.msisdn) === live.id,
  }));
}

const storedMovement = (movement: Movement): StoredMovement => ({
  ...movement,
  amountCents: String(movement.amountCents),
  at: movement.at.getTime(),
});

const movementFrom = (stored: StoredMovement): Movement => ({
  ...stored,
  amountCents: BigInt(stored.amountCents),
  at: new Date(stored.at),
});

/** Replaces everything. A gateway gives its live prompts their listeners again with `watch`, before time moves on. */
export function restoreSnapshot(network: Network, stored: MpesaSnapshot): void {
  clear(network);
  for (const one of stored.subscribers)
    network.subscribers.set(one.msisdn, { ...one, balanceCents: BigInt(one.balanceCents) });
  for (const [key, at] of stored.asked) network.asked.set(key, at);
  network.moved.push(...stored.moved.map(movementFrom));
  network.paidOut.push(...stored.paidOut.map(movementFrom));
  for (const { receipt } of [...network.moved, ...network.paidOut]) network.receipts.add(receipt);
  for (const [msisdn, inbox] of stored.inboxes)
    network.inboxes.set(
      msisdn,
      inbox.map((sms) => ({ ...sms, at: new Date(sms.at) })),
    );
  network.promptCount = stored.promptCount;
  for (const prompt of stored.live) restorePrompt(network, prompt);
  tellListeners(network);
}

function restorePrompt(network: Network, stored: StoredPrompt): void {
  const { locks, ...prompt } = stored;
  if (locks) network.locks.set(prompt.msisdn, prompt.id);
  keepLive(network, {
    ...prompt,
    amountCents: BigInt(prompt.amountCents),
    at: new Date(prompt.at),
    endsAt: new Date(prompt.endsAt),
    onOutcome: null,
    stopTimer: () => {},
  });
}

function clear(network: Network): void {
  for (const live of network.live.values()) live.stopTimer();
  const { subscribers, live, locks, asked, receipts, inboxes } = network;
  for (const part of [subscribers, live, locks, asked, receipts, inboxes]) part.clear();
  network.moved.length = 0;
  network.paidOut.length = 0;
}
