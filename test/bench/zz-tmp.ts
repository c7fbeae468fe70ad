import { callbackRun } from './callbacks.ts';
import { chatRun } from './chat.ts';
import { insertFloor } from './floors.ts';
import { openSite, residentBytes } from './site.ts';
const site = await openSite();
const rss = async (s: string) => console.log(s, ((await residentBytes(site.url)) / 1e6).toFixed(0));
try {
  await rss('start');
  await chatRun(site, 1, 50); await rss('warm');
  if (process.argv[2] === 'chat') { console.log(await chatRun(site, 1, 200)); await rss('chat1'); console.log(await chatRun(site, 8, 400)); await rss('chat8'); }
  if (process.argv[2] === 'cb') { console.log(await insertFloor(site.databaseUrl, 8)); console.log(await callbackRun(site, 8, 500)); await rss('cb'); console.log(await callbackRun(site, 64, 500)); await rss('cb64'); }
  const m = await (await fetch(site.url + '/metrics')).text();
  console.log(m.split('\n').filter((l) => /^nodejs_(heap_size|external)|^malipo_turn_seconds_(sum|count)/.test(l)).join('\n'));
} finally { await site.close(); }
