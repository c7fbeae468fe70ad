import { readFile } from 'node:fs/promises';
import type { Surroundings } from './command.ts';

export type ConfigFile =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly line: string };

/** What a parser says about broken JSON quotes it, so that it is not passed on: the file holds credentials. */
export async function readConfigFile(file: string, around: Surroundings): Promise<ConfigFile> {
  let text: string;
  try {
    text = file === '-' ? await around.readStdin() : await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
    return { kind: 'fault', line: `--config: this file cannot be read${code}` };
  }
  try {
    return { kind: 'value', value: JSON.parse(text.replace(/^\ufeff/, '')) };
  } catch {
    return { kind: 'fault', line: '--config: expected JSON' };
  }
}
