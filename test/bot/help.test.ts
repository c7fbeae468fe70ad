/** Protects /help: it names what works, for whom it works, and nothing else; and the platform lists the same commands. */
import { describe, expect, test } from 'vitest';
import { type CommandName, commandNames } from '../../src/bot/table.ts';
import { createWords } from '../../src/bot/words.ts';
import { may, type Right, roles } from '../../src/domain/roles.ts';

/** What each command asks of whoever types it; null: nothing. As the outer contract lists them, without what is to come. */
const needs = {
  start: null,
  help: null,
  request: 'request_payment',
  link: 'request_payment',
  payout: 'request_payout',
  approvals: 'request_payout',
  review: 'review',
  history: 'see_payments',
  status: 'see_payments',
  verify: 'see_payments',
  today: 'review',
  balance: 'review',
  staff: 'manage_staff',
  settings: 'see_payments',
  language: null,
  freeze: 'freeze_payouts',
  switch: null,
  cancel: null,
} as const satisfies Record<CommandName, Right | null>;

/** Not named: what everybody knows, or learns where it is of use; /request, since the line that does it stands there. */
const unnamed: readonly string[] = ['start', 'help', 'cancel', 'switch', 'request'];

const words = createWords();
const named = (text: string): string[] => [...text.matchAll(/\/([a-z]+)/g)].map(([, name = '']) => name);

test('the platform’s list is the contract’s, of what works', () => {
  expect([...commandNames].toSorted()).toEqual(Object.keys(needs).toSorted());
});

describe.each(['en', 'sw'] as const)('in %s', (locale) => {
  test.each(roles)('/help of a %s names what the role may use', (role) => {
    const text = words.say(locale, `help-${role}`);
    for (const name of named(text)) {
      const right: Right | null = needs[name as CommandName];
      expect(right, `/${name}`).not.toBeUndefined();
      expect(right === null || may(role, right), `/${name}`).toBe(true);
    }
    expect(text.includes('500 0712345678')).toBe(may(role, 'request_payment'));
  });

  test('an owner’s names every command, a cashier’s fits on four lines', () => {
    const owner = new Set(named(words.say(locale, 'help-owner')));
    const missing = commandNames.filter((name) => !owner.has(name) && !unnamed.includes(name));
    // The language is one of the settings there.
    expect(missing).toEqual(['language']);
    const manager = new Set(named(words.say(locale, 'help-manager')));
    expect([...owner].filter((name) => !manager.has(name))).toEqual(['staff', 'settings']);
    expect(words.say(locale, 'help-cashier').split('\n')).toHaveLength(4);
  });
});
