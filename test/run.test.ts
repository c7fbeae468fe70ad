/** Protects the last line of a test run: whoever reads only that line must not be told that all is well when it is not. */
import { describe, expect, it } from 'vitest';
import { countResults, plainLine } from './support/results.ts';

function report(...files: { status: string; tests: string[] }[]): string {
  return JSON.stringify({
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((one) => ({ status: one })),
    })),
  });
}

describe('the plain line of a run', () => {
  it.each([
    ['all passed', report({ status: 'passed', tests: ['passed', 'passed'] }), 0, '2 passed, 0 failed'],
    ['a test failed', report({ status: 'failed', tests: ['passed', 'failed'] }), 1, '1 passed, 1 failed'],
    [
      'some were skipped',
      report({ status: 'passed', tests: ['passed', 'skipped', 'todo'] }),
      0,
      '1 passed, 0 failed, 2 skipped',
    ],
    ['a file did not load', report({ status: 'failed', tests: [] }), 1, '0 passed, 1 failed'],
    [
      'a hook failed after its tests',
      report({ status: 'failed', tests: ['passed'] }),
      1,
      '1 passed, 1 failed',
    ],
    [
      'an error came outside every test',
      report({ status: 'passed', tests: ['passed'] }),
      1,
      '1 passed, 1 failed',
    ],
    ['there was no report', null, 1, '0 passed, 1 failed'],
  ])('tells that %s', (_what, text, status, line) => {
    expect(plainLine(countResults(text, status))).toBe(line);
  });
});
