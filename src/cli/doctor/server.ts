import { statfs } from 'node:fs/promises';
import type { Config } from '../../config.ts';
import { isLoopback } from '../../domain/address.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

/** Only a look at the address: whether the world reaches it cannot be told from inside. */
export function checkPublicUrl({ publicUrl, mode }: Config): Finding {
  const name = 'public url';
  if (mode === 'playground') return ok(name, `${publicUrl}, the playground`);
  const todo = 'set PUBLIC_URL to the https:// address under which gateways reach this server';
  if (isLoopback(publicUrl))
    return hint(name, `${publicUrl} is this machine only: no callback arrives`, todo);
  if (publicUrl.startsWith('http:'))
    return hint(name, `${publicUrl} is not encrypted: callback URLs can be read on the way`, todo);
  return ok(name, publicUrl);
}

const mebibyte = 1024 * 1024;
const wrongBelow = 200 * mebibyte;
const hintBelow = 1024 * mebibyte;

export async function checkDisk(dataDir: string | null): Promise<Finding> {
  const name = 'disk';
  if (dataDir === null) return ok(name, 'the database keeps its own');
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const said = `${Math.floor(free / mebibyte)} MiB free for ${dataDir}`;
  const todo = 'make room: a full disk stops the database';
  if (free < wrongBelow) return wrong(name, said, todo);
  return free < hintBelow ? hint(name, said, todo) : ok(name, said);
}
