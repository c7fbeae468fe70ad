/** One call of an operator, from its words to its exit status. */
import { type Answer, type Command, type Surroundings, usageOf } from './command.ts';
import { auditVerify } from './commands/audit.ts';
import { businessAdd, memberAdd } from './commands/business.ts';
import { migrate, requeue } from './commands/database.ts';
import { doctor } from './commands/doctor.ts';
import { gatewayAdd, gatewayCheck, gatewayList } from './commands/gateway.ts';
import { gatewayDo } from './commands/gateway-do.ts';
import { paymentShow } from './commands/payment.ts';
import { payoutShow } from './commands/payout.ts';
import { parseCall } from './parse.ts';

const commands: readonly Command[] = [
  businessAdd,
  memberAdd,
  gatewayAdd,
  gatewayList,
  gatewayCheck,
  gatewayDo,
  paymentShow,
  payoutShow,
  auditVerify,
  requeue,
  migrate,
  doctor,
];

/** Commands that a later version has: whoever types one is told so, rather than that it does not exist. */
const notYet: Readonly<Record<string, string>> = {
  export: 'This version exports nothing yet.',
};

export interface Output {
  readonly status: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(args: readonly string[], around: Surroundings): Promise<Output> {
  const parsed = parseCall(commands, args);
  switch (parsed.kind) {
    case 'help':
      return {
        status: 0,
        stdout: parsed.command === null ? usage() : usageLines(parsed.command),
        stderr: '',
      };
    case 'wrong_call': {
      const planned = parsed.command === null ? plannedSentence(args) : null;
      return planned === null
        ? wrongCall(parsed.command, parsed.line)
        : { status: 2, stdout: '', stderr: `${planned}\n` };
    }
    case 'call':
      return output(parsed.command, await parsed.command.run(parsed.call, around), parsed.json);
  }
}

function output(command: Command, answer: Answer, json: boolean): Output {
  switch (answer.kind) {
    case 'failed':
      return { status: 1, stdout: '', stderr: `${answer.lines.join('\n')}\n` };
    case 'wrong_call':
      return wrongCall(command, answer.line);
    case 'answer': {
      const text = json ? JSON.stringify(answer.json) : answer.text;
      const stdout = text === '' ? '' : `${text}\n`;
      if (answer.complaint === undefined) return { status: 0, stdout, stderr: '' };
      return { status: 1, stdout, stderr: `${answer.complaint}\n` };
    }
  }
}

function wrongCall(command: Command | null, line: string): Output {
  return { status: 2, stdout: '', stderr: `${line}\n\n${command === null ? usage() : usageLines(command)}` };
}

function plannedSentence(args: readonly string[]): string | null {
  const words = Object.keys(notYet).find((planned) =>
    planned.split(' ').every((word, i) => args[i] === word),
  );
  return words === undefined ? null : (notYet[words] ?? null);
}

const call = 'npm run --silent cli --';

function usageLines(command: Command): string {
  return `${call} ${usageOf(command)} [--json]\n  ${command.summary}\n`;
}

function usage(): string {
  const lines = commands.map((command) => `  ${usageOf(command)}\n      ${command.summary}`);
  return `${call} COMMAND [--json] [--help]\n\n${lines.join('\n')}\n`;
}
