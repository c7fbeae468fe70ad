import type { FailureCode, LivePrompt, Network, Prompt, PromptOutcome } from './network.ts';
import { deliverSms, knownSubscriber, takeMoney, tellListeners } from './network.ts';
import { tooLittleSms } from './texts.ts';

export interface PromptRequest {
  readonly msisdn: string;
  readonly amountCents: bigint;
  readonly merchant: string;
  readonly account: string;
  /** Called once, never before `prompt` has returned. */
  readonly onOutcome: (outcome: PromptOutcome) => void;
  /** What a prompt that nobody answers ends with: M-Pesa reports either. 1037 unless told. */
  readonly noPinCode?: 1019 | 1037;
}

/** `gone`: no such prompt is open any more. `off`: the phone is switched off, nobody can press anything. */
export type PressResult = 'done' | 'gone' | 'off';

/** How long M-Pesa waits for a PIN. */
export const promptLifeMs = 60_000;
/** How long M-Pesa looks for a phone that is off. */
export const unreachableMs = 30_000;
/** How long M-Pesa takes to refuse a prompt that it never puts on a phone. */
export const refusalMs = 1_000;
/** Within it M-Pesa refuses the same phone and amount (code 17). */
export const sameAmountMs = 120_000;

interface Fate {
  readonly endCode: FailureCode;
  readonly lifeMs: number;
  readonly shown: boolean;
  /** false: M-Pesa refuses it outright, so that it neither holds the phone nor counts for "same amount". */
  readonly takenUp: boolean;
}

export function askPrompt(network: Network, request: PromptRequest): string {
  const now = network.scheduler.now();
  const fate = fateOf(network, request, now);
  network.promptCount += 1;
  const live: LivePrompt = {
    id: `prompt-${network.promptCount}`,
    msisdn: request.msisdn,
    amountCents: request.amountCents,
    merchant: request.merchant,
    account: request.account,
    at: now,
    endsAt: new Date(now.getTime() + fate.lifeMs),
    endCode: fate.endCode,
    shown: fate.shown,
    onOutcome: request.onOutcome,
    stopTimer: () => {},
  };
  if (fate.takenUp) {
    network.locks.set(live.msisdn, live.id);
    network.asked.set(sameAmountKey(live), now.getTime());
  }
  keepLive(network, live);
  tellListeners(network);
  return live.id;
}

/** Also for a prompt that came back from a snapshot: what fell due meanwhile ends at once. */
export function keepLive(network: Network, live: LivePrompt): void {
  network.live.set(live.id, live);
  const leftMs = live.endsAt.getTime() - network.scheduler.now().getTime();
  live.stopTimer = network.scheduler.after(Math.max(0, leftMs), () => {
    end(network, live, { code: live.endCode, at: network.scheduler.now() });
  });
}

function fateOf(network: Network, request: PromptRequest, now: Date): Fate {
  const refused = { lifeMs: refusalMs, shown: false, takenUp: false };
  if (network.locks.has(request.msisdn)) return { ...refused, endCode: 1001 };
  const askedAt = network.asked.get(sameAmountKey(request));
  if (askedAt !== undefined && now.getTime() - askedAt < sameAmountMs) return { ...refused, endCode: 17 };
  const reached = network.subscribers.get(request.msisdn)?.on === true;
  if (!reached) return { endCode: 1037, lifeMs: unreachableMs, shown: false, takenUp: true };
  return { endCode: request.noPinCode ?? 1037, lifeMs: promptLifeMs, shown: true, takenUp: true };
}

const sameAmountKey = (of: Pick<Prompt, 'msisdn' | 'amountCents'>): string =>
  `${of.msisdn} ${of.amountCents}`;

function end(network: Network, live: LivePrompt, outcome: PromptOutcome): void {
  live.stopTimer();
  network.live.delete(live.id);
  if (network.locks.get(live.msisdn) === live.id) network.locks.delete(live.msisdn);
  tellListeners(network);
  live.onOutcome?.(outcome);
}

export function watchPrompt(
  network: Network,
  promptId: string,
  onOutcome: PromptRequest['onOutcome'],
): boolean {
  const live = network.live.get(promptId);
  if (live === undefined) return false;
  live.onOutcome = onOutcome;
  return true;
}

export function shownPrompts(network: Network, msisdn: string): readonly Prompt[] {
  const live = network.live.get(network.locks.get(msisdn) ?? '');
  const on = network.subscribers.get(msisdn)?.on === true;
  return live?.shown && on ? [live] : [];
}

export function enterPin(network: Network, promptId: string, pin: string): PressResult {
  return press(network, promptId, (live) => payWithPin(network, live, pin));
}

export function cancelPrompt(network: Network, promptId: string): PressResult {
  return press(network, promptId, () => ({ code: 1032, at: network.scheduler.now() }));
}

function press(network: Network, promptId: string, act: (live: LivePrompt) => PromptOutcome): PressResult {
  const live = network.live.get(promptId);
  if (!live?.shown) return 'gone';
  if (!knownSubscriber(network, live.msisdn).on) return 'off';
  end(network, live, act(live));
  return 'done';
}

function payWithPin(network: Network, live: LivePrompt, pin: string): PromptOutcome {
  const subscriber = knownSubscriber(network, live.msisdn);
  const at = network.scheduler.now();
  if (subscriber.pin !== pin) return { code: 2001, at };
  if (subscriber.balanceCents < live.amountCents) {
    const { merchant, amountCents } = live;
    const text = tooLittleSms({ merchant, amountCents, balanceCents: subscriber.balanceCents });
    deliverSms(network, live.msisdn, 'MPESA', text);
    return { code: 1, at };
  }
  const movement = takeMoney(network, live);
  return { code: 0, receipt: movement.receipt, at: movement.at };
}
