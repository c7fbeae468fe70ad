import {
  abilitiesOf,
  accountHealth,
  type ListedAccount,
  listAccounts,
  type ShownBalances,
  showBalances,
} from '../../payments/account-list.ts';
import { addAccount, type CheckedAccount, checkAccount } from '../../payments/accounts.ts';
import { readBalances } from '../../payments/balances.ts';
import { readName } from '../../payments/businesses.ts';
import { type Unfinished, unfinishedActions } from '../../payments/operate.ts';
import { type Drift, lookAtSetup } from '../../payments/setup.ts';
import {
  type Answer,
  type Command,
  failed,
  flag,
  required,
  type Surroundings,
  wrongCall,
} from '../command.ts';
import { readConfigFile } from '../config-file.ts';
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
    `${account.name}: ${account.label}, ${account.kind}${account.isDefault ? ', the default' : ''}`,
    `  account    ${account.accountId}`,
    `  state      ${account.state}${account.stoppedReason === null ? '' : ` (${account.stoppedReason})`}`,
    `  abilities  ${account.abilities.join(', ')}`,
    `  callbacks  ${account.callbackUrl}`,
    `  trust      ${account.trust ?? 'none'}${account.acceptsUnsigned ? ', accepted unsigned' : ''}`,
    `  24 hours   ${day.length === 0 ? 'no prompts' : day.join(', ')}`,
    `  not known  ${health.unknown}`,
    `  last heard ${health.lastCallbackAt ?? 'never'}`,
    `  paid       ${health.paidPercent === null ? 'none over' : `${health.paidPercent} of 100`}`,
    `  answers in ${health.callbackSeconds === null ? 'no callback yet' : `${health.callbackSeconds} s`}`,
    ...(account.balance === null ? [] : [`  balance    ${balanceText(account.balance)}`]),
    ...(account.drift === null ? [] : [`  lands      ${account.drift.seen}`]),
    ...(account.restsUntil === null ? [] : [`  rests      until ${account.restsUntil}`]),
    ...unfinishedLines(account.unfinished).map((line) => `  ${line}`),
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
      const outcome = await checkAccount({ ...session, clock: around.clock }, accountId);
      if (outcome.kind === 'no_account') return failed('There is no gateway account with this id.');
      const abilities = abilitiesOf(await session.gateways.open(session.db, accountId));
      const health = await accountHealth(session.db, around.clock, accountId);
      const deps = { ...session, clock: around.clock };
      const read = await readBalances(deps, accountId);
      const balance = read === null ? null : showBalances(read, around.clock.now());
      const drift = await lookAtSetup(deps, accountId);
      const unfinished = await unfinishedActions(session.db, accountId);
      return checkAnswer(outcome, { accountId, abilities, health, balance, drift, unfinished });
    });
  },
};

interface Known {
  readonly balance: ShownBalances | null;
  readonly drift: Drift | null;
  readonly unfinished: readonly Unfinished[];
  readonly [more: string]: unknown;
}

function checkAnswer(outcome: Exclude<CheckedAccount, { kind: 'no_account' }>, known: Known): Answer {
  const json = { ...known, check: outcome.kind, detail: 'detail' in outcome ? outcome.detail : null };
  const more = knownLines(known);
  switch (outcome.kind) {
    case 'checked':
      return { kind: 'answer', json, text: [`${outcome.label}: ${outcome.detail}`, ...more].join('\n') };
    case 'not_checked':
      return { kind: 'answer', json, text: [notChecked, ...more].join('\n') };
    case 'refused':
    case 'no_answer':
      return { kind: 'answer', json, text: '', complaint: outcome.detail };
  }
}

const notChecked = 'Not checked: this gateway has no call to try credentials with.';

function knownLines({ balance, drift, unfinished }: Known): string[] {
  return [
    ...(balance === null ? [] : [`balance    ${balanceText(balance)}`]),
    ...(drift === null ? [] : [`lands      ${drift.now}`]),
    ...(drift?.changed === true ? [`before     ${drift.before}: it was changed at the gateway`] : []),
    ...unfinishedLines(unfinished),
  ];
}

function balanceText(balance: ShownBalances): string {
  const named = Object.entries(balance).filter(([name]) => name !== 'at');
  return named.map(([name, value]) => `${name} ${value}`).join(', ');
}

function unfinishedLines(unfinished: readonly Unfinished[]): string[] {
  return unfinished.map(
    ({ action, startedAt }) => `may have happened  ${action}, begun ${startedAt}: look at the gateway`,
  );
}
