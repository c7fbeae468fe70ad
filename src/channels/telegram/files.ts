/** Fetches a file that somebody sent: getFile names a path, which is downloaded (https://core.telegram.org/bots/api#getfile). */
import type { FetchedFile } from '../channel.ts';
import type { TelegramApi, TelegramApiDeps } from './api.ts';

export interface TelegramFiles {
  fetch(fileId: string, mostBytes: number): Promise<FetchedFile>;
}

const timeoutMs = 30_000;

export function createTelegramFiles(
  deps: Pick<TelegramApiDeps, 'token' | 'apiRoot' | 'fetch'> & { readonly api: TelegramApi },
): TelegramFiles {
  return {
    async fetch(fileId, mostBytes) {
      const answer = await deps.api.call('getFile', { file_id: fileId }, { timeoutMs });
      if (answer.kind === 'no_answer') return later(answer.detail);
      if (answer.kind === 'refused') {
        // Telegram itself hands out at most 20 MB.
        if (/too big/i.test(answer.description)) return { kind: 'too_big' };
        if (answer.errorCode === 400) return { kind: 'gone', detail: answer.description };
        return later(answer.description, answer.retryAfter);
      }
      const path = pathOf(answer.result);
      return path === null ? { kind: 'gone', detail: 'no path' } : download(deps, path, mostBytes);
    },
  };
}

const later = (detail: string, afterSeconds: number | null = null): FetchedFile => ({
  kind: 'later',
  detail,
  afterSeconds,
});

function pathOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('file_path' in result)) return null;
  return typeof result.file_path === 'string' ? result.file_path : null;
}

async function download(
  deps: Pick<TelegramApiDeps, 'token' | 'apiRoot' | 'fetch'>,
  path: string,
  mostBytes: number,
): Promise<FetchedFile> {
  const plain = path.split('/').map(encodeURIComponent).join('/');
  try {
    const response = await deps.fetch(`${deps.apiRoot}/file/bot${deps.token}/${plain}`, {
      signal: AbortSignal.timeout(timeoutMs),
      // A redirect would carry the token to another host.
      redirect: 'error',
    });
    if (response.status === 404) return { kind: 'gone', detail: 'HTTP 404' };
    if (!response.ok || response.body === null) return later(`HTTP ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body) {
      size += part.length;
      if (size > mostBytes) return { kind: 'too_big' };
      parts.push(part);
    }
    return { kind: 'file', bytes: Buffer.concat(parts) };
  } catch (err) {
    // The message of the fault may hold the URL, and with it the token.
    return later(err instanceof Error ? err.name : 'fault');
  }
}
