/** Tokens, and who is calling. The page "Error Handling" is not in the document: refusals are in Daraja's own form. */
import { darajaError } from '../gateway-kit/daraja.ts';
import type { FieldTable, FieldValues } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { basicPair, credentialOf, readJson } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Office } from '../gateway-kit/simulator.ts';
import { accountOfToken, newToken, withToken } from '../gateway-kit/tokens.ts';
import type { Answer, Read } from '../gateway-kit/wire.ts';
import { entered, json, refused } from '../gateway-kit/wire.ts';
import type { SayapayAccount, SayapayState } from './state.ts';
import { accountOf, tokenSeconds } from './state.ts';

export type SayapayOffice = Office<SayapayState>;

/** `errorCode` begins with the status, as Daraja's do. */
export function refusal({ random }: Pick<SayapayOffice, 'random'>, errorCode: string, words: string): Answer {
  return json(darajaError(random, errorCode, words), Number(errorCode.slice(0, 3)));
}

export const badRequest = (office: SayapayOffice, words: string): Answer =>
  refusal(office, '400.002.02', `Bad Request - ${words}`);

export const badToken = (office: SayapayOffice): Answer =>
  refusal(office, '401.003.01', 'Error Occurred - Invalid Access Token');

/** GET /oauth/token */
export function giveToken(office: SayapayOffice, call: Call): Answer {
  const { state, random, scheduler, faults } = office;
  const pair = basicPair(call);
  const account = state.accounts.find(
    (one) => one.isActive && `${one.consumerKey}:${one.consumerSecret}` === pair,
  );
  if (account === undefined || faults.take('token_unauthorized') !== null)
    return refusal(office, '401.002.01', 'Invalid Authentication passed');
  const now = scheduler.now().getTime();
  const token = newToken(random, { alg: 'HS256', typ: 'JWT' });
  const row = { token, accountId: account.accountId, expiresAt: now + state.tokenLifeMs };
  state.tokens = withToken(state.tokens, row, now, state.newTokenEndsOld);
  office.changed();
  return json({ access_token: token, token_type: 'Bearer', expires_in: tokenSeconds });
}

export interface Entered<T extends FieldTable> {
  readonly account: SayapayAccount;
  readonly values: FieldValues<T>;
}

export function enter<T extends FieldTable>(office: SayapayOffice, call: Call, table: T): Read<Entered<T>> {
  const { state, scheduler } = office;
  const now = scheduler.now().getTime();
  const accountId = accountOfToken(state.tokens, credentialOf(call, 'Bearer'), now);
  if (accountId === null) return refused(badToken(office));
  const body = readJson(call);
  if (body === null) return refused(badRequest(office, 'Invalid JSON'));
  const fields = readFields(body, table);
  if (fields.kind !== 'read') return refused(badRequest(office, fields.words));
  return entered({ account: accountOf(state, accountId), values: fields.values });
}
