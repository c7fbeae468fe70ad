/** Protects that conversations know no channel, and that what runs on one channel only is named, once, with its reason. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onlyTelegram } from './only-telegram.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const bot = fileURLToPath(new URL('../../src/bot/', import.meta.url));

test('conversations and their kit name no channel and ask for none', async () => {
  const names = await readdir(join(bot, 'conversations'), { recursive: true });
  const files = [
    ...names.filter((name) => name.endsWith('.ts')).map((name) => `conversations/${name}`),
    'kit.ts',
  ];
  expect(files.length).toBeGreaterThan(10);
  const branches: string[] = [];
  for (const file of files) {
    const lines = (await readFile(join(bot, file), 'utf8')).split('\n');
    branches.push(...lines.filter((line) => branch.test(line)).map((line) => `${file}: ${line.trim()}`));
  }
  expect(branches).toEqual([]);
});

/** A name of one of them, or a question about which it is; handing on the channel of the turn asks nothing. */
const branch = /telegram|whatsapp|channel\s*(?:[!=]==?|\?(?![.?]))|switch \([^)]*channel|\[[^\]]*channel\]/i;

test('each scenario of the list is there, and the list does not grow unseen', async () => {
  for (const [file, tests] of Object.entries(onlyTelegram)) {
    const source = await readFile(join(here, file), 'utf8');
    for (const [name, reason] of Object.entries(tests)) {
      expect(source).toContain(`'${name}'`);
      expect(reason.length).toBeGreaterThan(20);
    }
  }
  expect(Object.values(onlyTelegram).flatMap((tests) => Object.keys(tests))).toHaveLength(11);
});

test('every journey is written for the world of the run: none opens one channel of its own', async () => {
  const files = (await readdir(here)).filter(
    (name) => /\.test\.ts$/.test(name) && !/^(?:whatsapp|channels)/.test(name),
  );
  for (const file of files)
    expect([
      file,
      /channel: '(?:telegram|whatsapp|both)'/.test(await readFile(join(here, file), 'utf8')),
    ]).toEqual([file, false]);
});
