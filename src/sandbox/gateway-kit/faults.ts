/**
 * Bad days, armed before they happen, by the same names at every simulated gateway: each strikes the next request or
 * prompt that it fits, as often as it was armed. BluePay, the first one, has a list of its own.
 */

/** How an endpoint answers. The bare name strikes the STK push; another operation's carries it: `status_slow`. */
const answerFaults = [
  // Before the gateway has read the request: nothing happens.
  'drop_before_accept',
  'http_500',
  // After it has done what was asked.
  'slow',
  'drop_after_accept',
  'http_502',
  'truncated_json',
  'html_200',
  'oversized',
] as const;
export type AnswerFault = (typeof answerFaults)[number];

const operations = ['stk', 'status', 'token', 'sms', 'b2c', 'other'] as const;
/** `other`: what a merchant sets up or looks at. */
export type Operation = (typeof operations)[number];

const callbackFaults = [
  'callback_lost',
  'callback_late',
  'callback_twice',
  /** Somebody else posts "paid" for the prompt as soon as it is on the phone; the true result comes as well. */
  'callback_forged',
  'callback_before_answer',
  'callback_malformed',
  'callback_without_phone',
  'callback_unknown_fields',
  /** Numbers as strings. */
  'callback_texts',
  /** What the gateway tells, in callbacks and look-ups; the phone is asked for the right one. */
  'wrong_amount',
] as const;

const ownFaults = [
  /** The next STK push finds its credentials refused. */
  'unauthorized',
  /** The gateway's own documented way to say that M-Pesa did not take the push. */
  'refused',
  'token_unauthorized',
  /** The look-up knows of no such payment. */
  'status_not_found',
] as const;

export type Fault =
  | AnswerFault
  | `${Exclude<Operation, 'stk'>}_${AnswerFault}`
  | (typeof callbackFaults)[number]
  | (typeof ownFaults)[number];

export function faultOf(operation: Operation, fault: AnswerFault): Fault {
  return operation === 'stk' ? fault : `${operation}_${fault}`;
}

export const allFaults: readonly Fault[] = [
  ...operations.flatMap((operation) => answerFaults.map((fault) => faultOf(operation, fault))),
  ...callbackFaults,
  ...ownFaults,
];

/** Milliseconds for what is slow or late; shillings for `wrong_amount` (0: one more than asked); else without meaning. */
function defaultSetting(fault: Fault): number {
  if (fault.endsWith('slow')) return 20_000;
  return fault === 'callback_late' ? 45_000 : 0;
}

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
    arm: (fault, setting = defaultSetting(fault), times = 1) => {
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

/** What will become of one payment's callback; settled when the prompt is made. */
export interface CallbackPlan {
  readonly lost: boolean;
  readonly lateMs: number;
  readonly copies: 1 | 2;
  readonly forged: boolean;
  readonly malformed: boolean;
  readonly withoutPhone: boolean;
  readonly unknownFields: boolean;
  readonly texts: boolean;
}

export function takeCallbackPlan({ take }: Faults): CallbackPlan {
  return {
    lost: take('callback_lost') !== null,
    lateMs: take('callback_late') ?? 0,
    copies: take('callback_twice') === null ? 1 : 2,
    forged: take('callback_forged') !== null,
    malformed: take('callback_malformed') !== null,
    withoutPhone: take('callback_without_phone') !== null,
    unknownFields: take('callback_unknown_fields') !== null,
    texts: take('callback_texts') !== null,
  };
}
