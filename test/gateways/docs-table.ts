/** Writes `docs/gateways.md` from the adapters themselves: `npm run docs`. What it opens is never called. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../src/domain/clock.ts';
import { bluepay } from '../../src/gateways/bluepay/index.ts';
import { bosmi } from '../../src/gateways/bosmi/index.ts';
import { darajaPhp } from '../../src/gateways/daraja-php/index.ts';
import type {
  CallbackTrust,
  GatewayAdapter,
  GatewayKind,
  OpenGateway,
  PhoneLimit,
} from '../../src/gateways/gateway.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { knownKinds, openGateway, phoneLimitOf } from '../../src/gateways/registry.ts';
import { sayapay } from '../../src/gateways/sayapay/index.ts';
import { smartpay } from '../../src/gateways/smartpay/index.ts';
import { silentLog } from '../../src/ops/log.ts';
import { notes } from './docs-notes.ts';

export const docsFile = path.join(import.meta.dirname, '..', '..', 'docs', 'gateways.md');

interface Example {
  readonly adapter: GatewayAdapter;
  /** The least that opens an account. */
  readonly least: Readonly<Record<string, unknown>>;
  /** What more an account may say, and how the table names it. */
  readonly more?: { readonly config: Readonly<Record<string, unknown>>; readonly called: string };
}

const keyAndSecret = { consumerKey: 'key', consumerSecret: 'secret' };

const examples: readonly Example[] = [
  { adapter: bluepay, least: { apiSecret: 'secret', shortCode: '123456' } },
  { adapter: smartpay, least: { apiKey: 'a'.repeat(64) } },
  { adapter: bosmi, least: { apiKey: 'key', username: 'admin', email: 'example@gmail.com' } },
  { adapter: darajaPhp, least: { baseUrl: 'https://gateway.example', shortCode: '174379' } },
  {
    adapter: sayapay,
    least: keyAndSecret,
    more: { config: { ...keyAndSecret, paths: { stkQuery: '/query', b2c: '/b2c' } }, called: 'with `paths`' },
  },
];

interface Column {
  readonly kind: GatewayKind;
  readonly title: string;
  readonly adapter: GatewayAdapter;
  readonly least: OpenGateway;
  readonly more: { readonly gateway: OpenGateway; readonly called: string } | null;
}

const nowhere = createGatewayHttp({
  fetch: () => Promise.reject(new Error('a document calls nobody')),
  log: silentLog,
});

function open(kind: GatewayKind, config: unknown): OpenGateway {
  const opening = openGateway(kind, config, nowhere, systemClock);
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  return opening.gateway;
}

function columns(): readonly Column[] {
  const found = examples.map(({ adapter, least, more }) => ({
    ...{ kind: adapter.kind, title: adapter.title, adapter, least: open(adapter.kind, least) },
    more: more === undefined ? null : { gateway: open(adapter.kind, more.config), called: more.called },
  }));
  const missing = knownKinds.filter((kind) => !found.some((each) => each.kind === kind));
  if (missing.length > 0) throw new Error(`no example configuration for ${missing.join(', ')}`);
  return found;
}

const trusts = {
  signed: 'signed: believed',
  lookup: 'unsigned: a hint, confirmed by a look-up',
  capability: 'unsigned: only with `--accept-unsigned`',
} as const satisfies Record<CallbackTrust, string>;

const seconds = (count: number) => (count % 60 === 0 ? `${count / 60} min` : `${count} s`);
const joined = (parts: readonly (string | false | undefined)[]) =>
  parts.filter((part) => typeof part === 'string').join('; ');
const shillings = (cents: bigint) => `KES ${(cents / 100n).toLocaleString('en')}`;

/** Each: what a reader asks, and what the code answers; null where the gateway cannot. */
const rows: readonly (readonly [name: string, told: (gateway: OpenGateway) => string | null])[] = [
  ['STK push', () => 'yes'],
  [
    'Look-up',
    ({ lookup }) =>
      lookup === undefined
        ? null
        : joined([
            `${lookup.budgetPerMinute} a minute`,
            lookup.needsIds && 'by the gateway’s id only',
            lookup.giveUpAfterSeconds !== undefined && `a person after ${seconds(lookup.giveUpAfterSeconds)}`,
          ]),
  ],
  [
    'Callback',
    ({ callback }) =>
      callback === undefined
        ? null
        : joined([trusts[callback.trust], callback.accountUrlOnly && 'one URL for the account']),
  ],
  ['Credentials tried at set-up', ({ check }) => (check === undefined ? null : 'yes')],
  ['Settings completed at set-up', ({ complete }) => (complete === undefined ? null : 'yes')],
  [
    'SMS',
    ({ sms }) =>
      sms === undefined
        ? null
        : `to ${sms.longest} characters; ${sms.idempotent ? 'a lost answer may be sent again' : 'a lost answer stays unknown'}`,
  ],
  ['Balances', ({ balances }) => (balances === undefined ? null : 'yes')],
  ['Where the money lands is watched', ({ setup }) => (setup === undefined ? null : 'yes')],
  [
    'Payouts (B2C)',
    ({ payout }) =>
      payout === undefined
        ? null
        : joined([
            `${shillings(payout.leastCents)} to ${shillings(payout.mostCents)}`,
            payout.lookup === undefined ? 'no look-up' : 'looked up',
          ]),
  ],
  ['Actions of the operator', ({ actions }) => (actions ? `${Object.keys(actions).length}` : null)],
];

function cell(column: Column, told: (gateway: OpenGateway) => string | null): string {
  const least = told(column.least) ?? '–';
  const more = column.more === null ? least : (told(column.more.gateway) ?? '–');
  if (column.more === null || more === least) return least;
  return least === '–' ? `${column.more.called}: ${more}` : `${least}; ${column.more.called}: ${more}`;
}

function phoneLimit(limit: PhoneLimit | null): string {
  return limit === null ? '–' : `${limit.prompts} prompts in ${seconds(limit.seconds)}, held back here`;
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function table(all: readonly Column[]): readonly string[] {
  return [
    line(['', ...all.map(({ title }) => title)]),
    line(['---', ...all.map(() => '---')]),
    line(['kind', ...all.map(({ kind }) => `\`${kind}\``)]),
    ...rows.map(([name, told]) => line([name, ...all.map((column) => cell(column, told))])),
    line(['Prompts to one phone', ...all.map(({ kind }) => phoneLimit(phoneLimitOf(kind)))]),
  ];
}

function settings({ adapter: { config } }: Column): string {
  if (!(config instanceof z.ZodObject)) throw new Error('the settings are no object');
  return Object.entries(config.shape as Record<string, z.ZodType>)
    .map(([name, shape]) => (shape.safeParse(undefined).success ? `\`${name}\`` : `**\`${name}\`**`))
    .join(', ');
}

function section(column: Column): readonly string[] {
  const told = notes[column.kind];
  if (told === undefined) throw new Error(`no notes about ${column.kind}`);
  const actions = Object.entries(column.least.actions ?? {});
  return [
    `## ${column.title}`,
    '',
    `Settings (required ones bold): ${settings(column)}.`,
    ...(actions.length === 0
      ? []
      : ['', line(['`gateway do …`', 'what it does', '']), line(['---', '---', '---'])]),
    ...actions.map(([name, { summary, changes }]) =>
      line([`\`${name}\``, summary.replaceAll('|', '\\|'), changes ? 'changes something' : 'reads']),
    ),
    '',
    line(['The document leaves open', 'so']),
    line(['---', '---']),
    ...told.open.map((pair) => line(pair)),
    ...(told.absent.length === 0 ? [] : ['', 'Absent:', '', ...told.absent.map((each) => `- ${each}`)]),
    '',
  ];
}

const head = `# The gateways

What each gateway can do here. This page is written by \`npm run docs\` from the adapters in \`src/gateways\`, and a test
compares it with them: change the code or \`test/gateways/docs-notes.ts\`, not this file.

An ability that is missing is absent from the bot's choices as well; nothing pretends. "Accepted" is never "paid", and an
answer that was lost is *unknown*: looked up, never sent again. A code that a document does not name goes to a person.
`;

export function gatewaysPage(): string {
  const all = columns();
  return [head, ...table(all), '', ...all.flatMap(section)].join('\n');
}

if (import.meta.main) await writeFile(docsFile, gatewaysPage());
