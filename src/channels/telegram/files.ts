/** Fetches a file that somebody sent: getFile names a path, which is downloaded (https://core.telegram.org/bots/api#getfile). */
import type { FetchedFile } from '../channel.ts';
import { download, fetchLater } from '../download.ts';
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
      if (answer.kind === 'no_answer') return fetchLater(answer.detail);
      if (answer.kind === 'refused') {
        // Telegram itself hands out at most 20 MB.
        if (/too big/i.test(answer.description)) return { kind: 'too_big' };
        if (answer.errorCode === 400) return { kind: 'gone', detail: answer.description };
        return fetchLater(answer.description, answer.retryAfter);
      }
      const path = pathOf(answer.result);
      if (path === null) return { kind: 'gone', detail: 'no path' };
      return await download(() => open(deps, path), mostBytes, nameOf);
    },
  };
}

function pathOf(result: unknown): string | null {
  if (typeof result !== 'object' || result === null || !('file_path' in result)) return null;
  return typeof result.file_path === 'string' ? result.file_path : null;
}

function open(deps: Pick<TelegramApiDeps, 'token' | 'apiRoot' | 'fetch'>, path: string): Promise<Response> {
  const plain = path.split('/').map(encodeURIComponent).join('/');
  return deps.fetch(`${deps.apiRoot}/file/bot${deps.token}/${plain}`, {
    signal: AbortSignal.timeout(timeoutMs),
    // A redirect would carry the token to another host.
    redirect: 'error',
  });
}

/** The message of the fault may hold the URL, and with it the token. */
function nameOf(err: unknown): string {
  return err instanceof Error ? err.name : 'fault';
}
