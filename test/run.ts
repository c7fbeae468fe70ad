/**
 * Runs vitest with the given arguments, and says the result once more as a plain last line: `N passed, N failed`. A file
 * that does not load and an error that no test caught count as failures too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { countResults, plainLine } from './support/results.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');

async function runVitest(args: readonly string[], report: string): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    // Hundreds of programs are started by tests: what one has compiled serves the next.
    env: { ...process.env, NODE_COMPILE_CACHE: path.join(tmpdir(), 'malipo-compiled') },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
}

const folder = await mkdtemp(path.join(tmpdir(), 'malipo-results-'));
try {
  const report = path.join(folder, 'report.json');
  const status = await runVitest(process.argv.slice(2), report);
  const results = countResults(await readFile(report, 'utf8').catch(() => null), status);
  process.stdout.write(`${plainLine(results)}\n`);
  process.exitCode = status === 0 && results.failed > 0 ? 1 : status;
} finally {
  await rm(folder, { recursive: true, force: true });
}
