/** Tells one process from a later one that got the same number: by when it started. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessMark {
  readonly pid: number;
  /** In the words of the system, only to be compared. */
  readonly started: string;
}

/** null: it is gone, or this system does not tell when a process started. */
export function markOf(pid: number): ProcessMark | null {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid);
  return started === null ? null : { pid, started };
}

export function stillRuns(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.started === mark.started;
}

function startedByProc(pid: number): string | null {
  try {
    // The name in parentheses may itself contain parentheses; behind it come the 3rd field, the state, and the others.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function startedByPs(pid: number): string | null {
  if (process.platform === 'win32') return null;
  try {
    const args = ['-o', 'lstart=', '-p', String(pid)];
    const said = execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const text = said.trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}
