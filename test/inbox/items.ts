import type { InboxItem } from '../../src/inbox/store.ts';

export function item(key: string, lane: string | null = 'telegram:1', body = `body of ${key}`): InboxItem {
  return { source: 'telegram', key, lane, accountId: null, attemptId: null, body };
}
