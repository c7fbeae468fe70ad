import { describe, expect, test } from 'vitest';
import { asksForHelp, isCall, isOpenedLink, readCommandWord } from '../../src/domain/entry-commands.ts';

describe('a command by its word', () => {
  test.each([
    ['history', 'history', ''],
    ['Historia tafadhali', 'history', ''],
    ['LEO', 'today', ''],
    ['idhini', 'approvals', ''],
    ['badilisha biashara', 'switch', ''],
    ['status P-7KQ4M', 'status', 'P-7KQ4M'],
    ['hali p7kq4m', 'status', 'p7kq4m'],
    ['P-7KQ4M', 'status', 'P-7KQ4M'],
    ['w-3f9td', 'status', 'w-3f9td'],
    ['verify TFH774CBH1', 'verify', 'TFH774CBH1'],
    ['verify JBHMPUADXI', 'verify', 'JBHMPUADXI'],
    ['link 500 lunch', 'link', '500 lunch'],
    ['payout 500 0712345678 wages', 'payout', '500 0712345678 wages'],
    ['start pay_abc123', 'start', 'pay_abc123'],
  ])('%s', (text, command, argument) => {
    expect(readCommandWord(text)).toEqual({ command, argument });
  });

  test.each([
    'history of the world',
    'status of my order',
    'today we are closed',
    'link please send it',
    'verify that you are real',
    '500 0712345678 link',
    'freeze the chicken',
    'phello',
    '',
  ])('talk is none: %s', (text) => {
    expect(readCommandWord(text)).toBeNull();
  });
});

test('only a link that was opened means itself in the middle of a conversation', () => {
  expect(isOpenedLink('start join_Zm9vYmFyYmF6')).toBe(true);
  expect(isOpenedLink('Start pay_abc123')).toBe(true);
  expect(isOpenedLink('start')).toBe(false);
  expect(isOpenedLink('start again')).toBe(false);
});

test.each([
  'help',
  'Help me please!',
  'msaada',
  'MSAADA tafadhali',
  'menu',
  'menyu',
  'hi',
  'habari?',
  'hujambo',
])('a call, and no answer to any question: %s', (text) => {
  expect(isCall(text)).toBe(true);
});

test.each([
  'help with rent',
  'menu printing',
  'Habari Cyber',
  'hi-fi',
  'Jambo',
  'pay',
  'malipo',
  'wages',
  'leo',
  '',
])('an answer as good as any: %s', (text) => {
  expect([isCall(text), asksForHelp(text)]).toEqual([false, false]);
});
