import { randomBytes } from 'node:crypto';

/** Randomness, passed in so that a test can repeat a run. Production bytes come from the system's CSPRNG. */
export interface Random {
  bytes(length: number): Buffer;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** An unguessable capability: 128 bits as lower-case hex, since some gateways refuse words such as "exe" in a URL. */
export function token(random: Random): string {
  return random.bytes(16).toString('hex');
}
