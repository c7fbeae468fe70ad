/** Starts the server of a cluster as a process of its own, and tells why it could not. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { commandFor, explained, findBinaries, serverEnvironment } from './embedded-binaries.ts';
import type { Cluster } from './embedded-cluster.ts';
import { dropStalePidFile } from './embedded-pid.ts';

export interface RunOptions {
  readonly fsync: boolean;
  /** The port that the pool knows, for a server that is started again on loopback. */
  readonly port?: number;
  /** Ends the wait for the server, not the server. */
  readonly signal?: AbortSignal;
}

/** A socket's whole path in bytes; the kernel's own limit is 103 on macOS and 107 on Linux. */
const socketPathLimit = 100;
/** Names the socket's file; nothing listens on TCP then. */
export const socketPort = 5432;
const logLimitBytes = 5_000_000;

/** Where the path is too long for a socket, and on Windows, the server listens on loopback. */
export function usesSocket(cluster: Cluster): boolean {
  if (process.platform === 'win32') return false;
  const path = `${cluster.runDir}/.s.PGSQL.${socketPort}`;
  // The setting is a list whose items are quoted; a path with a quote cannot be written in it.
  return Buffer.byteLength(path) <= socketPathLimit && !path.includes('"');
}

export interface Attempt {
  isRunning(): boolean;
  /** Why it ended. `passing`: another try may succeed, as when another program's server is still there. */
  failure(): Promise<{ readonly passing: boolean; readonly why: string }>;
}

export async function startServer(cluster: Cluster, options: RunOptions): Promise<Attempt> {
  const { postgres } = await findBinaries();
  await dropStalePidFile(cluster);
  const port = usesSocket(cluster) ? socketPort : (options.port ?? (await freePort()));
  const args = ['-D', cluster.data, ...settings(cluster, port, options.fsync)];
  const from = await trimLog(cluster);
  const logFile = await open(cluster.logFile, 'a', 0o600);
  try {
    const child = spawnServer(commandFor(postgres, args), cluster, logFile.fd);
    // At once, before the first await: a server that cannot even be spawned ends in the next tick.
    return watchAttempt(child, () => failureInLog(cluster, from));
  } finally {
    await logFile.close();
  }
}

/** Detached: Ctrl-C goes to the program, which finishes its work before it stops the server. */
function spawnServer(
  [command, args]: readonly [string, string[]],
  cluster: Cluster,
  log: number,
): ChildProcess {
  const child = spawn(command, args, {
    detached: true,
    cwd: cluster.home,
    env: serverEnvironment(),
    stdio: ['ignore', log, log],
  });
  child.unref();
  return child;
}

function watchAttempt(child: ChildProcess, fromLog: Attempt['failure']): Attempt {
  let spawnError: Error | undefined;
  let ended = false;
  child.once('error', (err) => {
    spawnError = err;
    ended = true;
  });
  child.once('exit', () => {
    ended = true;
  });
  return {
    isRunning: () => !ended,
    failure: async () =>
      spawnError === undefined ? await fromLog() : { passing: false, why: explained(spawnError.message) },
  };
}

function settings(cluster: Cluster, port: number, fsync: boolean): string[] {
  const socket = usesSocket(cluster);
  const durability = fsync ? 'on' : 'off';
  const values = {
    port,
    listen_addresses: socket ? '' : '127.0.0.1',
    unix_socket_directories: socket ? `"${cluster.runDir}"` : '',
    unix_socket_permissions: '0700',
    fsync: durability,
    synchronous_commit: durability,
    full_page_writes: durability,
    shared_buffers: '64MB',
    max_connections: 200,
    max_wal_size: '256MB',
    wal_level: 'minimal',
    max_wal_senders: 0,
    huge_pages: 'off',
    jit: 'off',
    // Fewer processes: nothing here reads from disk in bulk, and nothing replicates.
    io_method: 'sync',
    max_logical_replication_workers: 0,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    // A statement or a row in an error could carry what must not be in a log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Where this start's lines begin; a log that has grown is put aside first. */
async function trimLog(cluster: Cluster): Promise<number> {
  const size = (await stat(cluster.logFile).catch(() => undefined))?.size ?? 0;
  if (size < logLimitBytes) return size;
  await rename(cluster.logFile, `${cluster.logFile}.old`).catch(() => undefined);
  return 0;
}

/** What a predecessor causes that has not quite ended, or a twin that was quicker; and answers to early clients. */
const passingFaults = /lock file|shared memory block|could not create any|the database system is|terminating/;

/** The server speaks English here: its locale is C. */
async function failureInLog(cluster: Cluster, from: number): ReturnType<Attempt['failure']> {
  const text = (await readFile(cluster.logFile).catch(() => Buffer.alloc(0))).subarray(from).toString('utf8');
  const lines = text.trim().split('\n');
  const fatal = lines.filter((line) => /FATAL|PANIC|unshare:/.test(line));
  const lasting = fatal.findLast((line) => !passingFaults.test(line));
  const said = (lasting ?? fatal.at(-1) ?? lines.at(-1) ?? '').replace(/^.*?(FATAL|PANIC):\s*/, '');
  return { passing: lasting === undefined, why: explained(`${said} (more in ${cluster.logFile})`) };
}
