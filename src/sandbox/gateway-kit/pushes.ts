/** STK pushes, from the order to the result and its callback: what every simulated gateway but BluePay has in common. */
import type { Random } from '../../domain/random.ts';
import type { PromptOutcome } from '../mpesa/network.ts';
import { failureTexts } from '../mpesa/network.ts';
import { eatTime } from '../mpesa/texts.ts';
import type { Mpesa } from '../mpesa.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Courier } from './courier.ts';
import { stkCallback } from './daraja.ts';
import type { CallbackPlan, Faults } from './faults.ts';
import { takeCallbackPlan } from './faults.ts';
import type { Call } from './server.ts';

/** What a phone does by itself with a prompt, so that a load test needs no fingers. */
export type AutoOutcome = 'pay' | 'cancel' | 'wrong_pin' | 'ignore';

export interface PushOrder {
  /** The id that the gateway answers with. */
  readonly id: string;
  /** '' where the gateway gives none. */
  readonly merchantRequestId: string;
  readonly accountId: string;
  /** On the phone: who asks, and for which account. */
  readonly merchant: string;
  readonly reference: string;
  readonly description: string;
  /** 2547… or 2541… */
  readonly phone: string;
  readonly amountKes: number;
  /** Of this push; null: what the account has when the result is there. */
  readonly callbackUrl: string | null;
}

export interface PushResult {
  /** Daraja's. */
  readonly code: number;
  readonly words: string;
  /** null: not paid. */
  readonly receipt: string | null;
  readonly at: number;
}

export interface Push extends PushOrder {
  /** What the gateway tells; differs only under the fault `wrong_amount`. */
  readonly toldKes: number;
  readonly createdAt: number;
  readonly plan: CallbackPlan;
  readonly promptId: string;
  /** null: not known yet. */
  result: PushResult | null;
}

export interface Pushes {
  /** Puts the prompt on the phone; what the phone does by itself, it does once the answer has left. */
  place(order: PushOrder, call: Call): Promise<Push>;
  find(id: string): Push | null;
  all(): readonly Push[];
  snapshot(): readonly Push[];
  /** The phones are restored first: live prompts are found there again. */
  restore(pushes: readonly Push[]): void;
}

export interface PushDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly mpesa: Mpesa;
  readonly faults: Faults;
  readonly courier: Courier;
  /** Phone, or `*` for every other one → what it does. */
  readonly autos: ReadonlyMap<string, AutoOutcome>;
  /** Where the result of a push without a URL of its own goes; null: nowhere. */
  readonly callbackUrlOf: (push: Push) => string | null;
  readonly settled: (push: Push) => void;
  readonly changed: () => void;
}

export function createPushes(deps: PushDeps): Pushes {
  const { mpesa } = deps;
  const pushes = new Map<string, Push>();
  return {
    place: (order, call) => place(deps, pushes, order, call),
    find: (id) => pushes.get(id) ?? null,
    all: () => [...pushes.values()],
    snapshot: () => structuredClone([...pushes.values()]),
    restore: (stored) => {
      pushes.clear();
      for (const push of structuredClone(stored)) {
        pushes.set(push.id, push);
        if (push.result === null) mpesa.watch(push.promptId, (outcome) => settle(deps, push, outcome));
      }
    },
  };
}

async function place(deps: PushDeps, pushes: Map<string, Push>, order: PushOrder, call: Call): Promise<Push> {
  const { mpesa, faults, courier } = deps;
  const otherKes = faults.take('wrong_amount');
  const plan = takeCallbackPlan(faults);
  const promptId = mpesa.prompt({
    msisdn: order.phone,
    amountCents: BigInt(order.amountKes) * 100n,
    merchant: order.merchant,
    account: order.reference,
    onOutcome: (outcome) => settle(deps, push, outcome),
  });
  const push: Push = {
    ...order,
    toldKes: otherKes === null ? order.amountKes : otherKes || order.amountKes + 1,
    createdAt: deps.scheduler.now().getTime(),
    plan,
    promptId,
    result: null,
  };
  pushes.set(push.id, push);
  deps.changed();
  const forgedTo = plan.forged ? urlOf(deps, push) : null;
  if (forgedTo !== null) call.afterAnswer.push(() => courier.send(forgedTo, forge(deps, push)));
  if (faults.take('callback_before_answer') !== null) {
    actOnPrompt(mpesa, push, 'pay');
    await courier.idle();
  } else call.afterAnswer.push(() => actOnPrompt(mpesa, push, autoOf(deps, push)));
  return push;
}

function autoOf({ autos }: PushDeps, { phone }: Push): AutoOutcome {
  return autos.get(phone) ?? autos.get('*') ?? 'ignore';
}

function actOnPrompt(mpesa: Mpesa, push: Push, act: AutoOutcome): void {
  const pin = mpesa.subscriber(push.phone)?.pin;
  if (pin === undefined || act === 'ignore') return;
  if (act === 'cancel') mpesa.cancel(push.promptId);
  else mpesa.enterPin(push.promptId, act === 'pay' ? pin : `not ${pin}`);
}

function settle(deps: PushDeps, push: Push, outcome: PromptOutcome): void {
  push.result = {
    code: outcome.code,
    words: outcome.code === 0 ? processedWords : failureTexts[outcome.code],
    receipt: outcome.code === 0 ? outcome.receipt : null,
    at: outcome.at.getTime(),
  };
  deps.settled(push);
  deps.changed();
  const url = urlOf(deps, push);
  if (url === null || push.plan.lost) return;
  const sound = stkCallback(push, push.result);
  const body = push.plan.malformed ? sound.slice(0, -12) : sound;
  for (let copy = 0; copy < push.plan.copies; copy += 1) deps.courier.send(url, body, push.plan.lateMs);
}

const processedWords = 'The service request is processed successfully.';

const urlOf = (deps: PushDeps, push: Push): string | null => push.callbackUrl ?? deps.callbackUrlOf(push);

/** A receipt of the right form that M-Pesa never gave. */
function forge(deps: PushDeps, push: Push): string {
  const receipt = `F${deps.random.bytes(6).toString('hex').toUpperCase().slice(0, 9)}`;
  return stkCallback(push, {
    code: 0,
    words: processedWords,
    receipt,
    at: deps.scheduler.now().getTime(),
  });
}

/** `2026-11-21 14:31:00` as `21112026143100`, the way Safaricom begins its checkout ids. */
export function checkoutTime(at: Date): string {
  const [date = '', time = ''] = eatTime(at).split(' ');
  return date.split('-').toReversed().join('') + time.replaceAll(':', '');
}

/** So many random decimal digits, at most nine. */
export function digits(random: Random, count: number): string {
  return String(random.bytes(4).readUInt32BE() % 10 ** count).padStart(count, '0');
}

/** Made anew until no push has it. */
export function freshId(pushes: Pushes, make: () => string): string {
  for (;;) {
    const id = make();
    if (pushes.find(id) === null) return id;
  }
}
