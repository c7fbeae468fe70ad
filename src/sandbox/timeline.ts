/**
 * The newest payment as it happened, read with `payment show`. A command is a process, so that it runs at most once a
 * second, and only when something on the desk has changed.
 */
import { z } from 'zod';
import type { RunCommand } from './command.ts';
import { type Sentence, type Step, type Told, type Tone, tell, tellNextCheck } from './sentences.ts';

export interface TimelineStep {
  readonly at: string;
  /** null: it has not happened yet. */
  readonly sincePreviousMs: number | null;
  readonly kind: string;
  readonly text: Sentence;
  readonly tone: Tone;
}

export interface ShownPayment {
  readonly ref: string;
  readonly state: string;
  /** The title of the one that it goes through. */
  readonly gateway: string;
  readonly timeline: readonly TimelineStep[];
}

export interface Timeline {
  readonly payment: ShownPayment | null;
  /** Something changed: looks again, soon. `money` false: in a place that says nothing new of a payment that is over. */
  note(money: boolean): void;
  close(): void;
}

export interface TimelineDeps {
  readonly run: RunCommand;
  /** The number of the newest payment; null: none yet. */
  readonly newest: () => string | null;
  /** false while the program is not up: a command would open its database in its place. */
  readonly mayRun: () => boolean;
  /** The title of the gateway behind an account of that label. */
  readonly gatewayOf: (label: string) => string;
  readonly changed: () => void;
}

const gapMs = 1000;

const shape = z.object({
  ref: z.string(),
  state: z.string(),
  account: z.string(),
  sms: z.array(z.object({ to: z.string(), account: z.string() })),
  attempts: z.array(z.object({ nextCheckAt: z.string().nullable() })),
  timeline: z.array(z.looseObject({ at: z.string(), kind: z.string() })),
});
type Shown = z.infer<typeof shape>;

export function createTimeline(deps: TimelineDeps): Timeline {
  let payment: ShownPayment | null = null;
  let stale = false;
  let reading = false;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  function look(): void {
    timer = null;
    if (closed || reading || !stale) return;
    const ref = deps.newest();
    if (ref === null || !deps.mayRun()) return;
    stale = false;
    reading = true;
    void read(ref).finally(() => {
      reading = false;
      // Once more after the last change: the step that it caused is committed a moment later.
      if (!closed) timer ??= setTimeout(look, gapMs);
    });
  }

  async function read(ref: string): Promise<void> {
    const answer = await deps.run({ args: ['payment', 'show', ref] });
    if (closed || answer.kind === 'failed') return;
    const parsed = shape.safeParse(answer.json);
    if (!parsed.success) return;
    const next = showPayment(parsed.data, deps.gatewayOf);
    if (JSON.stringify(next) === JSON.stringify(payment)) return;
    payment = next;
    // What it shows may be going on still.
    stale = true;
    deps.changed();
  }

  return {
    get payment() {
      return payment;
    },
    note: (money) => {
      if (!money && payment !== null && !isOpen(payment.state) && deps.newest() === payment.ref) return;
      stale = true;
      if (!reading && timer === null) timer = setTimeout(look, 0);
    },
    close: () => {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function showPayment(shown: Shown, gatewayOf: TimelineDeps['gatewayOf']): ShownPayment {
  const gateway = gatewayOf(shown.account);
  // An SMS may go through another account than the money.
  const gatewayAt = (step: Step): string => {
    const sms = step.kind === 'sms' ? shown.sms.find(({ to }) => to === step.to) : undefined;
    return sms === undefined ? gateway : gatewayOf(sms.account);
  };
  const steps: TimelineStep[] = shown.timeline.map((step, index) => ({
    at: step.at,
    sincePreviousMs: since(shown.timeline[index - 1]?.at, step.at),
    kind: step.kind,
    ...tell(step, gatewayAt(step)),
  }));
  return { ref: shown.ref, state: shown.state, gateway, timeline: [...steps, ...nextCheck(shown)] };
}

/** What comes next stands last, at its own time, while the payment is open. */
function nextCheck(shown: Shown): TimelineStep[] {
  const at = shown.attempts.at(-1)?.nextCheckAt;
  if (!isOpen(shown.state) || at === null || at === undefined) return [];
  const told: Told = tellNextCheck(clockOf(at), shown.state === 'unknown');
  return [{ at, sincePreviousMs: null, kind: 'next_check', ...told }];
}

function isOpen(state: string): boolean {
  return ['created', 'sending', 'prompted', 'unknown'].includes(state);
}

function since(before: string | undefined, at: string): number {
  return before === undefined ? 0 : Date.parse(at) - Date.parse(before);
}

/** `14:31:22` in East Africa Time, UTC+3 all year. */
function clockOf(at: string): string {
  return new Date(Date.parse(at) + 3 * 3600 * 1000).toISOString().slice(11, 19);
}
