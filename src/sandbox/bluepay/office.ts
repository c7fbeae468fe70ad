import type { Random } from '../../domain/random.ts';
import type { Timers } from '../gateway-kit/timers.ts';
import type { Mpesa } from '../mpesa.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Faults } from './faults.ts';
import type { Store } from './store.ts';
import type { Webhooks } from './webhooks.ts';
import type { Answer } from './wire.ts';

/** What a phone does by itself with a prompt, so that a load test needs no fingers. */
export type AutoOutcome = 'pay' | 'cancel' | 'wrong_pin' | 'ignore';

/** What every endpoint works with. */
export interface Office {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly mpesa: Mpesa;
  readonly store: Store;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  /** Phone, or `*` for every other one → what it does. */
  readonly autos: Map<string, AutoOutcome>;
  /** For what belongs to rows: it starts again from the rows after a restore. */
  readonly rowTimers: Timers;
  /** For answers that are held back. */
  readonly answerTimers: Timers;
  readonly changed: () => void;
}

/** One HTTP request, read but not yet understood. */
export interface Call {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly contentType: string | undefined;
  readonly text: string;
  /** Run once the answer has left, or the connection is gone. */
  readonly afterAnswer: (() => void)[];
}

export interface Route {
  readonly methods: readonly string[];
  readonly handle: (office: Office, call: Call) => Answer | Promise<Answer>;
}
