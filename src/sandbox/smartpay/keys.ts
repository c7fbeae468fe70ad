/** /v1/keys: the API accounts of a merchant. Any of its keys manages them all. */
import type { FieldTable } from '../gateway-kit/fields.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer, JsonBody } from '../gateway-kit/wire.ts';
import { json } from '../gateway-kit/wire.ts';
import type { SmartpayOffice } from './entry.ts';
import type { Key, SmartpayState } from './state.ts';
import { changeKey, keysOf } from './state.ts';
import { error, readBody, timeText } from './wire.ts';

const maxName = 80;

export function listKeys({ state }: SmartpayOffice, { merchantId }: Key): Answer {
  const accounts = keysOf(state, merchantId).map(shownKey);
  return json({ success: true, accounts, count: accounts.length });
}

/** As GET /v1/keys prints it: never with the key. */
function shownKey(key: Key): JsonBody {
  return {
    id: key.id,
    name: key.name,
    is_default: key.isDefault,
    active: key.active,
    limit: key.limit,
    fraud_suspended: key.fraudSuspended,
    destination: key.destination,
    callbackurl: key.callbackurl,
    notify_email: key.notifyEmail,
    notify_phone: key.notifyPhone,
    created_at: timeText(key.createdAt),
    last_used_at: key.lastUsedAt === null ? null : timeText(key.lastUsedAt),
  };
}

/** As the answer to POST /v1/keys prints it: the one with the whole key. */
function freshKey(key: Key): JsonBody {
  return {
    id: key.id,
    name: key.name,
    is_default: key.isDefault,
    active: key.active,
    limit: key.limit,
    api_key: key.apiKey,
    destination: key.destination,
    callbackurl: key.callbackurl,
    created_at: timeText(key.createdAt),
  };
}

const createFields = { name: { kind: 'text', required: true } } as const satisfies FieldTable;

export function createKey(office: SmartpayOffice, { merchantId }: Key, call: Call): Answer {
  const body = readBody(call, createFields);
  if (body.kind === 'refused') return body.answer;
  const { name } = body.value;
  if (name.length > maxName) return error('MISSING_FIELDS', `name: at most ${maxName} characters`);
  if (keysOf(office.state, merchantId).some((key) => key.name === name)) return error('DUPLICATE_NAME');
  const key = addKey(office, { merchantId, name });
  return json({ success: true, message: 'API account created successfully.', account: freshKey(key) }, 201);
}

/** New keys are inactive and have a limit of 0. */
export function addKey(office: SmartpayOffice, given: Partial<Key> & Pick<Key, 'merchantId'>): Key {
  const { state } = office;
  state.keyCount += 1;
  const key: Key = {
    name: `Account ${state.keyCount}`,
    apiKey: newApiKey(office),
    isDefault: false,
    active: false,
    limit: 0,
    fraudSuspended: false,
    fraudBlock: null,
    disabled: false,
    deleted: false,
    destination: { method: 'wallet' },
    callbackurl: '',
    notifyEmail: '',
    notifyPhone: '',
    createdAt: office.scheduler.now().getTime(),
    lastUsedAt: null,
    ...given,
    id: given.id ?? state.keyCount,
  };
  state.keyCount = Math.max(state.keyCount, key.id);
  state.keys = [...state.keys, key];
  office.changed();
  return key;
}

/** 64 hex characters. */
const newApiKey = ({ random }: SmartpayOffice): string => random.bytes(32).toString('hex');

/** null: the merchant has no such key. */
export function namedKey(state: SmartpayState, { merchantId }: Key, { id }: Call): Key | null {
  return keysOf(state, merchantId).find((key) => String(key.id) === id) ?? null;
}

/** "Get account + key", while the key "is returned in full only on create and regenerate": so its beginning only. */
export function showKey({ state }: SmartpayOffice, caller: Key, call: Call): Answer {
  const key = namedKey(state, caller, call);
  if (key === null) return error('NOT_FOUND');
  return json({ success: true, account: { ...shownKey(key), api_key: `${key.apiKey.slice(0, 8)}…` } });
}

export function deleteKey(office: SmartpayOffice, caller: Key, call: Call): Answer {
  const key = namedKey(office.state, caller, call);
  if (key === null) return error('NOT_FOUND');
  if (key.isDefault) return error('CANNOT_DELETE_DEFAULT');
  changeKey(office.state, key.id, { deleted: true });
  office.changed();
  return json({ success: true, message: 'API account deleted successfully.' });
}

export function setDefaultKey(office: SmartpayOffice, caller: Key, call: Call): Answer {
  const { state } = office;
  const key = namedKey(state, caller, call);
  if (key === null) return error('NOT_FOUND');
  for (const one of keysOf(state, key.merchantId)) changeKey(state, one.id, { isDefault: one.id === key.id });
  office.changed();
  return json({ success: true, message: 'Default account updated successfully.' });
}

/** The old key is over at once, also when it is the one that asks. The answer's shape is that of create. */
export function regenerateKey(office: SmartpayOffice, caller: Key, call: Call): Answer {
  const key = namedKey(office.state, caller, call);
  if (key === null) return error('NOT_FOUND');
  const changed = changeKey(office.state, key.id, { apiKey: newApiKey(office) });
  office.changed();
  return json({ success: true, message: 'API key regenerated successfully.', account: freshKey(changed) });
}
