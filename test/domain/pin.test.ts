/** Protects what is taken for a PIN, and the amounts, phones and codes that must not be. */
import { expect, test } from 'vitest';
import { pinIn } from '../../src/domain/pin.ts';

test.each([
  ['1234', 'lone'],
  ['  1234 \n', 'lone'],
  ['1 2 3 4', 'lone'],
  ['12-34', 'lone'],
  ['*1234#', 'lone'],
  ['۱۲۳۴', 'lone'],
  ['１２３４', 'lone'],
  ['1️⃣2️⃣3️⃣4️⃣', 'lone'],
  ['ni 1234', 'lone'],
  ['ni hii hapa: 1234', 'lone'],
  ['Here it is, 1234.', 'lone'],
  ['nywila yangu 1234', 'named'],
  ['pini 1234', 'named'],
  ['pin yangu 1234', 'named'],
  ['mpin ni 1234', 'named'],
  ['pin 1234', 'named'],
  ['PIN:1234', 'named'],
  ['PIN yangu ni 1234', 'named'],
  ['pin1234', 'named'],
  ['1 2 3 4 ni pin yangu', 'named'],
  ['namba ya siri 1234', 'named'],
  ['pin 1234 simu 0712345678', 'beside'],
  ['0712345678, 1234 ndiyo PIN', 'beside'],
])('%j is %s', (text, kind) => {
  expect(pinIn(text)).toBe(kind);
});

test.each([
  '',
  '123',
  '12345',
  '500 0712345678 lunch',
  '1500 lunch',
  'kiasi ni 1500',
  '1500 mpini',
  'nimelipa 1500',
  'ni 500',
  '0712 345 678',
  'TFH774CBH1',
  '1500 0712345678 pins',
  'P-7KQ4M',
  'shipping 1500',
  '31/12/2026',
  'Usimpe mtu PIN yako',
])('%j is none', (text) => {
  expect(pinIn(text)).toBeNull();
});
