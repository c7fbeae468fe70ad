/**
 * A process of its own in which one person approves: each line that it reads names a payout, the card's version and who
 * presses; it answers with a line that says what came of it.
 */
import { createInterface } from 'node:readline';
import { openDatabase } from '../../src/db/open.ts';
import { createVault } from '../../src/db/vault.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { IdentityId, PayoutId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { approvePayout } from '../../src/payouts/approve.ts';
import type { PayoutDeps } from '../../src/payouts/context.ts';

const { DATABASE_URL = '', MASTER_KEY = '' } = process.env;
const { db } = openDatabase({ connection: DATABASE_URL, log: silentLog, max: 1 });
const quiet = async () => undefined;
const deps: PayoutDeps = {
  vault: createVault([Buffer.from(MASTER_KEY, 'base64')], systemRandom),
  ...{ clock: systemClock, random: systemRandom, log: silentLog, publicUrl: 'https://shop.example' },
  tellPayout: { payout: quiet, batch: quiet, freeze: quiet },
};
await db.selectFrom('payout').select('id').limit(1).execute();
process.stdout.write('ready\n');

for await (const line of createInterface({ input: process.stdin })) {
  const [payoutId = '', version = '', by = ''] = line.split(' ');
  const approval = {
    ...{ payoutId: payoutId as PayoutId, by: by as IdentityId },
    ...{ version: Number(version), digits: null },
  };
  const { kind } = await db.transaction().execute((tx) => approvePayout(tx, deps, approval));
  process.stdout.write(`${kind}\n`);
}
