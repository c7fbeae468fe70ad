/** A server on loopback that answers what a test decides, for what Meta's emulator would never say. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PlainAnswer {
  readonly status?: number;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

/** 'hold' never answers; 'hang_up' breaks the connection. */
export type PlainBehaviour = PlainAnswer | 'hold' | 'hang_up';

export async function startPlainServer() {
  const requests: IncomingMessage[] = [];
  let behaviour: (path: string) => PlainBehaviour = () => ({});
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    request.on('end', () => {
      const answer = behaviour(request.url ?? '');
      if (answer === 'hold') return;
      if (answer === 'hang_up') {
        response.destroy();
        return;
      }
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(answer.text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    root: `http://127.0.0.1:${port}`,
    requests,
    behave: (next: PlainBehaviour | ((path: string) => PlainBehaviour)) => {
      behaviour = typeof next === 'function' ? next : () => next;
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
