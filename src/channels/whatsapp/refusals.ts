/** What a message's row makes of an answer that is no message: waited out, let go, or shown to a person. */
import type { SendOutcome } from '../channel.ts';
import type { WhatsappAnswer } from './api.ts';
import { type Meaning, meaningOf } from './codes.ts';
import type { Progress } from './progress.ts';

type Scope = Extract<SendOutcome, { kind: 'retry' }>['scope'];

/** `seconds` null: by the outbox's own back-off. */
interface Pause {
  readonly scope: Scope;
  readonly seconds: number | null;
}

type Fate = Pause | 'blocked' | 'dead';

const fates = {
  // An operator who replaces the token or frees the account finds the messages still waiting.
  token: { scope: 'channel', seconds: 60 },
  account: { scope: 'channel', seconds: 60 },
  unpaid: { scope: 'message', seconds: 60 },
  busy: { scope: 'channel', seconds: 15 },
  spam: { scope: 'channel', seconds: 300 },
  pair: { scope: 'lane', seconds: 6 },
  outage: { scope: 'lane', seconds: null },
  doubtful: { scope: 'lane', seconds: null },
  // Dealt with before: by a template, or by waiting for the person.
  window: 'dead',
  template: 'dead',
  blocked: 'blocked',
  ours: 'dead',
} as const satisfies Record<Meaning, Fate>;

/** Meta's advice for a pair is to wait longer each time; a minute is enough for one message every 6 seconds. */
const longestPairSeconds = 96;
/** About half an hour of the outbox's back-off: what Meta still does not name then is the request's own fault. */
const mostDoubts = 30;

/** Counts in `progress` what is not to be tried for ever at the same pace. */
export function outcomeOf(
  answer: Exclude<WhatsappAnswer<unknown>, { kind: 'ok' }>,
  progress: Progress,
): SendOutcome {
  const { detail } = answer;
  // Also where it may have been sent: a message twice is better than none.
  if (answer.kind === 'no_answer') return { kind: 'retry', afterSeconds: null, scope: 'lane', detail };
  const meaning = meaningOf(answer);
  const { refusals } = progress;
  if (meaning === 'doubtful' || meaning === 'pair') progress.refusals++;
  if (meaning === 'doubtful' && refusals >= mostDoubts) return { kind: 'dead', detail };
  const fate: Fate = fates[meaning];
  if (typeof fate === 'string') return { kind: fate, detail };
  const seconds = meaning === 'pair' ? Math.min(6 * 2 ** refusals, longestPairSeconds) : fate.seconds;
  return { kind: 'retry', afterSeconds: longer(seconds, answer.retryAfter), scope: fate.scope, detail };
}

function longer(own: number | null, given: number | null): number | null {
  return given === null ? own : Math.max(own ?? 0, given);
}
