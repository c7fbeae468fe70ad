// Protects the reader of docs/gateways.md from yesterday's abilities.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { docsFile, gatewaysPage } from './docs-table.ts';

test('docs/gateways.md is what the adapters say; `npm run docs` writes it anew', async () => {
  const written = await readFile(docsFile, 'utf8').catch(() => 'missing');
  expect(written, 'docs/gateways.md is out of date: run `npm run docs`').toBe(gatewaysPage());
});
