import { expect, test } from 'vitest';
import { opensInSwahili } from '../../src/domain/entry-language.ts';

test.each([
  ...['habari', 'Habari yako?', 'hujambo', 'MAMBO', 'sasa', 'ombi', 'malipo', 'msaada', 'menyu', 'lugha'],
  ...[
    'nimelipa',
    'lipa 500 0712345678',
    'leo',
    'hali P-7KQ4M',
    'anza',
    'Hi, naomba risiti',
    'mia tano 0712345678',
  ],
])('begins in Swahili: %s', (text) => {
  expect(opensInSwahili(text)).toBe(true);
});

test.each([
  ...[
    '',
    'hi',
    'Hello there',
    'help',
    'menu',
    'start',
    'start pay_abc123',
    'pay 500 0712345678',
    'stop',
    'language',
  ],
  ...[
    'history',
    'status P-7KQ4M',
    'P-7KQ4M',
    '500 0712345678 chakula',
    'TFH774CBH1 Confirmed.',
    'Leo here',
    'please',
  ],
])('does not: %s', (text) => {
  expect(opensInSwahili(text)).toBe(false);
});
