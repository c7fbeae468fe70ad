import { readFile } from 'node:fs/promises';
import { abilitiesOf, accountHealth, type ListedAccount, listAccounts } from '../../payments/account-list.ts';
import { addAccount, type CheckedAccount, checkAccount } from '../../payments/accounts.ts';
import { readName } from '../../payments/businesses.ts';
import {
  type Answer,
  type Command,
  failed,
  flag,
  required,
  type Surroundings,
  wrongCall,
} from '../command.ts';
import { idExpected, readAccountId, readBusinessId } from '../read.ts';
import { type Session, withSession } from '../session.ts';
import { nameExpected } from './business.ts';

export const gatewayAdd: Command = {
  words: 'gateway add',
  summary: 'connects a business with its account at a gateway',
  options: [
    required('business', 'ID'),
    required('kind', 'KIND'),
    required('name', 'N'),
    required('config', 'FILE|-'),
    flag('accept-unsigned'),
  ],
  operands: [],
  async run(call, around) {
    const businessId = readBusinessId(call.text('business'));
    if (businessId === null) return wrongCall(`--business: ${idExpected}`);
    const name = readName(call.text('name'));
    if (name.kind !== 'name') return wrongCall(nameExpected);
    const config = await readConfigFile(call.text('config'), around);
    if (config.kind === 'fault') return failed(config.line);
    return withSession(around, async (session) => {
      const added = await addAccount(accountDeps(session, around), {
        businessId,
        kind: call.text('kind'),
        name: name.name,
        config: config.value,
        acceptUnsigned: call.flag('accept-unsigned'),
      });
      if (added.kind === 'refused') return failed(...added.lines);
      const { accountId, callbackUrl, label, checked } = added;
      const told = checked ? 'checked' : 'not checked: this gateway has no call to try credentials with';
      return {
        kind: 'answer',
        json: { accountId, callbackUrl, label, checked },
        text: `${label} is connected (${told}).\naccount   ${accountId}\ncallbacks ${callbackUrl}`,
      };
    });
  },
};

function accountDeps(session: Session, around: Surroundings) {
  return { ...session, clock: around.clock, random: around.random, publicUrl: session.config.publicUrl };
}

type ConfigFile =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'fault'; readonly line: string };

/** What a parser says about broken JSON quotes it, so that it is not passed on: the file holds credentials. */
async function readConfigFile(file: string, around: Surroundings): Promise<ConfigFile> {
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

export const gatewayList: Command = {
  words: 'gateway list',
  summary: 'shows the accounts of a business: abilities, health, callback URLs',
  options: [required('business', 'ID')],
  operands: [],
  async run(call, around) {
    const businessId = readBusinessId(call.text('business'));
    if (businessId === null) return wrongCall(`--business: ${idExpected}`);
    return withSession(around, async (session) => {
      const accounts = await listAccounts(accountDeps(session, around), businessId);
      if (accounts === null) return failed('There is no business with this id.');
      const text = accounts.map(accountText).join('\n\n');
      return { kind: 'answer', json: { accounts }, text: text === '' ? 'No gateway accounts.' : text };
    });
  },
};

function accountText(account: ListedAccount): string {
  const { health } = account;
  const day = Object.entries(health.day).map(([state, count]) => `${count} ${state}`);
  return [
    `${account.name}: ${account.label}, ${account.kind}`,
    `  account    ${account.accountId}`,
    `  state      ${account.state}${account.stoppedReason === null ? '' : ` (${account.stoppedReason})`}`,
    `  abilities  ${account.abilities.join(', ')}`,
    `  callbacks  ${account.callbackUrl}`,
    `  trust      ${account.trust ?? 'none'}${account.acceptsUnsigned ? ', accepted unsigned' : ''}`,
    `  24 hours   ${day.length === 0 ? 'no prompts' : day.join(', ')}`,
    `  not known  ${health.unknown}`,
    `  last heard ${health.lastCallbackAt ?? 'never'}`,
  ].join('\n');
}

export const gatewayCheck: Command = {
  words: 'gateway check',
  summary: 'tries the stored credentials; a stopped account that passes takes prompts again',
  options: [required('account', 'ID')],
  operands: [],
  async run(call, around) {
    const accountId = readAccountId(call.text('account'));
    if (accountId === null) return wrongCall(`--account: ${idExpected}`);
    return withSession(around, async (session) => {
      const outcome = await checkAccount(session, accountId);
      if (outcome.kind === 'no_account') return failed('There is no gateway account with this id.');
      const abilities = abilitiesOf(await session.gateways.open(session.db, accountId));
      const health = await accountHealth(session.db, around.clock, accountId);
      return checkAnswer(outcome, { accountId, abilities, health, balance: null, drift: null });
    });
  },
};

function checkAnswer(outcome: Exclude<CheckedAccount, { kind: 'no_account' }>, known: object): Answer {
  const json = { ...known, check: outcome.kind, detail: 'detail' in outcome ? outcome.detail : null };
  switch (outcome.kind) {
    case 'checked':
      return { kind: 'answer', json, text: `${outcome.label}: ${outcome.detail}` };
    case 'not_checked':
      return { kind: 'answer', json, text: 'Not checked: this gateway has no call to try credentials with.' };
    case 'refused':
    case 'no_answer':
      return { kind: 'answer', json, text: '', complaint: outcome.detail };
  }
}
