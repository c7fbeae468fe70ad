/** Protects desks that are older than the program that opens them. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { readDesk } from '../../src/sandbox/desk-file.ts';
import { remove, temporaryDirectory } from './playground-kit.ts';

let directory: string;
afterEach(() => remove(directory));

it('opens a file from before there was a choice of gateways', async () => {
  directory = await temporaryDirectory();
  const old = {
    version: 1,
    clean: true,
    telegramToken: '110201543:token',
    bluepayPort: 20_001,
    provisioned: { businessId: 'b', accountId: 'a' },
    troubles: { armed: [], dark: { msisdns: ['254712345678'], sinceStk: 7 } },
    telegram: {},
    mpesa: {},
    bluepay: {},
  };
  await writeFile(path.join(directory, 'desk.json'), JSON.stringify(old));
  const reading = await readDesk(directory);
  expect(reading).toMatchObject({ kind: 'saved', saved: { ...old, connected: [] } });
});
