/** Who is calling: content type, JSON and credentials, in the order in which BluePay refuses them. */
import type { Call, Office } from './office.ts';
import type { Account } from './store.ts';
import type { Answer, JsonBody } from './wire.ts';
import { csrfRefused, invalidJson, unauthorized } from './wire.ts';

export type Entry =
  | {
      readonly kind: 'in';
      readonly account: Account;
      /** Without the credentials. */
      readonly body: JsonBody;
      /** true: the credentials stood in the body. */
      readonly legacy: boolean;
    }
  | { readonly kind: 'refused'; readonly answer: Answer };

const refused = (answer: Answer): Entry => ({ kind: 'refused', answer });

export function enter(office: Office, call: Call, strangerAnswer = unauthorized): Entry {
  const parsed = call.method === 'POST' ? readJson(call) : {};
  if (parsed === null) return refused(invalidJson);
  const { api_key, api_username, api_password, ...body } = parsed;
  const inBody = { api_key, api_username, api_password };
  const hasBodyCredentials = Object.values(inBody).some((value) => value !== undefined);
  if (call.authorization === undefined && !hasBodyCredentials && isSession(call, body))
    return refused(csrfRefused);
  // "Pick one auth method": two at once are none.
  if (call.authorization !== undefined && hasBodyCredentials) return refused(strangerAnswer);
  const accounts = [...office.store.accounts.values()];
  const account =
    call.authorization === undefined
      ? accounts.find((one) => bodyOpens(one, inBody))
      : accounts.find((one) => headerOpens(one, call.authorization ?? ''));
  if (account === undefined) return refused(strangerAnswer);
  return { kind: 'in', account, body, legacy: hasBodyCredentials };
}

/** A JSON object under its content type; null for anything else. */
export function readJson(call: Call): JsonBody | null {
  if (!/^application\/json\s*(;|$)/i.test(call.contentType ?? '')) return null;
  try {
    const value: unknown = JSON.parse(call.text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : null;
  } catch {
    return null;
  }
}

/** A dashboard's browser: its cookie is unknown here, so that its CSRF token cannot be right. */
function isSession(call: Call, body: JsonBody): boolean {
  return call.cookie !== undefined || body.csrf !== undefined;
}

function headerOpens(account: Account, header: string): boolean {
  const [, scheme, credential = ''] = /^(Bearer|Basic) (\S+)$/.exec(header) ?? [];
  if (scheme === 'Bearer') return credential === account.apiSecret;
  if (scheme !== 'Basic') return false;
  const pair = Buffer.from(credential, 'base64').toString('utf8');
  return pair === `${account.apiUsername}:${account.apiPassword}`;
}

function bodyOpens(account: Account, given: JsonBody): boolean {
  const byKey = given.api_username === undefined && given.api_password === undefined;
  if (byKey) return given.api_key === account.apiSecret;
  if (given.api_key !== undefined) return false;
  return given.api_username === account.apiUsername && given.api_password === account.apiPassword;
}
