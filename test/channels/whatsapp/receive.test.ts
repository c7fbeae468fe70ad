/** Protects who a message of WhatsApp is from, that its order is kept, and that nothing readable names a number. */
import { describe, expect, test } from 'vitest';
import { messageKey, type ReceiveDeps, toInboxItems } from '../../../src/channels/whatsapp/receive.ts';
import { createLog } from '../../../src/ops/log.ts';
import { envelope, failed, message, phoneNumberId, profile, scopedId, status, waId } from './meta.ts';

const lines: string[] = [];
const log = Object.assign(createLog('silent'), {
  warn: (...told: unknown[]) => void lines.push(JSON.stringify(told)),
  info: (...told: unknown[]) => void lines.push(JSON.stringify(told)),
});
const deps: ReceiveDeps = { phoneNumberId, laneOf: (externalId) => `whatsapp:<${externalId}>`, log };

const items = (value: Readonly<Record<string, unknown>>) => toInboxItems(deps, envelope(value)) ?? [];
const senderOf = (value: Readonly<Record<string, unknown>>) => {
  const [item] = items(value);
  return item === undefined ? null : { lane: item.lane, ...JSON.parse(item.body).sender };
};

describe('the sender', () => {
  const noFrom = { from: undefined, from_user_id: scopedId };
  test.each([
    ['by the number', { contacts: [profile()], messages: [message('m')] }, waId, { waId, scopedId: null }],
    [
      'by both ids',
      { contacts: [profile({ user_id: scopedId })], messages: [message('m')] },
      scopedId,
      { waId, scopedId },
    ],
    [
      'without a number',
      {
        contacts: [{ profile: { name: 'Amina Otieno' }, user_id: scopedId }],
        messages: [message('m', noFrom)],
      },
      scopedId,
      { waId: null, scopedId },
    ],
    [
      'only in the profile',
      { contacts: [profile({ user_id: scopedId })], messages: [message('m', { from: undefined })] },
      scopedId,
      { waId, scopedId },
    ],
    [
      'in a profile that writes the number another way',
      { contacts: [profile({ wa_id: '2540712345678' })], messages: [message('m')] },
      waId,
      { waId, scopedId: null },
    ],
  ])('%s', (_what, value, lane, ids) => {
    expect(senderOf(value)).toEqual({ lane: `whatsapp:<${lane}>`, name: 'Amina Otieno', ...ids });
  });

  test('gets the name and the id of their own profile only', () => {
    const other = { profile: { name: 'Juma' }, wa_id: '254722000111', user_id: 'KE.2' };
    const read = items({ contacts: [other], messages: [message('a'), message('b', { from: other.wa_id })] });
    expect(read.map(({ body }) => JSON.parse(body).sender)).toEqual([
      { waId, scopedId: null, name: null },
      { waId: other.wa_id, scopedId: 'KE.2', name: 'Juma' },
    ]);
  });

  test('may be called anything', () => {
    const name = `\u202eA\u0000b\n${'x'.repeat(100)}`;
    expect(senderOf({ contacts: [profile({ profile: { name } })], messages: [message('m')] })?.name).toMatch(
      /^Ab x{57}$/,
    );
  });

  test.each([
    ['nobody', { messages: [message('m', { from: undefined })] }],
    [
      'nobody of several',
      { contacts: [profile(), profile()], messages: [message('m', { from: undefined })] },
    ],
    ['an id of no known shape', { messages: [message('m', { from: 'me' })] }],
  ])('%s: the message is ignored', (_what, value) => {
    expect(items(value)).toEqual([]);
  });
});

test('the key is the message id, in no readable form', () => {
  const wamid = `wamid.${Buffer.from(`..${waId}..`).toString('base64')}`;
  const [item] = items({ contacts: [profile()], messages: [message(wamid)] });
  expect(item?.key).toBe(messageKey(wamid));
  expect(item?.key).toMatch(/^[\w-]{27}$/);
});

test('a status keeps when and why, and not to whom', () => {
  const [item] = items({ statuses: [failed('wamid.9', 131026)] });
  expect(item).toMatchObject({ lane: null, key: `status:${messageKey('wamid.9')}:failed` });
  expect(JSON.parse(item?.body ?? '')).toEqual({
    id: 'wamid.9',
    status: 'failed',
    timestamp: '1795261870',
    codes: [131026],
  });
  expect(items({ statuses: [status('wamid.9', 'sent'), status('wamid.9', 'played')] })).toEqual([]);
});

test.each([
  ['a reaction', { type: 'reaction', reaction: { emoji: '+' } }],
  ['a first opening of the chat', { type: 'request_welcome' }],
  ['an edit, which may hold what must not be kept', { type: 'edit', edit: { message: {} } }],
  ['an edit that is not passed on', { type: 'unsupported', unsupported: { type: 'edit' } }],
  ['a deletion', { type: 'revoke', revoke: {} }],
  ['a message of a group', { group_id: '120363' }],
])('%s is not kept', (_what, over) => {
  expect(items({ contacts: [profile()], messages: [message('m', over)] })).toEqual([]);
  expect(items({ contacts: [profile()], messages: [message('m')] })).toHaveLength(1);
});

test('errors and changes of a person are logged, without a number', () => {
  lines.length = 0;
  items({ errors: [{ code: 130429, title: 'Rate limit hit' }] });
  const errors = [{ code: 131051, title: `Unsupported from ${waId}` }];
  expect(items({ messages: [message('m', { type: 'unsupported', errors })] })).toHaveLength(1);
  const system = { type: 'user_changed_number', body: `${waId} changed to 254722000111` };
  expect(items({ messages: [message('s', { type: 'system', system })] })).toEqual([]);
  const metadata = { phone_number_id: '999999999999999', display_phone_number: waId };
  expect(items({ metadata, messages: [message('m')] })).toEqual([]);
  const told = lines.join('\n');
  for (const wanted of ['130429', '131051', 'user_changed_number', '999999999999999'])
    expect(told).toContain(wanted);
  expect(told).not.toMatch(/712345678|722000111/);
});
