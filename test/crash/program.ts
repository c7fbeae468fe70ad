/** The real program as an operator starts it: a process of its own, told everything by its environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program {
  readonly pid: number;
  /** Resolves when it listens; rejects with what it wrote when it ended instead. */
  listening(): Promise<void>;
  /** Ends it at once, as a power cut would: no handler runs. */
  kill(): Promise<void>;
  /** Asks it to end. */
  terminate(): Promise<Exit>;
  exited(): Promise<Exit>;
  /** The log lines so far. */
  log(): readonly string[];
  stderr(): string;
}

export type Environment = Readonly<Record<string, string>>;

/** Node's own, which `npm test` sets: it changes how soon a program is up, and nothing else. */
export function compileCache(): Environment {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}

/** Only what is passed is told: nothing of the caller's environment, nor a `.env` beside the sources. */
export function startProgram(environment: Environment, directory = tmpdir()): Program {
  // As `npm start` does.
  const child = spawn(process.execPath, ['--max-semi-space-size=4', '--heap-growing-percent=40', entry], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', ...compileCache(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = ending(child);
  const lines: string[] = [];
  const listening = Promise.withResolvers<void>();
  // Only some tests ask; the others must not hear of it as an unhandled rejection.
  listening.promise.catch(() => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (line.includes('"msg":"listening"')) listening.resolve();
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  void gone.then(({ code }) => {
    const said = `${lines.slice(-5).join('\n')}\n${stderr}`;
    listening.reject(new Error(`the program ended with ${code} before it listened:\n${said}`));
  });
  const end = async (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    return await gone;
  };
  return {
    pid: child.pid ?? 0,
    listening: () => listening.promise,
    kill: async () => void (await end('SIGKILL')),
    terminate: () => end('SIGTERM'),
    exited: () => gone,
    log: () => lines,
    stderr: () => stderr,
  };
}

async function ending(child: ChildProcess): Promise<Exit> {
  const [code, signal] = await once(child, 'close');
  return { code, signal };
}
