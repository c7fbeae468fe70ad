/** Tokens, and who is calling. Refusals are not printed: the envelope of the STK answer with Daraja's error inside. */
import { darajaError } from '../gateway-kit/daraja.ts';
import type { FieldTable, FieldValues } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { basicPair, credentialOf, readJson } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Office } from '../gateway-kit/simulator.ts';
import { accountOfToken, newToken, withToken } from '../gateway-kit/tokens.ts';
import type { Answer, Read } from '../gateway-kit/wire.ts';
import { entered, json, refused } from '../gateway-kit/wire.ts';
import type { DarajaPhpAccount, DarajaPhpState } from './state.ts';
import { accountOf } from './state.ts';

export type DarajaPhpOffice = Office<DarajaPhpState>;

export function told(response: { readonly [field: string]: unknown }): Answer {
  return json({ status: 200, response });
}

/** `errorCode` begins with the status, as Daraja's do. */
export function refusal({ state, random }: DarajaPhpOffice, errorCode: string, words: string): Answer {
  const status = Number(errorCode.slice(0, 3));
  const response = darajaError(random, errorCode, words);
  return json({ status, response }, state.statusInBodyOnly ? 200 : status);
}

/** POST /api/generate_token.php */
export function generateToken(office: DarajaPhpOffice, call: Call): Answer {
  const { state, random, scheduler, faults } = office;
  const account = askedFor(state, call);
  if (account === undefined || faults.take('token_unauthorized') !== null)
    return json({ success: false, message: 'Unauthorized' }, state.statusInBodyOnly ? 200 : 401);
  const now = scheduler.now().getTime();
  const token = newToken(random, { typ: 'JWT', alg: 'HS256' });
  const row = { token, accountId: account.accountId, expiresAt: now + state.tokenLifeMs };
  state.tokens = withToken(state.tokens, row, now, state.newTokenEndsOld);
  office.changed();
  return json({ success: true, token });
}

function askedFor({ accounts }: DarajaPhpState, call: Call): DarajaPhpAccount | undefined {
  if (call.headers.authorization === undefined) return accounts.find((one) => one.credentials === null);
  const pair = basicPair(call);
  return accounts.find(
    ({ credentials }) =>
      credentials !== null && `${credentials.consumerKey}:${credentials.consumerSecret}` === pair,
  );
}

export interface Entered<T extends FieldTable> {
  readonly account: DarajaPhpAccount;
  readonly values: FieldValues<T>;
}

export function enter<T extends FieldTable>(office: DarajaPhpOffice, call: Call, table: T): Read<Entered<T>> {
  const { state, scheduler } = office;
  const now = scheduler.now().getTime();
  const accountId = accountOfToken(state.tokens, credentialOf(call, 'Bearer'), now);
  if (accountId === null) return refused(refusal(office, '401.003.01', 'Invalid Access Token'));
  const body = readJson(call);
  if (body === null) return refused(refusal(office, '400.002.02', 'Bad Request - Invalid JSON'));
  const fields = readFields(body, table);
  if (fields.kind !== 'read') return refused(refusal(office, '400.002.02', `Bad Request - ${fields.words}`));
  return entered({ account: accountOf(state, accountId), values: fields.values });
}
