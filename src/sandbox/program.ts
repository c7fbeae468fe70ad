/** One process of the real program: how it is spawned, asked whether it is ready, and found again after a kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppLog } from './app-log.ts';
import { markOf, type ProcessMark, stillRuns } from './process-mark.ts';
import { environmentOf, leashUrl, type Place, programFile } from './surroundings.ts';

const answerWithinMs = 3000;
const orphanEndsWithinMs = 3000;
const lookMs = 10;

export function spawnProgram(place: Place, port: number, log: AppLog): ChildProcess {
  const output = log.open();
  try {
    const child = spawn(process.execPath, [...process.execArgv, '--import', leashUrl, programFile], {
      // Not where we were started: a .env there is about another program.
      cwd: place.directory,
      env: environmentOf(place, port),
      // Ctrl-C is ours to pass on: a second signal from the terminal would cut its stop short.
      detached: true,
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
      windowsHide: true,
    });
    child.on('error', () => undefined);
    const mark = child.pid === undefined ? null : markOf(child.pid);
    if (mark !== null) writeFileSync(markFile(place.directory), JSON.stringify(mark), { mode: 0o600 });
    return child;
  } finally {
    output.close();
  }
}

export async function isReady(place: Place, port: number, ended: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(answerWithinMs)]);
  try {
    const answer = await fetch(`http://${inUrl(place.host)}:${port}/readyz`, { signal });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** A playground that was killed leaves its program behind, which still holds the database while it stops. */
export async function endOrphan(directory: string): Promise<void> {
  const mark = readMark(directory);
  if (mark !== null && stillRuns(mark)) {
    process.kill(mark.pid, 'SIGKILL');
    const until = performance.now() + orphanEndsWithinMs;
    while (stillRuns(mark) && performance.now() < until) await sleep(lookMs);
  }
  forgetProgram(directory);
}

export function forgetProgram(directory: string): void {
  rmSync(markFile(directory), { force: true });
}

function markFile(directory: string): string {
  return path.join(directory, 'child.json');
}

function readMark(directory: string): ProcessMark | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(markFile(directory), 'utf8'));
    return Number.isInteger(pid) && pid > 1 && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}

export function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
