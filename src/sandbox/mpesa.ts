/** Simulated phones on a simulated M-Pesa, shared by every simulated gateway. Words: `mpesa/network.ts`. */
import type { Random } from '../domain/random.ts';
import type { Movement, Prompt, Sms, Subscriber } from './mpesa/network.ts';
import {
  createNetwork,
  deliverSms,
  giveMoney,
  knownSubscriber,
  newReceipt,
  payFromMenu,
  putSubscriber,
} from './mpesa/network.ts';
import type { PressResult, PromptRequest } from './mpesa/prompts.ts';
import { askPrompt, cancelPrompt, enterPin, shownPrompts, watchPrompt } from './mpesa/prompts.ts';
import type { MpesaSnapshot } from './mpesa/snapshot.ts';
import { restoreSnapshot, takeSnapshot } from './mpesa/snapshot.ts';
import type { Scheduler } from './scheduler.ts';

export interface MpesaDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
}

export interface Mpesa {
  /** Adds a phone, or replaces it. It is on unless told. */
  addSubscriber(subscriber: Omit<Subscriber, 'on'> & { readonly on?: boolean }): void;
  subscribers(): readonly Subscriber[];
  subscriber(msisdn: string): Subscriber | null;
  setOn(msisdn: string, on: boolean): void;
  setBalance(msisdn: string, balanceCents: bigint): void;
  /** Asks for a prompt on the phone; answers its id. Whatever comes of it, also "busy", comes through `onOutcome`. */
  prompt(request: PromptRequest): string;
  /** Gives a prompt that came back with `restore` its listener again; false when it is over. */
  watch(promptId: string, onOutcome: PromptRequest['onOutcome']): boolean;
  /** The prompt that stands on the phone's screen, if any. */
  prompts(msisdn: string): readonly Prompt[];
  enterPin(promptId: string, pin: string): PressResult;
  cancel(promptId: string): PressResult;
  /** Sends money to the phone at once (B2C); null when M-Pesa does not know the number. */
  payOut(request: Omit<PromptRequest, 'onOutcome' | 'noPinCode'>): Movement | null;
  /** A receipt number that no movement has, for one that is announced before it happens. */
  newReceipt(): string;
  /** The customer pays from the M-Pesa menu (C2B); null when the number is unknown, off, or has too little. */
  payIn(request: Omit<PromptRequest, 'onOutcome' | 'noPinCode'>, receipt: string): Movement | null;
  /** Money that left phones, oldest first: one movement for each paid prompt and each payment from the menu. */
  moved(): readonly Movement[];
  /** Money that was sent to phones, oldest first. */
  paidOut(): readonly Movement[];
  smsInbox(msisdn: string): readonly Sms[];
  deliverSms(msisdn: string, from: string, text: string): void;
  /** Called after every change; the returned function ends it. */
  onChange(listener: () => void): () => void;
  snapshot(): MpesaSnapshot;
  restore(snapshot: MpesaSnapshot): void;
}

export function createMpesa(deps: MpesaDeps): Mpesa {
  const network = createNetwork(deps.scheduler, deps.random);
  return {
    addSubscriber: (subscriber) => putSubscriber(network, { on: true, ...subscriber }),
    subscribers: () => [...network.subscribers.values()],
    subscriber: (msisdn) => network.subscribers.get(msisdn) ?? null,
    setOn: (msisdn, on) => putSubscriber(network, { ...knownSubscriber(network, msisdn), on }),
    setBalance: (msisdn, balanceCents) =>
      putSubscriber(network, { ...knownSubscriber(network, msisdn), balanceCents }),
    prompt: (request) => askPrompt(network, request),
    watch: (promptId, onOutcome) => watchPrompt(network, promptId, onOutcome),
    prompts: (msisdn) => shownPrompts(network, msisdn),
    enterPin: (promptId, pin) => enterPin(network, promptId, pin),
    cancel: (promptId) => cancelPrompt(network, promptId),
    payOut: (request) => giveMoney(network, request),
    newReceipt: () => newReceipt(network),
    payIn: (request, receipt) => payFromMenu(network, request, receipt),
    moved: () => network.moved,
    paidOut: () => network.paidOut,
    smsInbox: (msisdn) => network.inboxes.get(msisdn) ?? [],
    deliverSms: (msisdn, from, text) => deliverSms(network, msisdn, from, text),
    onChange: (listener) => {
      network.listeners.add(listener);
      return () => network.listeners.delete(listener);
    },
    snapshot: () => takeSnapshot(network),
    restore: (snapshot) => restoreSnapshot(network, snapshot),
  };
}
