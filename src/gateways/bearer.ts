/** Calls with a bearer token that is fetched, shared and replaced behind the caller's back. */
import type { Clock } from '../domain/clock.ts';
import type { GatewayAnswer, GatewayHttp, GatewayOutcome, GatewayRequest } from './http.ts';
import { createTokenCache, type TokenAnswer } from './token-cache.ts';

export type BearerOutcome =
  | GatewayOutcome
  /** There is no token, so that nothing was asked of the gateway. `refused`: by its word on the credentials. */
  | { readonly kind: 'no_token'; readonly refused: boolean; readonly detail: string };

export interface Bearer {
  /** `once`: never sent a second time, whatever is answered; a payout, which nothing takes back. */
  request(request: GatewayRequest, once?: boolean): Promise<BearerOutcome>;
  /** Only the token: proves the credentials, and changes nothing. */
  token(): Promise<TokenAnswer>;
}

export interface BearerDeps {
  readonly http: GatewayHttp;
  readonly clock: Clock;
  readonly fetchToken: () => Promise<TokenAnswer>;
  /**
   * yes: the gateway's own word that the token was not taken, 401 with a JSON object that names no prompt. perhaps: a 401 in
   * any other form, which may be of somebody in between; the next call gets a fresh token, and this one is not repeated.
   */
  readonly tokenRefused: (answer: GatewayAnswer) => 'yes' | 'perhaps' | 'no';
}

export function createBearer(deps: BearerDeps): Bearer {
  const tokens = createTokenCache(deps.clock, deps.fetchToken);
  const send = (request: GatewayRequest, token: string): Promise<GatewayOutcome> =>
    deps.http.request({ ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });

  return {
    token: () => tokens.get(),
    async request(request, once = false) {
      const first = await tokens.get();
      if (first.kind !== 'token') return noToken(first);
      const outcome = await send(request, first.token);
      const refused = outcome.kind === 'answer' ? deps.tokenRefused(outcome) : 'no';
      if (refused === 'no') return outcome;
      tokens.drop(first.token);
      if (once || refused === 'perhaps') return outcome;
      // Tokens die early (a new one ends the old, a clock differs). This is the only request that is ever sent twice, also
      // where it moves money: an answer that refuses the credentials proves that the first one was not carried out.
      const second = await tokens.get();
      // The first request was written: without a token its own answer stands, and the adapter reads it.
      return second.kind === 'token' ? send(request, second.token) : outcome;
    },
  };
}

const noToken = (answer: Exclude<TokenAnswer, { kind: 'token' }>): BearerOutcome => ({
  kind: 'no_token',
  refused: answer.kind === 'refused',
  detail: answer.detail,
});

/** `Basic …` of a user and a password. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** What a header can carry. */
export function readToken(value: unknown): string | null {
  return typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value.trim()) ? value.trim() : null;
}
