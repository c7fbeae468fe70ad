/**
 * Bad days, armed before they happen: each strikes the next request or prompt that it fits, as often as it was armed.
 *
 * The number is the setting when none is given: milliseconds for what is slow or late, shillings for `wrong_amount`
 * (0: one shilling more than asked), and without meaning elsewhere.
 */
export const faultSettings = {
  // How BluePay answers the STK push.
  drop_before_accept: 0,
  http_500: 0,
  unauthorized: 0,
  insufficient_prepaid: 0,
  channel_inactive: 0,
  slow: 20_000,
  drop_after_accept: 0,
  http_502: 0,
  http_502_refused: 0,
  truncated_json: 0,
  html_200: 0,
  oversized: 0,
  // What becomes of the callback, and of what BluePay tells.
  callback_lost: 0,
  callback_late: 45_000,
  callback_twice: 0,
  callback_twice_new_key: 0,
  callback_forged: 0,
  callback_before_answer: 0,
  wrong_amount: 0,
  pending_receipt: 0,
  // Status look-ups.
  status_500: 0,
  status_slow: 20_000,
  status_not_found: 0,
  // SMS.
  sms_slow: 20_000,
  sms_rejected: 0,
  sms_not_configured: 0,
  // B2C.
  b2c_drop_after_accept: 0,
  b2c_gateway_error: 0,
  b2c_unavailable: 0,
  b2c_failed: 0,
  b2c_callback_lost: 0,
} as const;
export type Fault = keyof typeof faultSettings;

export interface ArmedFault {
  readonly fault: Fault;
  readonly setting: number;
  /** How often it still strikes. */
  readonly times: number;
}

export interface Faults {
  arm(fault: Fault, setting?: number, times?: number): void;
  clear(fault: Fault): void;
  clearAll(): void;
  armed(): readonly ArmedFault[];
  /** Its setting when it strikes now, which uses it up once; null when it is not armed. */
  take(fault: Fault): number | null;
}

export function createFaults(): Faults {
  const armed = new Map<Fault, ArmedFault>();
  return {
    arm: (fault, setting = faultSettings[fault], times = 1) => {
      armed.set(fault, { fault, setting, times });
    },
    clear: (fault) => {
      armed.delete(fault);
    },
    clearAll: () => armed.clear(),
    armed: () => [...armed.values()],
    take: (fault) => {
      const one = armed.get(fault);
      if (one === undefined) return null;
      if (one.times > 1) armed.set(fault, { ...one, times: one.times - 1 });
      else armed.delete(fault);
      return one.setting;
    },
  };
}

/** What will become of one prompt's callback; settled when the prompt is made. */
export interface CallbackPlan {
  readonly lost: boolean;
  readonly lateMs: number;
  readonly copies: 1 | 2;
  /** true: the second copy carries an Idempotency-Key of its own. */
  readonly freshKeys: boolean;
  /** true: signed with a key that is not the merchant's. */
  readonly forged: boolean;
  readonly pendingReceipt: boolean;
}

export function takeCallbackPlan(faults: Faults): CallbackPlan {
  const twice = faults.take('callback_twice') !== null;
  const freshKeys = faults.take('callback_twice_new_key') !== null;
  return {
    lost: faults.take('callback_lost') !== null,
    lateMs: faults.take('callback_late') ?? 0,
    copies: twice || freshKeys ? 2 : 1,
    freshKeys,
    forged: faults.take('callback_forged') !== null,
    pendingReceipt: faults.take('pending_receipt') !== null,
  };
}
