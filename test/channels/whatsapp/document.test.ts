/** Protects whoever submits the templates from the document: its texts are those that the program fills in. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseTemplates, templateNames, templateTexts } from '../../../src/channels/whatsapp/templates.ts';

const text = await readFile(new URL('../../../docs/whatsapp.md', import.meta.url), 'utf8');

test.each(templateNames.flatMap((name) => (['en', 'sw'] as const).map((locale) => ({ name, locale }))))(
  '$name in $locale stands there as it is sent',
  ({ name, locale }) => {
    const { body, buttons } = templateTexts[name][locale];
    expect(text).toContain(`| \`${name}\` | ${locale} | ${body} | ${buttons.join(', ')} |`);
  },
);

test('the example of the configuration is one', () => {
  const example = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  expect(parseTemplates(example)).toMatchObject({
    kind: 'templates',
    templates: { receipt_customer: { name: 'malipo_receipt_v2', languages: { en: 'en_US', sw: 'sw' } } },
  });
});
