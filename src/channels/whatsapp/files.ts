/**
 * Fetches a file that somebody sent: its media id names an address for five minutes, which is opened with the token
 * ("Media download API"). The token goes to the API's own host and to Meta's, whatever the answer names.
 */
import { isLoopback } from '../../domain/address.ts';
import type { FetchedFile } from '../channel.ts';
import { download, fetchLater } from '../download.ts';
import { faultCode, type WhatsappAnswer, type WhatsappApi } from './api.ts';
import { type Meaning, meaningOf } from './codes.ts';

export interface WhatsappFiles {
  fetch(fileId: string, mostBytes: number): Promise<FetchedFile>;
}

export interface WhatsappFilesDeps {
  readonly api: Pick<WhatsappApi, 'media' | 'open'>;
  readonly apiRoot: string;
}

const timeoutMs = 30_000;
/** An operator who replaces the token finds the file still waited for. */
const refusedPauseSeconds = 60;

export function createWhatsappFiles(deps: WhatsappFilesDeps): WhatsappFiles {
  return {
    async fetch(fileId, mostBytes) {
      const answer = await deps.api.media(fileId, { timeoutMs });
      if (answer.kind === 'no_answer') return fetchLater(answer.detail);
      if (answer.kind === 'refused') return refused(answer);
      const { url, bytes } = answer.result;
      if (bytes !== null && bytes > mostBytes) return { kind: 'too_big' };
      if (!isMetas(url, deps.apiRoot)) return { kind: 'gone', detail: 'its address is not at Meta' };
      return await download(() => deps.api.open(url, { timeoutMs }), mostBytes, faultCode);
    },
  };
}

/** What is neither Meta's own trouble nor ours with Meta is about this file; 100 says that its id is not there. */
const passing: ReadonlySet<Meaning> = new Set(['busy', 'spam', 'pair', 'outage', 'doubtful']);

function refused(answer: Extract<WhatsappAnswer<unknown>, { kind: 'refused' }>): FetchedFile {
  const meaning = answer.code === 100 ? 'ours' : meaningOf(answer);
  if (passing.has(meaning)) return fetchLater(answer.detail, answer.retryAfter);
  if (meaning === 'token' || meaning === 'account') return fetchLater(answer.detail, refusedPauseSeconds);
  return { kind: 'gone', detail: answer.detail };
}

const metasHost = /(?:^|\.)(?:facebook\.com|fbsbx\.com|fbcdn\.net|whatsapp\.net)$/;

function isMetas(url: string, apiRoot: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, host, username } = new URL(url);
  if (username !== '') return false;
  // An emulator on this machine.
  if (isLoopback(apiRoot)) return protocol === 'http:' && isLoopback(url);
  return protocol === 'https:' && (host === new URL(apiRoot).host || metasHost.test(hostname));
}
