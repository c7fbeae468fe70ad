/** Protects names on paper: what the paper's font lacks is seen to be missing, never printed as something else. */
import { expect, test } from 'vitest';
import { printable } from '../../src/bot/cards/printable.ts';

test.each([
  ['Mama Njeri & “Watoto” – 50% café', 'Mama Njeri & “Watoto” – 50% café', true],
  ['Wanjikũ', 'Wanjiku', false],
  ['cafe\u0301', 'café', true],
  ['Duka 😀👨‍👩‍👧', 'Duka ??', false],
  ['Жд', '??', false],
  ['ﬁne', 'fine', false],
  ['a\u0000b\tc', 'a?b?c', false],
])('%s reads %s', (name, text, whole) => {
  expect(printable(name)).toEqual({ text, whole });
});
