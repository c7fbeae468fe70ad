/** Bearer tokens that a gateway gives out for an hour; they look like the JWT of its document. */
import type { Random } from '../../domain/random.ts';

export interface Token {
  readonly token: string;
  readonly accountId: string;
  readonly expiresAt: number;
}

/** `header` as the document's sample begins. */
export function newToken(random: Random, header: object): string {
  const part = (value: Buffer): string => value.toString('base64url');
  return `${part(Buffer.from(JSON.stringify(header)))}.${part(random.bytes(24))}.${part(random.bytes(32))}`;
}

/** What is over is forgotten; with `endsOld` the account's other tokens are over as well, as at Safaricom itself. */
export function withToken(tokens: readonly Token[], token: Token, now: number, endsOld: boolean): Token[] {
  const kept = tokens.filter((one) => one.expiresAt > now && !(endsOld && one.accountId === token.accountId));
  return [...kept, token];
}

export function accountOfToken(tokens: readonly Token[], token: string | null, now: number): string | null {
  return tokens.find((one) => one.token === token && one.expiresAt > now)?.accountId ?? null;
}
