import { operate } from '../../payments/operate.ts';
import { type Answer, type Command, failed, optional, required, wrongCall } from '../command.ts';
import { readConfigFile } from '../config-file.ts';
import { idExpected, readAccountId } from '../read.ts';
import { withSession } from '../session.ts';

export const gatewayDo: Command = {
  words: 'gateway do',
  summary: 'does at a gateway what only an operator does there; without a known ACTION it lists them',
  options: [required('account', 'ID'), optional('config', 'FILE|-')],
  operands: ['ACTION'],
  async run(call, around) {
    const accountId = readAccountId(call.text('account'));
    if (accountId === null) return wrongCall(`--account: ${idExpected}`);
    const file = call.optional('config');
    const config =
      file === null ? ({ kind: 'value', value: null } as const) : await readConfigFile(file, around);
    if (config.kind === 'fault') return failed(config.line);
    return withSession(around, async (session): Promise<Answer> => {
      const deps = {
        ...session,
        clock: around.clock,
        random: around.random,
        publicUrl: session.config.publicUrl,
      };
      const action = call.text('ACTION');
      const outcome = await operate(deps, accountId, action, config.value);
      switch (outcome.kind) {
        case 'no_account':
          return failed('There is no gateway account with this id.');
        case 'no_action':
          return noAction(action, outcome.known);
        case 'bad_config':
          return failed(...outcome.faults);
        case 'refused':
          return failed(outcome.detail);
        case 'unknown':
          return failed(outcome.detail, 'It may have happened: look at the gateway before you do it again.');
        case 'done': {
          const secret = outcome.secret === undefined ? {} : { secret: outcome.secret };
          const lines = [
            outcome.text,
            ...(outcome.secret === undefined ? [] : [`secret  ${outcome.secret}`]),
          ];
          return { kind: 'answer', json: { action, ...outcome.json, ...secret }, text: lines.join('\n') };
        }
      }
    });
  },
};

function noAction(action: string, known: readonly { name: string; summary: string }[]): Answer {
  if (known.length === 0) return failed('There is nothing that an operator does at this gateway from here.');
  const shown = action.replace(/[^\w.-]/g, '?').slice(0, 40);
  const width = Math.max(...known.map(({ name }) => name.length));
  return failed(
    `There is no action ${shown} at this gateway. There are:`,
    ...known.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
  );
}
