/** Server-sent events: the whole state to everyone who watches, at once and after every change. */
import type { ServerResponse } from 'node:http';

export interface Events {
  add(response: ServerResponse): void;
  /** Something changed; many changes at once are told as one. */
  note(): void;
  close(): void;
}

const togetherMs = 50;
const heartbeatMs = 15_000;
/** How soon a page that was cut off tries again. */
const retryMs = 500;

export function createEvents(state: () => unknown): Events {
  const watchers = new Set<ServerResponse>();
  let timer: NodeJS.Timeout | null = null;
  const event = (): string => `event: state\ndata: ${JSON.stringify(state())}\n\n`;
  const tell = (text: string): void => {
    for (const watcher of watchers) if (!watcher.writableNeedDrain) watcher.write(text);
  };
  const heartbeat = setInterval(() => tell(': here\n\n'), heartbeatMs).unref();
  return {
    add: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`retry: ${retryMs}\n\n${event()}`);
      watchers.add(response);
      response.on('close', () => watchers.delete(response));
      // Whoever reads slowly missed what came meanwhile.
      response.on('drain', () => response.write(event()));
    },
    note: () => {
      if (watchers.size === 0) return;
      timer ??= setTimeout(() => {
        timer = null;
        tell(event());
      }, togetherMs);
    },
    close: () => {
      clearInterval(heartbeat);
      if (timer !== null) clearTimeout(timer);
      for (const watcher of watchers) watcher.end();
    },
  };
}
