/**
 * A file of payouts from the chat to its last receipt: how many rows a second the program sends, beside what the simulator
 * takes from a bare client, and whether its memory stays where it was. The adapter's own pace (two calls a second, so as not to
 * trouble the gateway) is lifted for this run, in this database only: it would be all that is measured.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { defaultLimits } from '../../src/domain/payout-limits.ts';
import { closedLoop, table, tenths, whole } from './measure.ts';
import { residentBytes, type Site } from './site.ts';

/** Rows of the file; above 2,000 its total is typed, as a person would. */
const usualRows = 1000;
const shillings = 10;
/** The default limit above which whoever approves types the total. */
const typedAbove = Number(defaultLimits.digitsAbove / 100n);
const leastMs = 180_000;
const msOfRow = 120;
/** What the adapter keeps to, beside this measurement. */
const pacePerSecond = 2;

export async function bulkTable(site: Site, bulkRows = usualRows): Promise<string> {
  const { shop, store, seeded } = site;
  const { control } = shop.bluepay;
  const account = control.accounts().find(({ apiSecret }) => apiSecret === seeded.apiSecret);
  if (account === undefined) throw new Error('no account at the simulator');
  control.setAccount(account.merchantId, { b2cWalletKes: 1_000_000 });
  const phones = Array.from({ length: 2 * bulkRows }, (_, i) => `2547${40_000_000 + i}`);
  for (const msisdn of phones) shop.mpesa.addSubscriber({ msisdn, pin: '1234', balanceCents: 0n });
  const withinMs = Math.max(leastMs, bulkRows * msOfRow);
  const [asker = 0, approver = 0] = shop.people;
  await sql`
    update member set role = 'manager' where identity_id in
      (select id from identity where external_id in (${String(asker)}, ${String(approver)}))`.execute(
    store.db,
  );
  await sql
    .raw(`create function unpaced() returns trigger language plpgsql as
        $$ begin new.next_payout_at = null; return new; end $$;
      create trigger unpaced before update on gateway_account for each row execute function unpaced();`)
    .execute(store.db);

  const rows = phones.slice(0, bulkRows).map((phone) => `${phone},${shillings}`);
  const before = await residentBytes(site.url);
  const readAt = performance.now();
  shop.telegram.control.sendDocument(asker, {
    name: 'bench.csv',
    mimeType: 'text/csv',
    bytes: Buffer.from(`phone,amount\n${rows.join('\n')}`),
  });
  await press(site, asker, 'Ask for approval');
  const readMs = performance.now() - readAt;
  await press(site, approver, 'Approve');
  if (bulkRows * shillings > typedAbove) await typeTotal(site, approver, bulkRows * shillings);
  const approvedAt = performance.now();
  let most = before;
  let early = 0;
  const count = async (where: ReturnType<typeof sql<boolean>>): Promise<number> => {
    const { rows: counted } = await sql<{ n: number }>`
      select count(*)::int as n from payout where batch_id is not null and ${where}`.execute(store.db);
    return counted[0]?.n ?? 0;
  };
  const until = async (where: ReturnType<typeof sql<boolean>>): Promise<number> => {
    while (performance.now() - approvedAt < withinMs) {
      const done = await count(where);
      if (done === bulkRows) break;
      const bytes = await residentBytes(site.url);
      if (done >= bulkRows / 4 && early === 0) early = bytes;
      most = Math.max(most, bytes);
      await sleep(250);
    }
    return performance.now() - approvedAt;
  };
  const sentMs = await until(sql<boolean>`state not in ('draft', 'waiting', 'approved', 'sending')`);
  const sent = await count(sql<boolean>`state not in ('draft', 'waiting', 'approved', 'sending')`);
  const paidMs = await until(sql<boolean>`state = 'paid'`);
  const paid = await count(sql<boolean>`state = 'paid'`);
  const floor = await simulatorAlone(site, phones.slice(bulkRows));
  const megabytes = (bytes: number): string => whole(bytes / 1_000_000);
  return table([
    ['bulk payouts', 'value', 'beside'],
    ['rows read, asked, on the card, s', (readMs / 1000).toFixed(1), ''],
    [`rows sent of ${bulkRows}`, String(sent), ''],
    ['rows sent/s', tenths(sent / (sentMs / 1000)), `simulator alone ${tenths(floor)}`],
    ['rows paid and told/s', tenths(paid / (paidMs / 1000)), `the adapter keeps to ${pacePerSecond}`],
    ['memory before, MB', megabytes(before), ''],
    ['memory with a quarter sent, MB', megabytes(early), ''],
    ['memory at most, MB', megabytes(most), '< 220'],
    ['memory after, MB', megabytes(await residentBytes(site.url)), ''],
  ]);
}

async function press({ shop }: Site, person: number, button: string): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(20)) {
    const message = shop.telegram.control
      .messages(person)
      .findLast((one) => one.buttons.flat().some(({ text }) => text === button));
    if (message === undefined) continue;
    shop.telegram.control.pressButton(person, message.id, button);
    return;
  }
  throw new Error(`no button ${button} in the chat of ${person}`);
}

async function typeTotal({ shop }: Site, person: number, total: number): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(20)) {
    if (!shop.telegram.control.messages(person).some(({ text }) => text.startsWith('Type the total')))
      continue;
    shop.telegram.control.sendText(person, String(total));
    return;
  }
  throw new Error(`${person} was not asked for the total`);
}

/** The same calls from a bare client, two at a time as the program makes them. */
async function simulatorAlone({ shop, seeded }: Site, phones: readonly string[]): Promise<number> {
  const run = await closedLoop(2, { total: phones.length, withinMs: 20_000 }, async (index) => {
    const response = await fetch(`${shop.bluepay.url}/api/v1/b2c/payouts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${seeded.apiSecret}` },
      body: JSON.stringify({
        amount: shillings,
        phone: phones[index],
        reference: `BENCH${index}`,
        description: 'bench',
      }),
    });
    if (!response.ok) throw new Error(`the simulator refused a payout: ${await response.text()}`);
  });
  return run.perSecond;
}
