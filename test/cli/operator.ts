import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { runCli } from '../../src/cli/run.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { compileCache } from '../crash/program.ts';
import type { TestDatabase } from '../support/database.ts';
import { scratch } from '../support/scratch.ts';

const program = path.join(import.meta.dirname, '../../src/cli/main.ts');

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Operator {
  /** A directory of this operator's own, without a `.env`. */
  readonly home: string;
  run(args: readonly string[], stdin?: string): Promise<Ran>;
  /** The JSON object that a call with `--json` must print, and nothing else. */
  json(args: readonly string[], stdin?: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

/** Runs the operator's commands as processes of their own, with no more environment than an operator gives. */
export function createOperator(env: Env): Promise<Operator> {
  return operatorBy((home) => async (args, stdin) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: home,
      env: { ...compileCache(), ...env },
    });
    child.stdin.end(stdin);
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { status: Number(status), stdout, stderr };
  });
}

/** The same commands in this process, for what a command does; a process for each costs most of a second. */
export function createQuickOperator(env: Env): Promise<Operator> {
  return operatorBy(
    () => (args, stdin) =>
      runCli(args, {
        env,
        clock: systemClock,
        random: systemRandom,
        fetch,
        readStdin: () => Promise.resolve(stdin),
      }),
  );
}

type Run = (args: readonly string[], stdin: string) => Promise<Ran>;

async function operatorBy(open: (home: string) => Run): Promise<Operator> {
  const home = await mkdtemp(path.join(scratch, 'malipo-cli-'));
  const run = open(home);
  return {
    home,
    run: (args, stdin = '') => run(args, stdin),
    json: async (args, stdin = '') => {
      const ran = await run([...args, '--json'], stdin);
      if (ran.status !== 0 || ran.stderr !== '') throw new Error(`exit ${ran.status}: ${ran.stderr}`);
      return JSON.parse(ran.stdout);
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}

export function environmentOf(database: TestDatabase): Record<string, string> {
  return {
    DATABASE_URL: database.connection,
    MASTER_KEY: database.masterKey,
    PUBLIC_URL: 'https://pay.example.com',
  };
}
