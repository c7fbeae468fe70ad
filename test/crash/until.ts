/** For what tells nobody of its changes: looked at again and again on the real clock, until it is so. */

/** Longer than a start on a busy machine, shorter than a test's own limit, so that the failure names what was awaited. */
const patienceMs = 35_000;
const lookEveryMs = 10;

type Found<T> = T | undefined | null | false;

export async function until<T>(
  what: string,
  find: () => Found<T> | Promise<Found<T>>,
  more: () => string = () => '',
  forMs = patienceMs,
): Promise<T> {
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const found = await find();
    if (found !== undefined && found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  throw new Error(`not within ${forMs} ms: ${what}\n${more()}`);
}
