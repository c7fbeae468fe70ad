/** Protects receipts from values that Meta refuses, and an operator from a file that is silently misread. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  defaultTemplates,
  parseTemplates,
  readTemplates,
  type Templates,
  templateMessage,
  templateNames,
  templateTexts,
} from '../../../src/channels/whatsapp/templates.ts';
import { submittedTemplates } from '../../../src/sandbox/whatsapp/submitted-templates.ts';
import { type Cloud, startCloud } from './cloud.ts';

let cloud: Cloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

const valuesOf = (values: string[]) => {
  const wanted = { name: 'receipt_customer', locale: 'en', values, presses: [] as string[] } as const;
  const { template } = templateMessage(defaultTemplates, wanted) as {
    template: { components: { parameters: { text: string }[] }[] };
  };
  return template.components[0]?.parameters.map(({ text }) => text);
};

test('values lose what Meta refuses', () => {
  expect(valuesOf(['#1 Shop', '100% $5', 'two\n lines\t', 'a      b', ''])).toEqual([
    ...['1 Shop', '100 5', 'two lines', 'a b', '-'],
  ]);
  expect(valuesOf(['x'.repeat(400), '*free* lunch'])).toEqual([
    `${'x'.repeat(149)}…`,
    '∗free* lunch',
    '-',
    '-',
    '-',
  ]);
});

test('the worst values are still taken', async () => {
  cloud = await startCloud();
  cloud.advanceHours(24);
  const values = Array.from({ length: 5 }, () => 'W\n#$% '.repeat(300));
  for (const name of templateNames)
    for (const locale of ['en', 'sw']) {
      const template = { name, locale, values, presses: ['a', 'b', 'c'] };
      const outcome = await cloud.send('sendMessage', { text: 'x', template });
      expect(outcome).toMatchObject(
        name === 'receipt_customer' ? { kind: 'sent' } : { kind: 'held', rung: true },
      );
    }
});

test('a file changes names, languages and places', async () => {
  const reading = parseTemplates(
    JSON.stringify({
      receipt_customer: { name: 'duka_receipt', languages: { en: 'en_GB' }, parameters: [2, 1], buttons: 0 },
    }),
  );
  const templates = (reading as { readonly templates: Templates }).templates;
  expect(templates.receipt_merchant).toEqual(defaultTemplates.receipt_merchant);
  cloud = await startCloud({ templates });
  cloud.control.putTemplate({
    ...{ name: 'duka_receipt', language: 'en_GB', category: 'utility', status: 'APPROVED' },
    body: '{{1}} got {{2}}.',
  });
  cloud.advanceHours(24);
  const template = { name: 'receipt_customer', locale: 'en', values: ['KES 5', 'Duka'], presses: ['a'] };
  expect(await cloud.send('sendMessage', { text: 'x', template })).toMatchObject({ kind: 'sent' });
  expect(cloud.seen()[0]?.text).toBe('Duka got KES 5.');
});

test.each([
  ['{', ['expected JSON']],
  ['{"receipt":{}}', [expect.stringContaining('receipt')]],
  [
    '{"receipt_customer":{"name":"Receipt Customer"}}',
    ['receipt_customer.name: expected small letters, digits and _'],
  ],
  ['{"receipt_customer":{"parameters":[6]}}', [expect.stringMatching(/^receipt_customer\.parameters\.0: /)]],
  [
    '{"receipt_customer":{"languages":{"en":"English"}}}',
    ['receipt_customer.languages.en: expected a code such as en or en_US'],
  ],
])('%s has faults', (text, lines) => {
  expect(parseTemplates(text)).toEqual({ kind: 'faults', lines });
});

test('a file that is not there means the defaults, one that cannot be read a fault', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'malipo-templates-'));
  try {
    const file = path.join(folder, 'whatsapp-templates.json');
    expect(await readTemplates(file)).toEqual({ kind: 'templates', templates: defaultTemplates });
    await writeFile(file, '{"approval_wanted":{"name":"ok"}}');
    expect(await readTemplates(file)).toMatchObject({ templates: { approval_wanted: { name: 'ok' } } });
    expect(await readTemplates(folder)).toMatchObject({ kind: 'faults' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the texts are those that the emulated Meta approved', () => {
  for (const { name, language, body, buttons } of submittedTemplates) {
    const text = templateTexts[name as keyof typeof templateTexts][language as 'en' | 'sw'];
    expect(text).toEqual({ body, buttons: buttons?.map((button) => button.text) });
  }
  expect(submittedTemplates).toHaveLength(templateNames.length * 2);
});
