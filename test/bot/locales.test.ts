/** Protects the texts: both languages say the same things, within the widths that chats and an SMS have, in one voice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { I18n } from '@grammyjs/i18n';
import { describe, expect, it } from 'vitest';
import { marks } from '../../src/bot/marks.ts';
import { commandNames } from '../../src/bot/table.ts';
import { bulkWhys } from '../../src/domain/bulk-read.ts';
import { paymentStates, type Reason } from '../../src/domain/payment.ts';
import { roles } from '../../src/domain/roles.ts';
import { smsSize } from '../../src/domain/sms-text.ts';

const directory = fileURLToPath(new URL('../../src/bot/locales', import.meta.url));
const locales = ['en', 'sw'] as const;
type Locale = (typeof locales)[number];

/** The messages as they stand in a file: key to source text. */
function readMessages(locale: Locale): ReadonlyMap<string, string> {
  const source = readFileSync(join(directory, `${locale}.ftl`), 'utf8');
  const messages = new Map<string, string>();
  for (const block of source.split(/^(?=[a-zA-Z][\w-]* *=)/m)) {
    const match = /^([a-zA-Z][\w-]*) *=([\s\S]*)$/.exec(block);
    if (match === null) continue;
    const key = match[1] ?? '';
    if (messages.has(key)) throw new Error(`${locale}.ftl holds "${key}" twice`);
    messages.set(key, (match[2] ?? '').replace(/^#.*$/gm, '').trim());
  }
  return messages;
}

const messages = { en: readMessages('en'), sw: readMessages('sw') };
const keys = [...messages.en.keys()];
const i18n = new I18n({
  defaultLocale: 'en',
  directory,
  fluentBundleOptions: { useIsolating: false },
});

function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? ''))].sort();
}

/** A text with every variable filled by its own name in brackets. */
function render(locale: Locale, key: string, values?: Record<string, string>): string {
  const named = variablesOf(messages[locale].get(key) ?? '').map((name) => [name, `<${name}>`] as const);
  return i18n.translate(locale, key, values ?? Object.fromEntries(named));
}

const everyText = locales.flatMap((locale) => keys.map((key) => [locale, key] as const));
const keysWith = (...prefixes: string[]): string[] =>
  keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));

describe('both languages', () => {
  it('hold the same keys', () => {
    expect([...messages.sw.keys()].sort()).toEqual([...keys].sort());
    expect(keys.length).toBeGreaterThan(200);
  });

  it.each(keys)('use the same variables in %s', (key) => {
    expect(variablesOf(messages.sw.get(key) ?? '')).toEqual(variablesOf(messages.en.get(key) ?? ''));
  });

  it.each(everyText)(
    '%s %s is a text, with every variable put in and no space at the ends of its lines',
    (locale, key) => {
      const text = render(locale, key);
      expect(text).not.toBe(`{${key}}`);
      expect(text).not.toContain('$');
      for (const line of text.split('\n')) expect(line).toBe(line.trim());
      expect(text.trim()).not.toBe('');
    },
  );

  it('break lines where the copy does', () => {
    const paid = { shop: 'Duka', at: '14:32', code: 'M-Pesa TFH774CBH1', note: '* [chai] .5' };
    expect(render('en', 'paid', paid)).toBe('Paid to Duka 14:32. M-Pesa TFH774CBH1\n* [chai] .5');
    expect(render('sw', 'confirm', { note: '-' })).toBe('-\nTutume ombi la PIN kwa simu hii?');
  });

  it('choose the words of the settings card', () => {
    expect(render('en', 'settings', { shop: 'Duka', sms: 'off', own: 'off', language: 'sw' })).toBe(
      'Duka\nSMS to customers: off\nSMS to the shop: off\nLanguage: Kiswahili',
    );
    expect(render('sw', 'settings', { shop: 'Duka', sms: 'on', own: '0722 000 111', language: 'en' })).toBe(
      'Duka\nSMS kwa wateja: zimewashwa\nSMS kwa duka: 0722 000 111\nLugha: English',
    );
  });
});

/** Reasons that stand inside `refused` or `account-stopped`; the others have a sentence of their own. */
const refusals = [
  'no_service_tokens',
  'reference_refused',
  'phone_refused',
  'channel_inactive',
  'credentials_refused',
  'request_refused',
  'gateway_unreachable',
  'misconfigured',
  'duplicate',
  'busy',
  'provider_down',
  'marked_not_paid',
  'too_late',
  'not_given',
] as const satisfies readonly Reason[];

describe('what the program names', () => {
  it('has a text for every mark, role, state, command and refusal', () => {
    const wanted = [
      ...Object.keys(marks),
      ...roles.map((role) => `role-${role}`),
      ...paymentStates.map((state) => `state-${state}`),
      ...commandNames.map((name) => `cmd-${name}`),
      ...refusals.map((reason) => `why-${reason.replaceAll('_', '-')}`),
      ...bulkWhys.map((why) => `bulk-w-${why.replaceAll('_', '-')}`),
    ];
    expect(wanted.filter((key) => !messages.en.has(key))).toEqual([]);
  });
});

describe('widths', () => {
  const perLocale = (some: string[]) =>
    locales.flatMap((locale) => some.map((key) => [locale, key] as const));

  it.each(perLocale(keysWith('btn-')))('%s %s fits a button', (locale, key) => {
    expect([...render(locale, key)].length).toBeLessThanOrEqual(20);
  });

  it.each(perLocale(keysWith('menu-', 'what-')))('%s %s fits a list row', (locale, key) => {
    expect([...render(locale, key)].length).toBeLessThanOrEqual(24);
  });

  it.each(perLocale(keysWith('cmd-')))('%s %s fits a command menu', (locale, key) => {
    expect([...render(locale, key)].length).toBeLessThanOrEqual(60);
  });
});

describe('voice', () => {
  const forbidden =
    /\b(?:errors?|invalid|fail(?:ed|ure|s)?|success(?:ful|fully)?|sorry|oops|thanks?|thank you|asante|samahani|kosa|makosa|imefaulu|imeshindwa|batili|saa)\b/i;

  it.each(everyText)('%s %s blames nobody, cheers nobody and carries no emoji', (locale, key) => {
    const text = render(locale, key);
    expect(text).not.toMatch(forbidden);
    expect(text).not.toContain('!');
    expect(text).not.toMatch(/\p{Extended_Pictographic}|[⚪❔]/u);
  });

  it('puts reasons inside a sentence: no capital at the start, no full stop at the end, an action after a semicolon', () => {
    for (const key of keysWith('why-'))
      for (const locale of locales) {
        const text = render(locale, key);
        expect(text, key).toMatch(/^(?:[a-z]|M-Pesa|Till).*; .*[^.]$/);
      }
  });

  it('says no balance and no "Confirmed" in an SMS, where a cheat would expect them', () => {
    for (const key of keysWith('sms-'))
      for (const locale of locales)
        expect(render(locale, key)).not.toMatch(/^[A-Z0-9]{10}|confirmed|imethibitishwa|balance|salio/i);
  });
});

describe('SMS', () => {
  const longest = {
    amount: 'KES 250,000',
    phone: '2547****678',
    shop: 'S'.repeat(40),
    at: '31/12 23:59',
    code: 'M-Pesa TFH774CBH1',
    ref: 'P-7KQ4M',
    note: 'n'.repeat(20),
    end: '31/12 23:59',
    gateway: 'G'.repeat(40),
  };
  const agreed = [
    ['sms-customer', 149, 157],
    ['sms-merchant', 135, 138],
    ['sms-payee', 147, 155],
    ['sms-approval', 157, 154],
    ['sms-reversed', 158, 158],
    ['sms-look', 137, 134],
    ['sms-stopped', 141, 147],
  ] as const;

  it('has a known length for every text', () => {
    expect(keysWith('sms-').sort()).toEqual(agreed.map(([key]) => key).sort());
  });

  it.each(agreed)('%s is one GSM-7 part with the longest values', (key, en, sw) => {
    for (const [locale, length] of [
      ['en', en],
      ['sw', sw],
    ] as const) {
      const text = render(locale, key, longest);
      expect(text).not.toMatch(/[·‘’“”\u00a0\u202f]/);
      expect(smsSize(text)).toEqual({ encoding: 'gsm7', units: length, parts: 1 });
    }
  });
});

describe('WhatsApp templates', () => {
  it.each(['receipt_customer', 'receipt_merchant', 'approval_wanted'])(
    '%s is one that Meta accepts',
    (key) => {
      for (const locale of locales) {
        const text = render(locale, key);
        const numbers = [...text.matchAll(/\{\{(\d+)\}\}/g)].map((match) => Number(match[1]));
        expect(numbers).toEqual([1, 2, 3, 4, 5]);
        expect(text).not.toMatch(/^\{\{|\}\}$|\}\} ?\{\{|[#$%\n]/);
      }
    },
  );
});
