/** The bytes of a file that somebody sent, up to a limit, from whichever platform it is fetched. */
import type { FetchedFile } from './channel.ts';

/** Never throws: `open` may, and `faultName` says what of it may be told, since its message can hold a token. */
export async function download(
  open: () => Promise<Response>,
  mostBytes: number,
  faultName: (err: unknown) => string,
): Promise<FetchedFile> {
  try {
    const response = await open();
    if (response.status === 404) return { kind: 'gone', detail: 'HTTP 404' };
    if (!response.ok || response.body === null) return fetchLater(`HTTP ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body) {
      size += part.length;
      if (size > mostBytes) return { kind: 'too_big' };
      parts.push(part);
    }
    return { kind: 'file', bytes: Buffer.concat(parts) };
  } catch (err) {
    return fetchLater(faultName(err));
  }
}

export function fetchLater(detail: string, afterSeconds: number | null = null): FetchedFile {
  return { kind: 'later', detail, afterSeconds };
}
