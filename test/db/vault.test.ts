/** Protects what must not be read or moved: credentials, phones, and what people wrote. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVault, VaultError } from '../../src/db/vault.ts';
import { systemRandom } from '../../src/domain/random.ts';

const oldKey = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);
const vault = createVault([oldKey], systemRandom);
const phone = '254712345678';
const row = 'payment:0b1e:phone';

test('what was sealed opens for the same row', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (plain, identity) => {
      expect(vault.open(vault.seal(plain, identity), identity)).toBe(plain);
    }),
  );
});

test('a value that was moved to another row does not open', () => {
  const sealed = vault.seal(phone, row);
  expect(() => vault.open(sealed, 'payment:0b1f:phone')).toThrow(VaultError);
});

test('a value with any byte altered, cut off or added does not open', () => {
  const sealed = vault.seal(phone, row);
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(() => vault.open(altered, row)).toThrow(VaultError);
    expect(() => vault.open(sealed.subarray(0, at), row)).toThrow(VaultError);
  }
  expect(() => vault.open(Buffer.concat([sealed, Buffer.alloc(1)]), row)).toThrow(VaultError);
});

test('a value under an unknown key does not open, and says why', () => {
  const sealed = createVault([newKey], systemRandom).seal(phone, row);
  expect(() => vault.open(sealed, row)).toThrow('This value was sealed under another MASTER_KEY.');
});

test('rotation: the new key seals, the old one still opens, equality holds', () => {
  const rotating = createVault([newKey, oldKey], systemRandom);
  expect(rotating.open(vault.seal(phone, row), row)).toBe(phone);
  expect(createVault([newKey], systemRandom).open(rotating.seal(phone, row), row)).toBe(phone);
  expect(() => vault.open(rotating.seal(phone, row), row)).toThrow(VaultError);
  expect(rotating.keyId).not.toEqual(vault.keyId);
  expect(rotating.hmac('phone', phone)).toEqual(vault.hmac('phone', phone));
});

test('the same phone is sealed differently each time, and never shows', () => {
  const [first, second] = [vault.seal(phone, row), vault.seal(phone, row)];
  expect(first).not.toEqual(second);
  expect(first.includes(phone)).toBe(false);
});

test('equality is asked under the key and for one purpose', () => {
  expect(vault.hmac('phone', phone)).toEqual(vault.hmac('phone', phone));
  expect(vault.hmac('phone', phone)).not.toEqual(vault.hmac('digest', phone));
  expect(vault.hmac('phone', phone)).not.toEqual(createVault([newKey], systemRandom).hmac('phone', phone));
});

test('a master key is 32 bytes', () => {
  expect(() => createVault([Buffer.alloc(31)], systemRandom)).toThrow('A master key is 32 bytes.');
});
