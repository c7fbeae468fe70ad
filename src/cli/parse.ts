/** Reads the words of a call strictly: an option or operand that the command does not know is a wrong call. */
import { parseArgs } from 'node:util';
import type { Call, Command } from './command.ts';

export type Parsed =
  | { readonly kind: 'call'; readonly command: Command; readonly call: Call; readonly json: boolean }
  /** `command`: of one command, where it was named. */
  | { readonly kind: 'help'; readonly command: Command | null }
  | { readonly kind: 'wrong_call'; readonly command: Command | null; readonly line: string };

const common = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

export function parseCall(commands: readonly Command[], args: readonly string[]): Parsed {
  const command = findCommand(commands, args);
  if (command === null) return withoutCommand(args);
  const rest = args.slice(command.words.split(' ').length);
  const options = Object.fromEntries(
    command.options.map(({ name, value }) => [
      name,
      { type: value === null ? 'boolean' : 'string' } as { type: 'boolean' | 'string' },
    ]),
  );
  try {
    const parsed = parseArgs({
      args: [...rest],
      options: { ...options, ...common },
      allowPositionals: true,
      strict: true,
    });
    if (parsed.values.help === true) return { kind: 'help', command };
    return checkCall(command, parsed.values, parsed.positionals);
  } catch (cause) {
    if (!(cause instanceof TypeError && 'code' in cause)) throw cause;
    return { kind: 'wrong_call', command, line: firstSentence(cause.message) };
  }
}

function findCommand(commands: readonly Command[], args: readonly string[]): Command | null {
  const longestFirst = commands.toSorted((a, b) => b.words.length - a.words.length);
  return longestFirst.find(({ words }) => words.split(' ').every((word, i) => args[i] === word)) ?? null;
}

function withoutCommand(args: readonly string[]): Parsed {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help', command: null };
  const words = args.filter((word) => !word.startsWith('-')).slice(0, 2);
  const line = words.length === 0 ? 'A command is missing.' : `There is no command "${words.join(' ')}".`;
  return { kind: 'wrong_call', command: null, line };
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function checkCall(command: Command, values: Values, operands: readonly string[]): Parsed {
  const wrong = (line: string): Parsed => ({ kind: 'wrong_call', command, line });
  for (const { name, required } of command.options)
    if (required && (values[name] === undefined || values[name] === ''))
      return wrong(`--${name} is missing.`);
  const missing = command.operands[operands.length];
  if (missing !== undefined) return wrong(`${missing} is missing.`);
  if (operands.length > command.operands.length) return wrong('There is a word too many.');
  return { kind: 'call', command, call: createCall(command, values, operands), json: values.json === true };
}

function createCall(command: Command, values: Values, operands: readonly string[]): Call {
  const optional = (name: string): string | null => {
    const position = command.operands.indexOf(name);
    const value = position === -1 ? values[name] : operands[position];
    return typeof value === 'string' ? value : null;
  };
  return {
    optional,
    flag: (name) => values[name] === true,
    text: (name) => {
      const value = optional(name);
      if (value === null) throw new RangeError(`"${command.words}" does not require ${name}.`);
      return value;
    },
  };
}

/** Node explains at length how to pass a word that begins with a dash. */
function firstSentence(message: string): string {
  return `${message.split(/[.\n]/, 1)[0]}.`;
}
