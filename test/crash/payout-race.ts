/** Two processes at one approval at the same instant, beside the program that sends what was approved. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { PayoutStage } from './payout-stage.ts';
import { compileCache } from './program.ts';

export async function racePayouts(stage: PayoutStage, programLog: () => string): Promise<void> {
  const racers = [startRacer(stage), startRacer(stage)];
  try {
    for (const racer of racers) expect(await racer.line()).toBe('ready');
    const people = await stage.office.approvers();
    for (let race = 0; race < 6; race++) {
      const [kes, msisdn] = [900 + race, stage.shop.phones[10 + race] ?? ''];
      const id = await stage.office.waiting(kes, msisdn);
      const { version } = await stage.office.row(id);
      for (const [index, racer] of racers.entries()) racer.say(`${id} ${version} ${people[index]}`);
      const kinds = await Promise.all(racers.map((racer) => racer.line()));
      expect(kinds.toSorted()).toEqual(['approved', 'not_now']);
      await stage.office.becomes(id, ['paid'], programLog);
      expect(stage.moved(msisdn).filter((cents) => cents === BigInt(kes) * 100n)).toHaveLength(1);
      expect(await stage.office.entries(id)).toEqual(['1 reserve', '1 post']);
      const approvals = await stage.database.db
        .selectFrom('approval')
        .select('round')
        .where('payout_id', '=', id)
        .execute();
      expect(approvals).toHaveLength(1);
      const { reference } = await stage.office.row(id);
      const calls = stage.shop.bluepay.control.requests().filter(({ path, body }) => {
        return path === '/api/v1/b2c/payouts' && JSON.stringify(body).includes(reference);
      });
      expect(calls).toHaveLength(1);
    }
  } finally {
    for (const racer of racers) racer.kill();
  }
}

function startRacer({ database }: PayoutStage) {
  const { connection, masterKey } = database;
  const entry = fileURLToPath(new URL('racer.ts', import.meta.url));
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH ?? '', ...compileCache(), DATABASE_URL: connection, MASTER_KEY: masterKey },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    say: (line: string) => void child.stdin.write(`${line}\n`),
    line: async () => (await lines.next()).value as string | undefined,
    kill: () => void child.kill('SIGKILL'),
  };
}
