import { text } from 'node:stream/consumers';
import { systemClock } from '../domain/clock.ts';
import { systemRandom } from '../domain/random.ts';
import { loadEnvFile } from '../env-file.ts';
import { runCli } from './run.ts';

loadEnvFile();
const output = await runCli(process.argv.slice(2), {
  env: process.env,
  clock: systemClock,
  random: systemRandom,
  fetch: globalThis.fetch,
  readStdin: () => text(process.stdin),
});
process.stdout.write(output.stdout);
process.stderr.write(output.stderr);
process.exitCode = output.status;
