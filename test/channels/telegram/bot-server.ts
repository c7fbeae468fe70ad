/** A Bot API on loopback that answers what a test decides and keeps what it was asked. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BotCall {
  readonly path: string;
  readonly method: string;
  readonly payload: Record<string, unknown>;
}

export interface BotAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

/** 'hold' never answers; 'hang_up' breaks the connection. */
export type Behaviour = (call: BotCall) => BotAnswer | 'hold' | 'hang_up';

export const ok = (result: unknown): BotAnswer => ({ body: { ok: true, result } });

export function refusal(errorCode: number, description: string, retryAfter?: number): BotAnswer {
  const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } };
  return { status: errorCode, body: { ok: false, error_code: errorCode, description, ...parameters } };
}

export async function startBotServer() {
  const calls: BotCall[] = [];
  const waiters = new Set<() => void>();
  let behaviour: Behaviour = () => ok(true);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url ?? '';
    const call = {
      path,
      method: path.split('/').at(-1) ?? '',
      payload: JSON.parse(Buffer.concat(chunks).toString() || '{}'),
    };
    calls.push(call);
    for (const wake of waiters) wake();
    reply(response, behaviour(call));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    apiRoot: `http://127.0.0.1:${port}`,
    calls,
    behave: (next: Behaviour) => {
      behaviour = next;
    },
    /** Resolves once such a call has come. */
    called: async (method: string, times = 1): Promise<void> => {
      while (calls.filter((call) => call.method === method).length < times)
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiters.delete(wake);
            resolve();
          };
          waiters.add(wake);
        });
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(response: ServerResponse, answer: ReturnType<Behaviour>): void {
  if (answer === 'hold') return;
  if (answer === 'hang_up') {
    response.destroy();
    return;
  }
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.end(answer.text ?? JSON.stringify(answer.body));
}
