/**
 * Encrypts credentials, phones and what people wrote: AES-256-GCM under MASTER_KEY, with the row's identity as
 * associated data, so that a sealed value moved to another row does not open. Phones are compared by a keyed HMAC,
 * since a plain hash of a Kenyan number can be reversed by trying them all.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '../domain/random.ts';

/** Sealed form: 1 byte version, 4 bytes key id, 12 bytes nonce, 16 bytes tag, then the ciphertext. */
const version = 1;
const headBytes = 1 + 4 + 12 + 16;

export interface Vault {
  readonly keyId: Buffer;
  /** `identity` names the row, such as "payment:<id>:phone"; the same text is needed to open. */
  seal(plain: string, identity: string): Buffer;
  /** Throws VaultError where the key is unknown, or the value was altered or moved. */
  open(sealed: Buffer, identity: string): string;
  /** Keyed HMAC-SHA256, for asking whether two values are equal. */
  hmac(
    purpose:
      | 'phone'
      | 'callback'
      | 'digest'
      | 'receipt'
      | 'pay_link'
      | 'address'
      | 'audit'
      | 'press'
      | 'invite'
      | 'chat',
    value: string,
  ): Buffer;
}

export class VaultError extends Error {
  readonly code = 'vault';
}

interface Key {
  readonly id: Buffer;
  readonly seal: Buffer;
}

/** `masterKeys`: 32 bytes each; the first seals, every one opens, so that a key can be rotated row by row. */
export function createVault(masterKeys: readonly [Buffer, ...Buffer[]], random: Random): Vault {
  const keys = masterKeys.map(deriveKey);
  const current = keys[0] as Key;
  const hmacKey = derive(masterKeys[masterKeys.length - 1] as Buffer, 'malipo equality');
  return {
    keyId: current.id,
    seal: (plain, identity) => seal(current, random, plain, identity),
    open: (sealed, identity) => open(keys, sealed, identity),
    hmac: (purpose, value) => createHmac('sha256', hmacKey).update(`${purpose}\0${value}`).digest(),
  };
}

function derive(master: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), label, 32));
}

function deriveKey(master: Buffer): Key {
  if (master.length !== 32) throw new VaultError('A master key is 32 bytes.');
  return {
    id: createHash('sha256').update('malipo key id').update(master).digest().subarray(0, 4),
    seal: derive(master, 'malipo seal'),
  };
}

function seal(key: Key, random: Random, plain: string, identity: string): Buffer {
  const nonce = random.bytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.seal, nonce);
  cipher.setAAD(Buffer.from(identity));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.from([version]), key.id, nonce, cipher.getAuthTag(), body]);
}

function open(keys: readonly Key[], sealed: Buffer, identity: string): string {
  if (sealed.length < headBytes || sealed[0] !== version) throw new VaultError('This is not a sealed value.');
  const id = sealed.subarray(1, 5);
  const key = keys.find((candidate) => candidate.id.equals(id));
  if (key === undefined) throw new VaultError('This value was sealed under another MASTER_KEY.');
  const decipher = createDecipheriv('aes-256-gcm', key.seal, sealed.subarray(5, 17));
  decipher.setAAD(Buffer.from(identity));
  decipher.setAuthTag(sealed.subarray(17, headBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new VaultError('A sealed value was altered or moved to another row.', { cause });
  }
}
