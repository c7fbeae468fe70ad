/** Counts what vitest's JSON report says, together with its exit status. */

export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Report {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** `report`: null where vitest ended before it wrote one. */
export function countResults(report: string | null, status: number): Results {
  const files = report === null ? [] : (JSON.parse(report) as Report).testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const of = (kind: string): number => tests.filter((test) => test.status === kind).length;
  const notLoaded = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const passed = of('passed');
  const failed = of('failed') + notLoaded;
  return {
    passed,
    // An error outside every test shows in the exit status only.
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: tests.length - passed - of('failed'),
  };
}

export function plainLine({ passed, failed, skipped }: Results): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
