import { z } from 'zod';
import type { OperatorAction } from '../abilities.ts';
import { type Body, readBody, readFlag } from '../stk-values.ts';
import { readAccount } from './account.ts';
import { type ActionPlan, createAction } from './action.ts';
import { destinationConfig, destinationIn, ofKey, summaryOf } from './destination.ts';
import { fieldOf, partOf, type SmartpayCall, type SmartpayWire, textOf } from './wire.ts';

const id = ofKey.id.unwrap();
const oneKey = z.strictObject({ id });
const ownOrOne = z.strictObject(ofKey).prefault({});
const keyPath = (key: string, then = '') => `/keys/${encodeURIComponent(key)}${then}`;

const notifications = z
  .strictObject({
    ...ofKey,
    notify_email: z.union([z.literal(''), z.email()]).optional(),
    notify_phone: z
      .string()
      .regex(/^(?:254[17]\d{8})?$/, { error: 'expected 254712345678, or an empty text' })
      .optional(),
  })
  .refine((given) => given.notify_email !== undefined || given.notify_phone !== undefined, {
    error: 'expected notify_email or notify_phone; an empty text switches it off',
  });

/** What an operator does with keys. `keys-create` and `keys-regenerate` tell a key that is told once. */
export function keyActions(wire: SmartpayWire): Readonly<Record<string, OperatorAction>> {
  const action = <Config>(plan: ActionPlan<Config>) => createAction(wire, plan);
  /** The key that was named, or the one that the account calls with. */
  const at = async (given: string | undefined, call: (key: string) => SmartpayCall) => {
    if (given !== undefined) return call(given);
    const account = await readAccount(wire);
    if (account.kind !== 'told') return account.detail;
    const { keyId } = account.value;
    return keyId === null ? 'SmartPay does not tell which key this is; give its id.' : call(keyId);
  };
  return {
    'keys-list': action({
      summary: 'lists the keys of the SmartPay account',
      changes: false,
      call: () => ({ method: 'GET', path: '/keys' }),
      done: (body) => ({ text: listText(body) }),
    }),
    'keys-create': action({
      summary: 'creates a key; it is inactive until SmartPay sells it a plan',
      changes: true,
      config: z.strictObject({ name: z.string().trim().min(1).max(80) }),
      call: (body) => ({ method: 'POST', path: '/keys', body }),
      done: (body) => told(body, `Created ${keyLine(keyIn(body))}.`),
    }),
    'keys-get': action({
      summary: 'shows one key, without the key itself',
      changes: false,
      config: oneKey,
      call: ({ id: key }) => ({ method: 'GET', path: keyPath(key) }),
      done: (body) => ({ text: keyLine(keyIn(body)) }),
    }),
    'keys-delete': action({
      summary: 'deletes a key, but not the default one',
      changes: true,
      config: oneKey,
      call: ({ id: key }) => ({ method: 'DELETE', path: keyPath(key) }),
      done: () => ({ text: 'The key is deleted.' }),
    }),
    'keys-set-default': action({
      summary: 'makes a key the default one',
      changes: true,
      config: oneKey,
      call: ({ id: key }) => ({ method: 'POST', path: keyPath(key, '/set-default') }),
      done: () => ({ text: 'The key is the default now.' }),
    }),
    'keys-regenerate': action({
      summary: 'replaces a key; the old one stops at once',
      changes: true,
      config: oneKey,
      call: ({ id: key }) => ({ method: 'POST', path: keyPath(key, '/regenerate') }),
      done: (body) => told(body, 'The key is replaced: an account that used the old one needs the new one.'),
    }),
    'destination-get': action({
      summary: 'shows where a key lands its money',
      changes: false,
      config: ownOrOne,
      call: (given) => at(given.id, (key) => ({ method: 'GET', path: keyPath(key, '/destination') })),
      done: (body, around) => ({ text: destinationText(body, around.callbackUrl) }),
    }),
    'destination-set': action({
      summary: 'sets where a key lands its money: wallet, phone, paybill, till or bankpaybill',
      changes: true,
      config: destinationConfig,
      call: ({ id: key, ...destination }, around) =>
        at(key, (found) => ({
          method: 'PUT',
          path: keyPath(found, '/destination'),
          body: { ...destination, callbackurl: destination.callbackurl ?? around.callbackUrl },
        })),
      done: () => ({ text: 'The destination is set.' }),
    }),
    'notifications-set': action({
      summary: "sets who gets SmartPay's own e-mail and SMS; an empty text switches it off",
      changes: true,
      config: notifications,
      call: ({ id: key, ...body }) =>
        at(key, (found) => ({ method: 'PUT', path: keyPath(found, '/notifications'), body })),
      done: () => ({ text: 'The notifications are set.' }),
    }),
  };
}

const keyIn = (body: Body) => partOf(body, 'account', 'key', 'data');

/** Only 64 hex characters are a key; anything else would be stored as one. */
function told(body: Body, text: string) {
  const secret = [keyIn(body), body].map((each) => textOf(each, 'api_key', 'new_api_key', 'key')).find(isKey);
  return secret === undefined ? { text: `${text} SmartPay told no new key.` } : { text, secret };
}

const isKey = (text: string | null): text is string => text !== null && /^[0-9a-f]{64}$/i.test(text);

function keyLine(key: Body): string {
  const notes = [
    readFlag(key.is_default) === true ? 'default' : null,
    readFlag(key.active) === false ? 'inactive' : null,
    readFlag(key.fraud_suspended) === true ? 'suspended' : null,
    textOf(key, 'limit') === null ? null : `${textOf(key, 'limit')} calls left`,
    summaryOf(partOf(key, 'destination'), null),
  ];
  const noted = notes.filter((each) => each !== null);
  const name = `key ${textOf(key, 'id') ?? '?'} "${textOf(key, 'name') ?? '?'}"`;
  return noted.length === 0 ? name : `${name} (${noted.join('; ')})`;
}

function listText(body: Body): string {
  const accounts = fieldOf(body, 'accounts', 'data');
  const keys = Array.isArray(accounts) ? accounts.map(readBody).filter((each) => each !== null) : [];
  return keys.length === 0 ? 'No keys.' : keys.map(keyLine).join('\n');
}

function destinationText(body: Body, ours: string): string {
  const destination = destinationIn(body);
  const where = summaryOf(destination, null) ?? 'The destination cannot be read';
  const url = [destination, partOf(body, 'account', 'data'), body]
    .map((each) => fieldOf(each, 'callbackurl', 'callback_url'))
    .find((each) => typeof each === 'string');
  if (url === undefined) return `${where}. No callback URL is told; destination-set sets ours.`;
  return url === ours
    ? `${where}. Callbacks come here.`
    : `${where}. Callbacks go elsewhere; destination-set sets ours.`;
}
