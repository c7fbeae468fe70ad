/** What a load generator needs: many calls at a chosen concurrency, and what is read off their times. */

export interface Timing {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Each lane makes its next call when its last one ended, until `total` calls were made or the time is over. */
export async function closedLoop(
  lanes: number,
  bounds: { readonly total: number; readonly withinMs: number },
  call: (index: number, lane: number) => Promise<unknown>,
): Promise<Timing> {
  const times: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  const lane = async (_: unknown, number: number): Promise<void> => {
    while (next < bounds.total && performance.now() - startedAt < bounds.withinMs) {
      const index = next++;
      const at = performance.now();
      await call(index, number);
      times.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return timing(times, performance.now() - startedAt);
}

export function timing(times: readonly number[], tookMs: number): Timing {
  return {
    perSecond: times.length / (tookMs / 1000),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}

/** The nearest rank; not a number where nothing was measured. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export const whole = (value: number): string => value.toFixed(0);
export const tenths = (value: number): string => value.toFixed(1);
export const ratio = (value: number, floor: number): string => `${((100 * value) / floor).toFixed(0)} %`;

/** Columns as wide as their widest cell; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return `${rows.map(line).join('\n')}\n`;
}
