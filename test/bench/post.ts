/** A poster that keeps its connections, so that what is measured is the server. */
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Poster {
  /** Answers the status. */
  post(posting: Posting): Promise<number>;
  close(): void;
}

export function createPoster(connections: number): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    post: ({ url, headers, body }) =>
      new Promise((resolve, reject) => {
        const length = String(Buffer.byteLength(body));
        const call = request(url, {
          agent,
          method: 'POST',
          headers: { ...headers, 'content-length': length },
        });
        call.once('error', reject);
        call.once('response', (response) => {
          buffer(response).then(() => resolve(response.statusCode ?? 0), reject);
        });
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}
