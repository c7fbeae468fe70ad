/** Runs operator commands as an operator does: a process of their own, `--json`, the program's environment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Environment } from './surroundings.ts';
import { commandFile } from './surroundings.ts';

export type CommandAnswer =
  | { readonly kind: 'answer'; readonly json: unknown }
  | { readonly kind: 'failed'; readonly line: string };

export interface CommandCall {
  readonly args: readonly string[];
  /** For `--config -`, so that no secret stands among the arguments. */
  readonly stdin?: string;
}

export type RunCommand = (call: CommandCall) => Promise<CommandAnswer>;

export interface CommandDeps {
  readonly directory: string;
  readonly environment: Environment;
  /** Ends a command that is under way. */
  readonly signal: AbortSignal;
}

const timeoutMs = 30_000;

export function createCommands(deps: CommandDeps): RunCommand {
  return async ({ args, stdin = '' }) => {
    const child = spawn(process.execPath, [commandFile, ...args, '--json'], {
      // Not where we were started: a .env there is about another program.
      cwd: deps.directory,
      env: deps.environment,
      signal: AbortSignal.any([deps.signal, AbortSignal.timeout(timeoutMs)]),
      windowsHide: true,
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    try {
      const [[code], out, err] = await Promise.all([
        once(child, 'close') as Promise<[number | null]>,
        text(child.stdout),
        text(child.stderr),
      ]);
      if (code !== 0) return { kind: 'failed', line: err.trim() || `${args.join(' ')} ended with ${code}` };
      return { kind: 'answer', json: JSON.parse(out) };
    } catch (cause) {
      return { kind: 'failed', line: cause instanceof Error ? cause.message : String(cause) };
    }
  };
}
