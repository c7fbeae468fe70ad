/**
 * What can go wrong on the desk, each for the next prompt. Some are the gateway's own; the others are phones that do by
 * themselves what a person there might do.
 */
import type { BluepayControl } from './bluepay/control.ts';
import type { Fault } from './bluepay/faults.ts';
import type { Saved } from './desk-file.ts';
import type { Mpesa } from './mpesa.ts';
import type { Scheduler } from './scheduler.ts';
import type { TelegramControl } from './telegram/control.ts';

const gatewayTroubles = {
  'callback-lost': ['callback_lost'],
  'callback-late': ['callback_late'],
  'callback-twice': ['callback_twice'],
  'callback-forged': ['callback_forged'],
  // Long enough to be seen, within what the program waits for.
  'gateway-slow': ['slow', 8000],
  'gateway-drops': ['drop_after_accept'],
  'gateway-500': ['http_500'],
} as const satisfies Record<string, readonly [Fault, number?]>;
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
  /** Telegram answers nobody for a while, which starts anew with each call. */
  takeTelegramDown(): void;
  readonly telegramDownUntil: Date | null;
  onChange(listener: () => void): void;
  snapshot(): Saved['troubles'];
  restore(saved: Saved['troubles']): void;
  close(): void;
}

export interface TroublesDeps {
  readonly scheduler: Scheduler;
  readonly mpesa: Mpesa;
  readonly bluepay: BluepayControl;
  readonly telegram: TelegramControl;
}

/** So that whoever looks at the phone sees the prompt before it is answered. */
const thinkingMs = 1500;
const telegramDownMs = 20_000;

export function createTroubles(deps: TroublesDeps): Troubles {
  const { scheduler, mpesa, bluepay, telegram } = deps;
  const armed = new Set<PhoneTrouble>();
  const met = new Set<string>();
  const timers = new Set<() => void>();
  const listeners = new Set<() => void>();
  /** Phones that were switched off here, and the last STK push before. */
  let dark: { msisdns: string[]; sinceStk: number } | null = null;
  let down: { until: Date; end: () => void } | null = null;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  function later(ms: number, run: () => void): () => void {
    const cancel = scheduler.after(ms, () => {
      timers.delete(cancel);
      run();
    });
    timers.add(cancel);
    return cancel;
  }

  function meetPrompts(): void {
    for (const { msisdn } of mpesa.subscribers())
      for (const { id } of mpesa.prompts(msisdn)) {
        if (met.has(id)) continue;
        met.add(id);
        const trouble = phoneTroubles.find((name) => armed.has(name));
        if (trouble === undefined) continue;
        later(thinkingMs, () => {
          armed.delete(trouble);
          answer(mpesa, trouble, msisdn, id);
          changed();
        });
      }
  }

  function darken(): void {
    const msisdns = mpesa.subscribers().flatMap(({ msisdn, on }) => (on ? [msisdn] : []));
    for (const msisdn of msisdns) mpesa.setOn(msisdn, false);
    dark = { msisdns, sinceStk: lastStk() };
  }

  function lighten(): void {
    const msisdns = dark?.msisdns ?? [];
    dark = null;
    for (const msisdn of msisdns) mpesa.setOn(msisdn, true);
    changed();
  }

  const lastStk = (): number => bluepay.stks().reduce((last, { id }) => Math.max(last, id), 0);

  /** The phone comes back when M-Pesa has given up looking for it, or when somebody switched it on. */
  function watchDark(): void {
    if (dark === null) return;
    const { msisdns, sinceStk } = dark;
    const missed = bluepay
      .stks()
      .some(({ id, phone, status }) => id > sinceStk && msisdns.includes(phone) && status !== 'PENDING');
    if (missed || msisdns.some((msisdn) => mpesa.subscriber(msisdn)?.on)) lighten();
  }

  function arm(name: TroubleName, on: boolean): void {
    if (isGateways(name)) {
      const [fault, setting] = gatewayTroubles[name] as readonly [Fault, number?];
      if (on) bluepay.arm(fault, setting);
      else bluepay.clear(fault);
    } else if (name === 'phone-off') {
      if (on && dark === null) darken();
      if (!on) lighten();
    } else if (on) armed.add(name);
    else armed.delete(name);
    changed();
  }

  const leave = [mpesa.onChange(meetPrompts), mpesa.onChange(watchDark), bluepay.onChange(watchDark)];

  return {
    isArmed: (name) => {
      if (name === 'phone-off') return dark !== null;
      if (!isGateways(name)) return armed.has(name);
      return bluepay.armed().some(({ fault }) => fault === gatewayTroubles[name][0]);
    },
    arm,
    takeTelegramDown: () => {
      down?.end();
      telegram.setDown(true);
      const end = later(telegramDownMs, () => {
        down = null;
        telegram.setDown(false);
        changed();
      });
      down = { until: new Date(scheduler.now().getTime() + telegramDownMs), end };
      changed();
    },
    get telegramDownUntil() {
      return down?.until ?? null;
    },
    onChange: (listener) => void listeners.add(listener),
    snapshot: () => ({ armed: [...armed], dark }),
    restore: (saved) => {
      for (const name of phoneTroubles) if (saved.armed.includes(name)) armed.add(name);
      dark = saved.dark;
      meetPrompts();
      watchDark();
    },
    close: () => {
      for (const stop of leave) stop();
      for (const cancel of timers) cancel();
    },
  };
}

function isGateways(name: TroubleName): name is GatewayTrouble {
  return name in gatewayTroubles;
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
