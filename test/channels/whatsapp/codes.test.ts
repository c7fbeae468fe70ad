/** Protects the meaning of Meta's codes: a person without WhatsApp is not a broken token, and a fault of ours not an outage. */
import { expect, test } from 'vitest';
import { meaningOf } from '../../../src/channels/whatsapp/codes.ts';

test.each([
  ['token', [0, 3, 10, 190, 200, 299, 131005]],
  ['account', [33, 368, 131031, 131037, 131045, 133010]],
  ['unpaid', [131042]],
  ['busy', [4, 80007, 130429, 133016]],
  ['spam', [131048]],
  ['pair', [131056]],
  ['outage', [2, 131016, 131057]],
  ['doubtful', [1, 131000]],
  ['window', [131047]],
  ['template', [132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018]],
  ['blocked', [131021, 131026, 131030, 131049, 131050, 130472, 130497]],
  ['ours', [100, 131008, 131009, 131051, 131052, 131053, 999999]],
])('%s: %o', (meaning, codes) => {
  for (const code of codes) expect(meaningOf({ status: 400, code, subcode: null })).toBe(meaning);
});

test('100 with subcode 33: our number is not there', () => {
  expect(meaningOf({ status: 400, code: 100, subcode: 33 })).toBe('account');
});

test.each([
  [401, 'token'],
  [429, 'busy'],
  [500, 'outage'],
  [503, 'outage'],
  [403, 'ours'],
  [404, 'ours'],
])('HTTP %i without a code, or with one that nobody knows: %s', (status, meaning) => {
  expect(meaningOf({ status, code: null, subcode: null })).toBe(meaning);
  expect(meaningOf({ status, code: 987654, subcode: null })).toBe(meaning);
});
