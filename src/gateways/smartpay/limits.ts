import type { Clock } from '../../domain/clock.ts';
import type { GatewayAnswer } from '../http.ts';
import { readCount } from '../stk-values.ts';

/** What SmartPay's counters forbid for now, for one opened account. */
export interface Limits {
  /** Seconds until the next call may be made; 0: now. */
  held(): number;
  /** Learns from an answer. Seconds to wait where it is a 429, otherwise null. */
  heard(answer: GatewayAnswer, errorCode: string | null): number | null;
}

const minuteSeconds = 60;
/** Where the day of "10,000 a day" begins is not told: one call an hour finds out. */
const dayTrySeconds = 3600;
const phoneSeconds = 300;
const longestBackOffSeconds = 900;
const longestAskedSeconds = 24 * 3600;

export function createLimits(clock: Clock): Limits {
  const until = { minute: 0, day: 0, rest: 0 };
  let refusedInRow = 0;
  const after = (seconds: number) => clock.now().getTime() + seconds * 1000;
  const count = (answer: GatewayAnswer, header: string, kind: 'minute' | 'day', seconds: number) => {
    const remaining = readCount(answer.headers[header]);
    if (remaining !== null) until[kind] = remaining === 0 ? after(seconds) : 0;
  };
  return {
    held() {
      const ms = Math.max(until.minute, until.day, until.rest) - clock.now().getTime();
      return ms > 0 ? Math.ceil(ms / 1000) : 0;
    },
    heard(answer, errorCode) {
      count(answer, 'x-ratelimit-remaining', 'minute', minuteSeconds);
      count(answer, 'x-ratelimit-day-remaining', 'day', dayTrySeconds);
      if (answer.status !== 429) {
        refusedInRow = 0;
        return null;
      }
      // 429 as well, but no counter that runs down: it stands until SmartPay lifts it, and that is asked for at once.
      if (errorCode?.startsWith('FRAUD_BLOCK_') === true) return null;
      // It concerns one phone; the account goes on.
      if (errorCode === 'PHONE_RATE_LIMIT') return phoneSeconds;
      const seconds = askedSeconds(answer) ?? backOffSeconds(errorCode, refusedInRow);
      refusedInRow += 1;
      until.rest = after(seconds);
      return seconds;
    },
  };
}

/** Not documented, but what a proxy in front of SmartPay would send. */
function askedSeconds(answer: GatewayAnswer): number | null {
  const seconds = readCount(answer.headers['retry-after']);
  return seconds === null || seconds === 0 ? null : Math.min(seconds, longestAskedSeconds);
}

function backOffSeconds(errorCode: string | null, refusedInRow: number): number {
  if (errorCode === 'RATE_LIMIT_DAY') return dayTrySeconds;
  return Math.min(minuteSeconds * 2 ** refusedInRow, longestBackOffSeconds);
}
