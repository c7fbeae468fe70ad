/**
 * Protects the shape of the house: who may know whom, who owns which package, no circles. Each rule is also tried on a
 * planted fault, since a rule that finds nothing looks the same as one that is broken.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Fault, findFaults, readImports, type SourceFiles } from './support/architecture.ts';

const root = path.join(import.meta.dirname, '..');
const packages = [
  'grammy',
  '@grammyjs/i18n',
  'pg',
  'fastify',
  'pino',
  'prom-client',
  'libphonenumber-js',
  'zod',
];

async function readTree(): Promise<SourceFiles> {
  const entries = await readdir(path.join(root, 'src'), { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(path.join(root, 'src'), file).split(path.sep).join('/');
    files.set(name, await readFile(file, 'utf8'));
  }
  return files;
}

function faultsOf(planted: Record<string, string>): Fault[] {
  return findFaults(new Map(Object.entries(planted)), packages);
}

const line = ({ rule, file, detail }: Fault): string => `${rule}: ${file}: ${detail}`;

describe('the tree', () => {
  it('keeps every rule', async () => {
    const manifest: { dependencies: object; optionalDependencies: object } = JSON.parse(
      await readFile(path.join(root, 'package.json'), 'utf8'),
    );
    const listed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
    const files = await readTree();
    expect(files.size).toBeGreaterThan(50);
    expect(findFaults(files, listed).map(line)).toEqual([]);
  });
});

describe('a planted import in the wrong direction', () => {
  it.each([
    ['domain knows nothing of ours', 'domain/money.ts', 'db/tables.ts'],
    ['the database knows no log but the logger', 'db/open.ts', 'ops/metrics.ts'],
    ['payments do not know the bot', 'payments/settle.ts', 'bot/kit.ts'],
    ['payments do not know channels', 'payments/settle.ts', 'channels/telegram/send.ts'],
    ['gateways do not know payments', 'gateways/bluepay/collect.ts', 'payments/settle.ts'],
    ['gateways do not know the database', 'gateways/bluepay/collect.ts', 'db/tables.ts'],
    ['channels do not know the outbox', 'channels/telegram/send.ts', 'outbox/deliver.ts'],
    ['the outbox knows no channel', 'outbox/deliver.ts', 'channels/telegram/send.ts'],
    ['the bot knows no channel', 'bot/turn.ts', 'channels/telegram/send.ts'],
    ['the bot knows no gateway', 'bot/turn.ts', 'gateways/registry.ts'],
    ['nobody knows how the parts are wired', 'bot/turn.ts', 'app.ts'],
    ['commands do not know the bot', 'cli/run.ts', 'bot/kit.ts'],
    ['the program does not know the playground', 'app.ts', 'sandbox/page.ts'],
    ['commands do not know the playground', 'cli/run.ts', 'sandbox/page.ts'],
    ['the playground does not know the program', 'sandbox/page.ts', 'app.ts'],
    ['the playground does not know a gateway', 'sandbox/page.ts', 'gateways/bluepay/wire.ts'],
    ['an unknown room is nobody’s', 'utils/text.ts', 'domain/money.ts'],
  ])('is found: %s', (_what, from, to) => {
    const up = '../'.repeat(from.split('/').length - 1) || './';
    const faults = faultsOf({ [from]: `import { x } from '${up}${to}';\n`, [to]: 'export const x = 1;\n' });
    expect(faults.map(({ rule, file }) => `${rule}: ${file}`)).toEqual([`direction: ${from}`]);
  });

  it('lets main.ts choose between the two programs', () => {
    const text = "import { a } from './app.ts';\nconst { b } = await import('./sandbox/page.ts');\n";
    expect(faultsOf({ 'main.ts': text, 'app.ts': '', 'sandbox/page.ts': '' })).toEqual([]);
  });

  it.each([
    ['a type import', "import type { X } from '../db/tables.ts';"],
    ['an inline type', "import { type X } from '../db/tables.ts';"],
    ['several lines', "import {\n  a,\n  b,\n} from '../db/tables.ts';"],
    ['for its effect', "import '../db/tables.ts';"],
    ['a re-export', "export { x } from '../db/tables.ts';"],
    ['all re-exported', "export * from '../db/tables.ts';"],
    ['a dynamic import', "const x = await import('../db/tables.ts');"],
    ['an import type', "export type X = import('../db/tables.ts').X;"],
    ['double quotes', 'import { x } from "../db/tables.ts";'],
  ])('is found as %s', (_what, text) => {
    expect(faultsOf({ 'domain/money.ts': text, 'db/tables.ts': '' }).map(({ rule }) => rule)).toEqual([
      'direction',
    ]);
  });

  it('is found in a page’s JSDoc', () => {
    const text = "/** @typedef {import('../db/tables.ts').DB} DB */\n";
    expect(faultsOf({ 'sandbox/page.js': text, 'db/tables.ts': '' }).map(({ rule }) => rule)).toEqual([
      'direction',
    ]);
  });
});

describe('siblings', () => {
  it.each([
    ['gateways/bluepay/wire.ts', 'gateways/daraja/wire.ts'],
    ['gateways/bluepay/wire.ts', 'gateways/registry.ts'],
    ['gateways/http.ts', 'gateways/bluepay/wire.ts'],
    ['channels/telegram/send.ts', 'channels/whatsapp/send.ts'],
    ['channels/channel.ts', 'channels/telegram/send.ts'],
  ])('never meet: %s and %s', (from, to) => {
    const up = '../'.repeat(from.split('/').length - 1);
    const faults = faultsOf({ [from]: `import { x } from '${up}${to}';\n`, [to]: '' });
    expect(faults.map(({ rule, file }) => `${rule}: ${file}`)).toEqual([`sibling: ${from}`]);
  });

  it('meet in the registry, and share what lies beside them', () => {
    const faults = faultsOf({
      'gateways/registry.ts': "import { b } from './bluepay/index.ts';\n",
      'gateways/bluepay/index.ts': "import { w } from './wire.ts';\nimport { g } from '../gateway.ts';\n",
      'gateways/bluepay/wire.ts': '',
      'gateways/gateway.ts': '',
    });
    expect(faults).toEqual([]);
  });
});

describe('a package in the wrong room', () => {
  it.each([
    ['grammy', 'payments/settle.ts'],
    ['grammy/types', 'channels/whatsapp/send.ts'],
    ['@grammyjs/i18n', 'web/receipt.ts'],
    ['pg', 'inbox/store.ts'],
    ['fastify', 'payments/settle.ts'],
    ['pino', 'bot/turn.ts'],
    ['prom-client', 'inbox/store.ts'],
    ['libphonenumber-js/max', 'bot/kit.ts'],
  ])('is found: %s in %s', (name, file) => {
    expect(faultsOf({ [file]: `import { x } from '${name}';\n` }).map(({ rule }) => rule)).toEqual([
      'package',
    ]);
  });

  it('is found where package.json does not list it', () => {
    const faults = faultsOf({ 'bot/turn.ts': "import { x } from 'left-pad';\nimport { y } from 'zod';\n" });
    expect(faults.map(line)).toEqual(['package: bot/turn.ts: left-pad is not in package.json']);
  });

  it.each([
    ['grammy', 'bot/turn.ts'],
    ['grammy/types', 'channels/telegram/api.ts'],
    ['pg', 'db/open.ts'],
    ['fastify', 'callbacks/route.ts'],
    ['node:fs', 'domain/money.ts'],
  ])('is not a fault at home: %s in %s', (name, file) => {
    expect(faultsOf({ [file]: `import { x } from '${name}';\n` })).toEqual([]);
  });
});

describe('other planted faults', () => {
  it('are found: a circle, once, with its way', () => {
    const faults = faultsOf({
      'bot/turn.ts': "import { a } from './a.ts';\n",
      'bot/a.ts': "import { b } from './b.ts';\n",
      'bot/b.ts': "import type { C } from './c.ts';\n",
      'bot/c.ts': "import { a } from './a.ts';\n",
    });
    expect(faults.map(line)).toEqual(['circle: bot/a.ts: bot/a.ts → bot/b.ts → bot/c.ts → bot/a.ts']);
  });

  it.each([
    ['file name', 'bot/helloWorld.ts', ''],
    ['file name', 'bot/Words/en.ts', ''],
    ['default export', 'bot/turn.ts', 'export default function turn() {}\n'],
    ['default export', 'bot/turn.ts', 'const turn = 1;\nexport { turn as default };\n'],
    ['length', 'bot/turn.ts', '\n'.repeat(251)],
    ['computed import', 'bot/turn.ts', 'const name = 1;\nawait import(name);\n'],
    ['computed import', 'bot/turn.ts', "import { createRequire } from 'node:module';\n"],
    ['unresolved', 'bot/turn.ts', "import { x } from './gone.ts';\n"],
    ['unresolved', 'bot/turn.ts', "import { x } from '../../migrations/0001_path.ts';\n"],
  ])('are found: %s in %s', (rule, file, text) => {
    expect(faultsOf({ [file]: text }).map((fault) => fault.rule)).toEqual([rule]);
  });

  it('are no faults: 250 lines, an import in a comment, the word import in a text', () => {
    const comment = "/**\n * import { x } from '../db/tables.ts';\n */\nexport const text = 'import that';\n";
    expect(faultsOf({ 'domain/money.ts': comment, 'bot/turn.ts': '\n'.repeat(250) })).toEqual([]);
    expect(readImports(comment)).toEqual([]);
  });
});
