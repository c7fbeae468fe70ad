// Protects shops from false failures: each M-Pesa result code means what the table says, and any other nothing at all.
import { expect, test } from 'vitest';
import { type StkMeaning, stkReason, stkVerdict } from '../../src/gateways/stk-results.ts';

test.each<[string, StkMeaning]>([
  ['0', null],
  ['1', 'insufficient_funds'],
  ['2', 'over_limit'],
  ['3', 'over_limit'],
  ['4', 'over_limit'],
  ['8', 'over_limit'],
  ['17', 'duplicate'],
  ['26', 'busy'],
  ['1001', 'busy'],
  ['1019', 'expired'],
  ['1025', 'provider_down'],
  ['9999', 'provider_down'],
  ['1032', 'cancelled'],
  ['1036', 'unreachable'],
  ['1037', 'unreachable'],
  ['2001', 'wrong_pin'],
  ['2028', 'misconfigured'],
  ['SFC_IC0003', 'misconfigured'],
  ['8006', 'misconfigured'],
  ['4999', 'pending'],
])('%s is %s', (code, meaning) => {
  expect(stkReason(code)).toBe(meaning);
  const verdict = meaning === null ? 'paid' : meaning === 'pending' ? 'pending' : 'failed';
  expect(stkVerdict(code)).toEqual({ verdict, reason: verdict === 'failed' ? meaning : null });
});

test.each(['', '00', '0.0', '-0', '10', '1033', 'constructor', '__proto__', 'unreadable_code', '0 0'])(
  '"%s" is nobody’s code',
  (code) => {
    expect(stkReason(code)).toBe('unmapped');
    expect(stkVerdict(code)).toEqual({ verdict: 'failed', reason: 'unmapped' });
  },
);
