/** Stands between the program and the gateway, and can lose a request on its way there. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface WireTap {
  readonly url: string;
  /** The next POST to this path is not handed on, and not answered. Resolves when the program has written it. */
  loseNext(path: string): Promise<void>;
  close(): Promise<void>;
}

export async function openWireTap(gatewayUrl: string): Promise<WireTap> {
  const { hostname, port } = new URL(gatewayUrl);
  const sockets = new Set<Socket>();
  let lose: { readonly path: string; readonly written: () => void } | null = null;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => {
      if (lose === null || !chunk.toString('latin1').startsWith(`POST ${lose.path} `))
        return void far.write(chunk);
      lose.written();
      lose = null;
    });
    far.on('data', (chunk) => near.write(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseNext: (path) =>
      new Promise((written) => {
        lose = { path, written };
      }),
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
