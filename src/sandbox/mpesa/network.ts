/**
 * The state of the simulated M-Pesa, and the two things that change it for good: money that moves, and SMS.
 *
 * subscriber  one phone with its PIN and its M-Pesa balance; a number that nobody added behaves as switched off
 * prompt      one STK PIN prompt on one phone, from asking until its outcome
 * movement    money that left a phone, exactly one for each paid prompt
 *
 * Amounts are Kenyan cents in bigint; phones are 2547XXXXXXXX or 2541XXXXXXXX; result codes are Daraja's.
 */
import type { Random } from '../../domain/random.ts';
import type { Scheduler } from '../scheduler.ts';
import { paidSms, receivedSms } from './texts.ts';

export interface Subscriber {
  readonly msisdn: string;
  readonly pin: string;
  readonly balanceCents: bigint;
  readonly on: boolean;
}

/** Daraja's result codes of an STK push that moved no money, with Daraja's own words. */
export const failureTexts = {
  1: 'The balance is insufficient for the transaction.',
  17: 'A similar transaction was requested within the last two minutes.',
  1001: 'Unable to lock subscriber, a transaction is already in process for the current subscriber.',
  1019: 'Transaction has expired.',
  1032: 'Request cancelled by user.',
  1037: 'DS timeout user cannot be reached.',
  2001: 'The initiator information is invalid.',
} as const;
export type FailureCode = keyof typeof failureTexts;

export type PromptOutcome =
  | { readonly code: 0; readonly receipt: string; readonly at: Date }
  | { readonly code: FailureCode; readonly at: Date };

export interface Prompt {
  readonly id: string;
  readonly msisdn: string;
  readonly amountCents: bigint;
  readonly merchant: string;
  readonly account: string;
  readonly at: Date;
  /** When M-Pesa gives up waiting. */
  readonly endsAt: Date;
}

/** A prompt whose outcome is not there yet. */
export interface LivePrompt extends Prompt {
  /** What it ends with when nobody answers. */
  readonly endCode: FailureCode;
  /** false: the phone never shows it (off, busy, asked twice). */
  readonly shown: boolean;
  onOutcome: ((outcome: PromptOutcome) => void) | null;
  stopTimer: () => void;
}

export interface Movement {
  readonly msisdn: string;
  readonly amountCents: bigint;
  readonly receipt: string;
  readonly merchant: string;
  readonly account: string;
  readonly at: Date;
}

export interface Sms {
  readonly from: string;
  readonly text: string;
  readonly at: Date;
}

export interface Network {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly subscribers: Map<string, Subscriber>;
  readonly live: Map<string, LivePrompt>;
  /** Phone → the id of the one prompt that holds it, so that a second one meets "busy". */
  readonly locks: Map<string, string>;
  /** Phone and amount → when M-Pesa last took up such a prompt, in milliseconds. */
  readonly asked: Map<string, number>;
  readonly moved: Movement[];
  readonly paidOut: Movement[];
  readonly receipts: Set<string>;
  readonly inboxes: Map<string, Sms[]>;
  readonly listeners: Set<() => void>;
  promptCount: number;
}

const inboxLimit = 200;

export function createNetwork(scheduler: Scheduler, random: Random): Network {
  return {
    scheduler,
    random,
    subscribers: new Map(),
    live: new Map(),
    locks: new Map(),
    asked: new Map(),
    moved: [],
    paidOut: [],
    receipts: new Set(),
    inboxes: new Map(),
    listeners: new Set(),
    promptCount: 0,
  };
}

export function tellListeners(network: Network): void {
  for (const listener of network.listeners) listener();
}

export function putSubscriber(network: Network, subscriber: Subscriber): void {
  network.subscribers.set(subscriber.msisdn, subscriber);
  tellListeners(network);
}

export function knownSubscriber(network: Network, msisdn: string): Subscriber {
  const subscriber = network.subscribers.get(msisdn);
  if (subscriber === undefined) throw new Error(`no simulated phone ${msisdn}`);
  return subscriber;
}

export function deliverSms(network: Network, msisdn: string, from: string, text: string): void {
  const inbox = network.inboxes.get(msisdn) ?? [];
  network.inboxes.set(msisdn, [...inbox, { from, text, at: network.scheduler.now() }].slice(-inboxLimit));
  tellListeners(network);
}

type Deal = Pick<Prompt, 'msisdn' | 'amountCents' | 'merchant' | 'account'>;

/** Takes the money from the phone; the caller has made sure that it is there. */
export function takeMoney(network: Network, deal: Deal, receipt = newReceipt(network)): Movement {
  const movement = recordMovement(network, deal, network.moved, receipt);
  const balanceCents = changeBalance(network, deal.msisdn, -deal.amountCents);
  deliverSms(network, deal.msisdn, 'MPESA', paidSms({ ...movement, balanceCents }));
  return movement;
}

/** Gives money to the phone (B2C); null when M-Pesa does not know the number. */
export function giveMoney(network: Network, deal: Deal): Movement | null {
  if (!network.subscribers.has(deal.msisdn)) return null;
  const movement = recordMovement(network, deal, network.paidOut, newReceipt(network));
  const balanceCents = changeBalance(network, deal.msisdn, deal.amountCents);
  deliverSms(network, deal.msisdn, 'MPESA', receivedSms({ ...movement, balanceCents }));
  return movement;
}

/** Takes the money that the phone sends by itself, under a receipt from `newReceipt`; null when it cannot. */
export function payFromMenu(network: Network, deal: Deal, receipt: string): Movement | null {
  const subscriber = network.subscribers.get(deal.msisdn);
  if (!subscriber?.on || subscriber.balanceCents < deal.amountCents) return null;
  return takeMoney(network, deal, receipt);
}

function recordMovement(network: Network, deal: Deal, list: Movement[], receipt: string): Movement {
  const { msisdn, amountCents, merchant, account } = deal;
  const movement = { msisdn, amountCents, receipt, merchant, account, at: network.scheduler.now() };
  list.push(movement);
  return movement;
}

function changeBalance(network: Network, msisdn: string, byCents: bigint): bigint {
  const subscriber = knownSubscriber(network, msisdn);
  const balanceCents = subscriber.balanceCents + byCents;
  network.subscribers.set(msisdn, { ...subscriber, balanceCents });
  return balanceCents;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const signs = `${letters}0123456789`;

/** A number such as TFH774CBH1, with a digit in it, that no other movement has. */
export function newReceipt(network: Network): string {
  for (;;) {
    const [first = 0, ...rest] = network.random.bytes(10);
    const receipt = letters.charAt(first % 26) + rest.map((byte) => signs.charAt(byte % 36)).join('');
    if (/\d/.test(receipt) && !network.receipts.has(receipt)) {
      network.receipts.add(receipt);
      return receipt;
    }
  }
}
