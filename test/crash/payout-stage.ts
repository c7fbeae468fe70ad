/** What stands around a program that sends payouts and is killed: its database, a strict BluePay, and the people. */
import { createSystemScheduler } from '../../src/sandbox/scheduler.ts';
import { openTestDatabase } from '../support/database.ts';
import { asProgram } from './gate.ts';
import { openOffice } from './payout-scene.ts';
import { type Program, startProgram } from './program.ts';
import { environmentOf, freePort, openShop } from './shop.ts';
import { openWireTap } from './wire-tap.ts';

export type PayoutStage = Awaited<ReturnType<typeof openPayoutStage>>;

/** `delivered`: each webhook waits until it resolves. */
export async function openPayoutStage(delivered: () => Promise<void> = async () => undefined) {
  const database = await openTestDatabase({ max: 8 });
  const system = createSystemScheduler();
  const shop = await openShop({
    people: 2,
    phones: 20,
    // BluePay's patience does not count: a program may be long in coming.
    webhooks: async (url, { signal: _, ...init } = {}) => {
      await delivered();
      return fetch(url, init);
    },
    // M-Pesa takes two seconds for a payout elsewhere.
    scheduler: { ...system, after: (ms, run) => system.after(ms === 2_000 ? 20 : ms, run) },
  });
  const tap = await openWireTap(shop.bluepay.url);
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const seeded = await shop.seed(database, publicUrl, tap.url);
  const [account] = shop.bluepay.control.accounts();
  shop.bluepay.control.setAccount(account?.merchantId ?? '', { b2cWalletKes: 1_000_000 });
  const office = await openOffice(database, seeded, publicUrl);
  const environment = environmentOf({
    connection: asProgram(database.connection),
    masterKey: database.masterKey,
    telegramUrl: shop.telegram.url,
    port,
  });
  return {
    database,
    shop,
    tap,
    office,
    start: () => startProgram({ ...environment, PUBLIC_URL: publicUrl }),
    /** What BluePay moved to the phone. */
    moved: (msisdn: string): bigint[] =>
      shop.mpesa
        .paidOut()
        .filter((movement) => movement.msisdn === msisdn)
        .map(({ amountCents }) => amountCents),
    close: async () => {
      await tap.close();
      await shop.close();
      await database.close();
    },
  };
}

/** What went wrong, in the program's own words. */
export function warningsOf(program: Program): string {
  return program
    .log()
    .filter((line) => !line.includes('"level":30'))
    .join('\n');
}
