/**
 * What can go wrong on the desk, each for the next prompt. Some are the gateway's own, whichever the prompt goes through;
 * the others are phones that do by themselves what a person there might do.
 */
import type { Saved } from './desk-file.ts';
import type { GatewayAtDesk, SharedFault } from './gateway-at-desk.ts';
import type { DeskGatewayKind } from './gateway-names.ts';
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
} as const satisfies Record<string, { readonly fault: SharedFault; readonly setting?: number }>;
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
  /** Those that listen; there may be more of them later. */
  readonly gateways: () => readonly GatewayAtDesk[];
  readonly onGatewayChange: (listener: () => void) => () => void;
}

interface Plan extends TroublesDeps {
  readonly armed: Set<PhoneTrouble>;
  /** Which gateway the next prompt goes through is the shop's choice: each of them is ready for it. */
  readonly armedAt: Map<GatewayTrouble, Set<DeskGatewayKind>>;
  /** Prompts that were looked at once. */
  readonly met: Set<string>;
  readonly timers: Set<() => void>;
  readonly listeners: Set<() => void>;
  /** Phones that were switched off here, and when, in milliseconds. */
  dark: { msisdns: string[]; since: number } | null;
}

/** So that whoever looks at the phone sees the prompt before it is answered. */
const thinkingMs = 1500;

export function createTroubles(deps: TroublesDeps): Troubles {
  const plan: Plan = {
    ...deps,
    armed: new Set(),
    armedAt: new Map(),
    met: new Set(),
    timers: new Set(),
    listeners: new Set(),
    dark: null,
  };
  const look = (): void => {
    meetPrompts(plan);
    watchGateways(plan);
    watchDark(plan);
  };
  const leave = [deps.mpesa.onChange(look), deps.onGatewayChange(look)];
  return {
    isArmed: (name) => isArmed(plan, name),
    arm: (name, armed) => {
      if (isGateways(name)) (armed ? armGateways : disarm)(plan, name);
      else if (name === 'phone-off') (armed ? darken : lighten)(plan);
      else if (armed) plan.armed.add(name);
      else plan.armed.delete(name);
      changed(plan);
    },
    onChange: (listener) => void plan.listeners.add(listener),
    snapshot: () => ({ armed: [...plan.armed], dark: plan.dark }),
    restore: (saved) => {
      for (const name of phoneTroubles) if (saved.armed.includes(name)) plan.armed.add(name);
      restoreGateways(plan);
      const { dark } = saved;
      const now = plan.scheduler.now().getTime();
      plan.dark = dark === null ? null : { msisdns: dark.msisdns, since: dark.since ?? now };
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

function isGateways(name: string): name is GatewayTrouble {
  return name in gatewayTroubles;
}

function isArmed(plan: Plan, name: TroubleName): boolean {
  if (name === 'phone-off') return plan.dark !== null;
  if (!isGateways(name)) return plan.armed.has(name);
  return plan.armedAt.has(name);
}

function armGateways(plan: Plan, name: GatewayTrouble): void {
  const at = plan.armedAt.get(name) ?? new Set();
  plan.armedAt.set(name, at);
  const trouble: { readonly fault: SharedFault; readonly setting?: number } = gatewayTroubles[name];
  for (const gateway of plan.gateways()) {
    if (at.has(gateway.kind)) continue;
    // First: arming is a change, at which everybody looks again.
    at.add(gateway.kind);
    gateway.arm(trouble.fault, trouble.setting);
  }
}

function disarm(plan: Plan, name: GatewayTrouble): void {
  plan.armedAt.delete(name);
  for (const gateway of plan.gateways()) gateway.clear(gatewayTroubles[name].fault);
}

/** It is for one prompt: where it has struck at one gateway, the others are rid of it. A gateway that is new joins in. */
function watchGateways(plan: Plan): void {
  for (const [name, at] of plan.armedAt) {
    const { fault } = gatewayTroubles[name];
    const struck = plan.gateways().some((gateway) => at.has(gateway.kind) && !gateway.isArmed(fault));
    if (struck) disarm(plan, name);
    else if (plan.gateways().some(({ kind }) => !at.has(kind))) armGateways(plan, name);
  }
}

function restoreGateways(plan: Plan): void {
  const gateways = plan.gateways();
  for (const name of Object.keys(gatewayTroubles).filter(isGateways)) {
    const { fault } = gatewayTroubles[name];
    const armed = gateways.filter((gateway) => gateway.isArmed(fault));
    if (armed.length > 0) plan.armedAt.set(name, new Set(armed.map(({ kind }) => kind)));
  }
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
  const { mpesa, scheduler } = plan;
  if (plan.dark !== null) return;
  const msisdns = mpesa.subscribers().flatMap(({ msisdn, on }) => (on ? [msisdn] : []));
  for (const msisdn of msisdns) mpesa.setOn(msisdn, false);
  plan.dark = { msisdns, since: scheduler.now().getTime() };
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
  const { mpesa, gateways } = plan;
  const { msisdns, since } = plan.dark;
  const missed = gateways().some((gateway) =>
    gateway.answeredSince(since).some((phone) => msisdns.includes(phone)),
  );
  if (missed || msisdns.some((msisdn) => mpesa.subscriber(msisdn)?.on)) lighten(plan);
}
