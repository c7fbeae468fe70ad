/**
 * One playground per directory. What is held is a listening socket without a file, so that it ends with its process
 * however that one ends, and nobody ever finds a stale lock.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type Lock =
  | { readonly kind: 'locked'; release(): Promise<void> }
  /** `by` is what the other one said when it locked, or null where it is silent. */
  | { readonly kind: 'held'; readonly by: string | null };

const patienceMs = 1000;

/** Makes the directory where there is none. Whoever is refused learns what `says` the holder. */
export async function lockDirectory(directory: string, says: string): Promise<Lock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const address = await addressOf(directory);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`${says}\n`);
  });
  server.unref();
  if (await listens(server, address)) return held(server);
  const by = await ask(address);
  if (by !== 'nobody') return { kind: 'held', by };
  // Only where a socket is a file, which outlasts a killed process.
  await rm(address, { force: true });
  return (await listens(server, address)) ? held(server) : { kind: 'held', by: null };
}

function held(server: Server): Lock {
  return {
    kind: 'locked',
    release: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** Named after the directory itself, whatever path leads to it. */
async function addressOf(directory: string): Promise<string> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const place = ino === 0n ? await realpath(directory) : `${dev}:${ino}`;
  const name = `malipo-playground-${createHash('sha256').update(place).digest('hex').slice(0, 24)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\?\\pipe\\${name}`;
  return path.join(tmpdir(), `${name}.sock`);
}

async function listens(server: Server, address: string): Promise<boolean> {
  server.listen(address);
  try {
    await once(server, 'listening');
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') return false;
    throw cause;
  }
}

async function ask(address: string): Promise<string | null | 'nobody'> {
  const socket = connect(address);
  socket.setTimeout(patienceMs, () => socket.destroy());
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    await once(socket, 'connect');
    await once(socket, 'close');
  } catch {
    return 'nobody';
  }
  return said.trim() === '' ? null : said.trim();
}
