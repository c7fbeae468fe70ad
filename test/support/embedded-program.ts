/** A program that serves from the data directory of its first argument: run as a child, to be killed. */
import { openEmbedded } from '../../src/db/embedded.ts';
import { silentLog } from '../../src/ops/log.ts';

const dataDir = process.argv[2] ?? '';
const holdWaitMs = Number(process.argv[3]);
try {
  const database = await openEmbedded({ dataDir, log: silentLog, fsync: false, holdWaitMs });
  process.once('SIGTERM', () => database.stop());
  process.send?.({ url: database.url, adopted: database.adopted });
  process.channel?.unref();
} catch (err) {
  process.send?.({ refused: err instanceof Error ? err.message : String(err) });
  process.disconnect();
}
