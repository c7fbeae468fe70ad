/**
 * Protects every sealed value of an embedded database: its key is made once, for its owner's eyes only, and is never
 * replaced, whoever starts at the same time.
 */
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasterKey, readOrCreateMasterKey } from '../../src/db/master-key.ts';
import { systemRandom } from '../../src/domain/random.ts';

let home: string;
let dataDir: string;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'malipo-key-'));
  dataDir = path.join(home, 'data');
});
afterEach(() => rm(home, { recursive: true }));

describe('the key of an embedded database', () => {
  it('is made once, 32 bytes, readable by its owner only', async () => {
    expect(await readMasterKey(dataDir)).toBeNull();
    const made = await readOrCreateMasterKey(dataDir, systemRandom);
    expect(made.kind === 'key' && made.key.length).toBe(32);
    expect(await readOrCreateMasterKey(dataDir, systemRandom)).toEqual(made);
    expect((await stat(path.join(dataDir, 'master.key'))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['master.key']);
  });

  it('is the same for all that start at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => readOrCreateMasterKey(dataDir, systemRandom)),
    );
    expect(new Set(all.map((one) => (one.kind === 'key' ? one.key.toString('hex') : one.line))).size).toBe(1);
    expect(await readdir(dataDir)).toEqual(['master.key']);
  });

  it('is refused where others may read it', async () => {
    await readOrCreateMasterKey(dataDir, systemRandom);
    await chmod(path.join(dataDir, 'master.key'), 0o640);
    expect(await readOrCreateMasterKey(dataDir, systemRandom)).toEqual({
      kind: 'fault',
      line: expect.stringContaining('chmod 600'),
    });
  });

  it('is refused, not replaced, where it is damaged', async () => {
    const file = path.join(home, 'master.key');
    await writeFile(file, 'c2hvcnQ=\n', { mode: 0o600 });
    expect(await readOrCreateMasterKey(home, systemRandom)).toEqual({
      kind: 'fault',
      line: expect.stringContaining('32 bytes'),
    });
    expect((await stat(file)).size).toBe(9);
  });
});
