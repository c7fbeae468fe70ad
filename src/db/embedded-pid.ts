/** What postmaster.pid says, and whether it can be believed. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemRandom } from '../domain/random.ts';
import type { Cluster } from './embedded-cluster.ts';

export interface PidFile {
  readonly pid: number;
  readonly port: number | undefined;
  readonly text: string;
}

/** Lines of postmaster.pid: process id, data directory, start time, port, socket directory, address, shared memory, status. */
export async function readPidFile(cluster: Cluster): Promise<PidFile | undefined> {
  const text = await readFile(join(cluster.data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]) || undefined, text };
}

/** The same, only where its process is, as far as can be told, the server of this directory. */
export async function readLivePidFile(cluster: Cluster): Promise<PidFile | undefined> {
  const found = await readPidFile(cluster);
  return found !== undefined && (await serves(found.pid, cluster)) ? found : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In a container without an init an orphan stays in the table after its end. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // The name in parentheses may itself contain parentheses.
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.startsWith('Z') === true;
  } catch {
    return false;
  }
}

/**
 * After a power cut the number in postmaster.pid may belong to any program, and PostgreSQL would refuse to start for as
 * long as that one lives. Called only when nothing answers on the server's address.
 */
export async function dropStalePidFile(cluster: Cluster): Promise<void> {
  const found = await readPidFile(cluster);
  if (found === undefined || (await serves(found.pid, cluster))) return;
  const path = join(cluster.data, 'postmaster.pid');
  const aside = `${path}.${systemRandom.bytes(6).toString('hex')}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved === undefined) return;
  // Another program may have started a server between our look and our rename: its file goes back.
  if (moved !== found.text) await link(aside, path).catch(() => undefined);
  else await rm(join(cluster.runDir, `.s.PGSQL.${found.port}.lock`), { force: true });
  await rm(aside, { force: true });
}

async function serves(pid: number, cluster: Cluster): Promise<boolean> {
  return isAlive(pid) && (await worksInside(pid, cluster));
}

/** A server works inside its data directory, also after someone renamed that one. Where nothing can be learnt: yes. */
async function worksInside(pid: number, cluster: Cluster): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      const [cwd, data] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster.data)]);
      return cwd.ino === data.ino && cwd.dev === data.dev;
    }
    if (process.platform === 'win32') return true;
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout.includes('postgres');
  } catch (err) {
    // Another user's process hides its directory, and a server of ours runs as us; ENOENT: it ended meanwhile.
    return !['EACCES', 'EPERM', 'ENOENT'].includes((err as NodeJS.ErrnoException).code ?? '');
  }
}

/** Waits until the server of `pid` has left; false when it is still there after `withinMs`. */
export async function hasLeft(pid: number, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    if (!isAlive(pid)) return true;
    await sleep(10);
  }
  return false;
}
