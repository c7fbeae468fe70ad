/** One bearer token of one account, shared by everything that calls with it, and asked for once however many wait. */
import type { Clock } from '../domain/clock.ts';

export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string; readonly lifeSeconds: number }
  /** The gateway refused the credentials. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'no_answer'; readonly detail: string };

export interface TokenCache {
  /** A token with life left in it, or why there is none. What went wrong is not remembered: the next call asks again. */
  get(): Promise<TokenAnswer>;
  /** The gateway refused this token before its time. A newer one that somebody else fetched meanwhile stays. */
  drop(token: string): void;
}

/** Clocks differ and calls take time: a token is replaced so long before its end, or at half of a shorter life. */
const marginSeconds = 60;

export function createTokenCache(clock: Clock, fetchToken: () => Promise<TokenAnswer>): TokenCache {
  let kept: { readonly answer: Extract<TokenAnswer, { kind: 'token' }>; readonly until: number } | null =
    null;
  let asking: Promise<TokenAnswer> | null = null;

  async function ask(): Promise<TokenAnswer> {
    // Its life began at the gateway at the earliest when it was asked for.
    const askedAt = clock.now().getTime();
    const answer = await fetchToken();
    if (answer.kind === 'token') {
      const usable = Math.max(answer.lifeSeconds - marginSeconds, answer.lifeSeconds / 2);
      kept = { answer, until: askedAt + usable * 1000 };
    }
    return answer;
  }

  return {
    async get() {
      if (kept !== null && clock.now().getTime() < kept.until) return kept.answer;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
    drop(token) {
      if (kept?.answer.token === token) kept = null;
    },
  };
}
