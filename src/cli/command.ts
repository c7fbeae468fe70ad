/**
 * What an operator command is. Options are named, operands are in capitals in the usage; nothing else is guessed from a
 * position. A command answers one JSON object and the same as text; who called decides which is printed.
 */
import type { Clock } from '../domain/clock.ts';
import type { Random } from '../domain/random.ts';

export interface CommandOption {
  readonly name: string;
  /** What stands for the value in the usage; null: a flag without value. */
  readonly value: string | null;
  readonly required: boolean;
}

/** The arguments of one call, checked against the command's options and operands. */
export interface Call {
  /** The value of a required option, or an operand by its name. */
  text(name: string): string;
  optional(name: string): string | null;
  flag(name: string): boolean;
}

/** What a command works with, passed in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof globalThis.fetch;
  readonly readStdin: () => Promise<string>;
}

export type Answer =
  | {
      readonly kind: 'answer';
      readonly json: object;
      readonly text: string;
      /** What is wrong, for stderr; then the exit status is 1 although there is an answer. */
      readonly complaint?: string;
    }
  /** Exit status 1; a line each on stderr. */
  | { readonly kind: 'failed'; readonly lines: readonly string[] }
  /** Exit status 2, with the usage. */
  | { readonly kind: 'wrong_call'; readonly line: string };

export interface Command {
  /** "business add" */
  readonly words: string;
  readonly summary: string;
  readonly options: readonly CommandOption[];
  readonly operands: readonly string[];
  readonly run: (call: Call, around: Surroundings) => Promise<Answer>;
}

export const required = (name: string, value: string): CommandOption => ({ name, value, required: true });
export const optional = (name: string, value: string): CommandOption => ({ name, value, required: false });
export const flag = (name: string): CommandOption => ({ name, value: null, required: false });
export const requiredFlag = (name: string): CommandOption => ({ name, value: null, required: true });

export const failed = (...lines: string[]): Answer => ({ kind: 'failed', lines });
export const wrongCall = (line: string): Answer => ({ kind: 'wrong_call', line });

export function usageOf(command: Command): string {
  const options = command.options.map(({ name, value, required: needed }) => {
    const shown = value === null ? `--${name}` : `--${name} ${value}`;
    return needed ? shown : `[${shown}]`;
  });
  return [command.words, ...options, ...command.operands].join(' ');
}
