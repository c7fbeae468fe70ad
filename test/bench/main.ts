/**
 * `npm run bench`: what the program does on this machine, beside what the machine could do, in the same run. Everything is
 * on loopback and bounded; the tables are all that is left of it.
 */
import { bulkTable } from './bulk.ts';
import { callbackRun, receiptRun } from './callbacks.ts';
import { chatRun } from './chat.ts';
import { grammyFloor, insertFloor, routeFloor } from './floors.ts';
import { ratio, table, tenths, whole } from './measure.ts';
import { preparePayments } from './payments.ts';
import { openSite, residentBytes, type Site } from './site.ts';

const connections = [1, 8, 32, 64] as const;
const callbacksPerRun = { 1: 300, 8: 500, 32: 600, 64: 600 } as const;

const say = (text: string): void => void process.stdout.write(text);

async function callbackTable(site: Site): Promise<string> {
  const rows = [
    ['connections', 'acked/s', 'p99 ms', 'settled/s', 'INSERT/s', 'p99 ms', 'acked/INSERT', 'settled/INSERT'],
  ];
  rows[0]?.push('bare route/s', 'acked/route');
  const [like] = await preparePayments(site.store, site.seeded, site.chats, 1);
  if (like === undefined) throw new Error('no payment');
  const routes = await routeFloor(connections, like.posting);
  for (const [index, count] of connections.entries()) {
    const insert = await insertFloor(site.databaseUrl, count);
    const run = await callbackRun(site, count, callbacksPerRun[count]);
    const { perSecond, p99Ms } = run.acknowledged;
    const route = routes[index]?.perSecond ?? Number.NaN;
    rows.push([
      String(count),
      whole(perSecond),
      tenths(p99Ms),
      whole(run.settledPerSecond),
      whole(insert.perSecond),
      tenths(insert.p99Ms),
      ratio(perSecond, insert.perSecond),
      ratio(run.settledPerSecond, insert.perSecond),
      whole(route),
      ratio(perSecond, route),
    ]);
  }
  return table(rows);
}

async function chatTable(site: Site): Promise<string> {
  const grammy = await grammyFloor();
  const rows = [['chat', 'turns/s', 'turn p50 ms', 'p99 ms', 'reply p50 ms', 'p99 ms']];
  const plans = [
    ['one at a time', 1, 200],
    ['8 chats at once', 8, 600],
  ] as const;
  for (const [name, chats, total] of plans) {
    const { reply, turnP50Ms, turnP99Ms } = await chatRun(site, chats, total);
    const cells = [reply.perSecond, turnP50Ms, turnP99Ms, reply.p50Ms, reply.p99Ms];
    rows.push([name, ...cells.map(tenths)]);
  }
  rows.push([
    'grammY alone',
    whole(grammy.perSecond),
    grammy.p50Ms.toFixed(2),
    grammy.p99Ms.toFixed(2),
    '',
    '',
  ]);
  return table(rows);
}

async function summary(site: Site): Promise<string> {
  const receipt = await receiptRun(site, 50, 6);
  const megabytes = (await residentBytes(site.url)) / 1_000_000;
  return table([
    ['measure', 'value', 'aim'],
    ['callback to receipt at 50/s, p50 ms', tenths(receipt.p50Ms), '< 30'],
    ['callback to receipt at 50/s, p99 ms', tenths(receipt.p99Ms), ''],
    ['cold start, s', (site.coldStartMs / 1000).toFixed(2), '< 5'],
    ['warm start, s', (site.warmStartMs / 1000).toFixed(2), ''],
    ['memory of the program after the load, MB', whole(megabytes), '< 220'],
  ]);
}

const site = await openSite();
try {
  // First, while nothing is warm that a shop's first customer would not find warm either.
  say(`${await chatTable(site)}turn aim: p50 < 10 ms, one at a time\n\n`);
  say(`${await callbackTable(site)}\n`);
  say(`${await summary(site)}\n`);
  say(await bulkTable(site));
} finally {
  await site.close();
}
