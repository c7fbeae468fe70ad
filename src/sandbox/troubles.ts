/**
 * What can go wrong on the desk, each for the next prompt. Some are the gateway's own; the others are phones that do by
 * themselves what a person there might do.
 */
import type { BluepayControl } from './bluepay/control.ts';
import type { Fault } from './bluepay/faults.ts';
import type { Saved } from './desk-file.ts';
import type { Mpesa } from './mpesa.ts';
import type { Scheduler } from './scheduler.ts';

const gatewayTroubles = {
  'callback-lost': { fault: 'callback_lost' },
  'callback-late': { fault: 'callback_late' },
  'callback-twice': { fault: 'callback_twice' },
  'callback-forged': { fault: 'callback_forged' },
  // Long enough to be seen, within what the program waits for.
  'gateway-slow': { fault: 'slow', setting: 8000 },
  'gateway-drops': { fault: 'drop_after_accept' },
  'gateway-500': { fault: 'http_500' },
} as const satisfies Record<string, { readonly fault: Fault; readonly setting?: number }>;
type GatewayTrouble = keyof typeof gatewayTroubles;

const phoneTroubles = ['customer-cancels', 'wrong-pin', 'no-money'] as const;
type PhoneTrouble = (typeof phoneTroubles)[number];

/** In the order of the page. */
export const troubleNames = [
  ...phoneTroubles,
  'phone-off',
  'callback-lost',
  'callback-late',
  'callback-twice',
  'callback-forged',
  'gateway-slow',
  'gateway-drops',
  'gateway-500',
] as const;
export type TroubleName = (typeof troubleNames)[number];

export interface Troubles {
  isArmed(name: TroubleName): boolean;
  arm(name: TroubleName, armed: boolean): void;
  onChange(listener: () => void): void;
  snapshot(): Saved['troubles'];
  restore(saved: Saved['troubles']): void;
  close(): void;
}

export interface TroublesDeps {
  readonly scheduler: Scheduler;
  readonly mpesa: Mpesa;
  readonly bluepay: BluepayControl;
}

interface Plan extends TroublesDeps {
  readonly armed: Set<PhoneTrouble>;
  /** Prompts that were looked at once. */
  readonly met: Set<string>;
  readonly timers: Set<() => void>;
  readonly listeners: Set<() => void>;
  /** Phones that were switched off here, and the last STK push before. */
  dark: { msisdns: string[]; sinceStk: number } | null;
}

/** So that whoever looks at the phone sees the prompt before it is answered. */
const thinkingMs = 1500;

export function createTroubles(deps: TroublesDeps): Troubles {
  const plan: Plan = {
    ...deps,
    armed: new Set(),
    met: new Set(),
    timers: new Set(),
    listeners: new Set(),
    dark: null,
  };
  const look = (): void => {
    meetPrompts(plan);
    watchDark(plan);
  };
  const leave = [deps.mpesa.onChange(look), deps.bluepay.onChange(look)];
  return {
    isArmed: (name) => isArmed(plan, name),
    arm: (name, armed) => {
      if (isGateways(name)) armGateway(plan, name, armed);
      else if (name === 'phone-off') (armed ? darken : lighten)(plan);
      else if (armed) plan.armed.add(name);
      else plan.armed.delete(name);
      changed(plan);
    },
    onChange: (listener) => void plan.listeners.add(listener),
    snapshot: () => ({ armed: [...plan.armed], dark: plan.dark }),
    restore: (saved) => {
      for (const name of phoneTroubles) if (saved.armed.includes(name)) plan.armed.add(name);
      plan.dark = saved.dark;
      look();
    },
    close: () => {
      for (const stop of leave) stop();
      for (const cancel of plan.timers) cancel();
    },
  };
}

function changed(plan: Plan): void {
  for (const listener of plan.listeners) listener();
}

function isGateways(name: TroubleName): name is GatewayTrouble {
  return name in gatewayTroubles;
}

function isArmed(plan: Plan, name: TroubleName): boolean {
  if (name === 'phone-off') return plan.dark !== null;
  if (!isGateways(name)) return plan.armed.has(name);
  return plan.bluepay.armed().some(({ fault }) => fault === gatewayTroubles[name].fault);
}

function armGateway({ bluepay }: Plan, name: GatewayTrouble, armed: boolean): void {
  const trouble: { readonly fault: Fault; readonly setting?: number } = gatewayTroubles[name];
  if (armed) bluepay.arm(trouble.fault, trouble.setting);
  else bluepay.clear(trouble.fault);
}

function meetPrompts(plan: Plan): void {
  const { mpesa, met, armed, timers, scheduler } = plan;
  for (const { msisdn } of mpesa.subscribers())
    for (const { id } of mpesa.prompts(msisdn)) {
      if (met.has(id)) continue;
      met.add(id);
      const trouble = phoneTroubles.find((name) => armed.has(name));
      if (trouble === undefined) continue;
      const cancel = scheduler.after(thinkingMs, () => {
        timers.delete(cancel);
        armed.delete(trouble);
        answer(mpesa, trouble, msisdn, id);
        changed(plan);
      });
      timers.add(cancel);
    }
}

/** No money: it is taken out of the account for the length of the press, so that M-Pesa itself finds too little. */
function answer(mpesa: Mpesa, trouble: PhoneTrouble, msisdn: string, promptId: string): void {
  const subscriber = mpesa.subscriber(msisdn);
  if (subscriber === null) return;
  const { pin, balanceCents } = subscriber;
  if (trouble === 'customer-cancels') mpesa.cancel(promptId);
  else if (trouble === 'wrong-pin') mpesa.enterPin(promptId, pin === '0000' ? '1111' : '0000');
  else {
    mpesa.setBalance(msisdn, 0n);
    mpesa.enterPin(promptId, pin);
    mpesa.setBalance(msisdn, balanceCents);
  }
}

function darken(plan: Plan): void {
  const { mpesa, bluepay } = plan;
  if (plan.dark !== null) return;
  const msisdns = mpesa.subscribers().flatMap(({ msisdn, on }) => (on ? [msisdn] : []));
  for (const msisdn of msisdns) mpesa.setOn(msisdn, false);
  const sinceStk = bluepay.stks().reduce((last, { id }) => Math.max(last, id), 0);
  plan.dark = { msisdns, sinceStk };
}

function lighten(plan: Plan): void {
  const msisdns = plan.dark?.msisdns ?? [];
  plan.dark = null;
  for (const msisdn of msisdns) plan.mpesa.setOn(msisdn, true);
  changed(plan);
}

/** The phones come back when M-Pesa has given up looking for one, or when somebody switched one on. */
function watchDark(plan: Plan): void {
  if (plan.dark === null) return;
  const { mpesa, bluepay } = plan;
  const { msisdns, sinceStk } = plan.dark;
  const missed = bluepay
    .stks()
    .some(({ id, phone, status }) => id > sinceStk && msisdns.includes(phone) && status !== 'PENDING');
  if (missed || msisdns.some((msisdn) => mpesa.subscriber(msisdn)?.on)) lighten(plan);
}
