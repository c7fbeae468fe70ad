/** Protects the shop from paying for two parts: every SMS is one GSM-7 part, whatever names, notes and codes are in it. */
import { describe, expect, test } from 'vitest';
import type { PaymentView } from '../../src/bot/cards/payment-view.ts';
import { type MemberText, memberSmsText, proofOf, smsText } from '../../src/bot/cards/sms-text.ts';
import { createWords } from '../../src/bot/words.ts';
import { plusSeconds } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { type Flag, paymentStates, type Trust } from '../../src/domain/payment.ts';
import { smsSize } from '../../src/domain/sms-text.ts';

const words = createWords();
const locales = ['en', 'sw'] as const;
const kinds = ['customer', 'merchant'] as const;
const paidAt = new Date('2026-12-31T20:59:00Z');

interface Given {
  readonly shop?: string;
  readonly note?: string;
  readonly amountCents?: bigint;
  readonly receipt?: string | null;
  readonly receiptFinal?: boolean | null;
  readonly receiptTrust?: Trust;
  readonly state?: string;
  readonly flag?: Flag | null;
}

function viewOf(given: Given): PaymentView {
  const { shop = 'Mama Njeri', note = 'lunch', amountCents = 50_000n, state = 'paid' } = given;
  return {
    payment: {
      state,
      flag: given.flag ?? null,
      ref: 'P-7KQ4M',
      amount_cents: amountCents,
      paid_at: state === 'paid' ? paidAt : null,
      updated_at: paidAt,
      note,
    },
    business: { name: shop },
    attempts: [
      {
        state: state === 'paid' ? 'paid' : 'unknown',
        paid_cents: amountCents,
        receipt: given.receipt === undefined ? 'TFH774CBH1' : given.receipt,
        receipt_final: given.receiptFinal === undefined ? true : given.receiptFinal,
        receipt_trust: given.receiptTrust ?? 'signed',
      },
    ],
    msisdn: '254712345678' as Msisdn,
  } as unknown as PaymentView;
}

/** The longest that the rest of the program lets through, and what costs more than it looks. */
const shops = [
  'S'.repeat(40),
  'S'.repeat(60),
  '€'.repeat(60),
  '[{~}] €€€ '.repeat(6),
  'Ñandú & Æbler — “Café” · 茶',
  '茶',
  '🙂'.repeat(30),
  "Mama Njeri's",
];
const notes = ['', 'n'.repeat(20), 'n'.repeat(80), '€'.repeat(80), '茶', 'chai — “moja”'];
const receipts = ['TFH774CBH1', 'R'.repeat(40), null];

describe('every text at its longest', () => {
  test.each(locales.flatMap((locale) => kinds.map((kind) => [locale, kind] as const)))(
    '%s %s',
    (locale, kind) => {
      for (const shop of shops)
        for (const note of notes)
          for (const receipt of receipts) {
            const view = viewOf({ shop, note, amountCents: 25_000_000n, receipt });
            const text = smsText(words, locale, kind, view, { receipt });
            expect(smsSize(text), text).toMatchObject({ encoding: 'gsm7', parts: 1 });
            expect(text).toContain('P-7KQ4M');
            expect(text).toContain('KES 250,000');
            expect(text).toContain(receipt ?? words.say(locale, 'code-follows'));
            expect(text).not.toMatch(/undefined|null| {2}|^[A-Z0-9]{10}|[·‘’“”\u00a0]|712345678/);
          }
    },
  );

  const money = { amount: 'KES 250,000', phone: '2547****678', ref: 'W-7KQ4M' };
  const memberTexts: MemberText[] = [
    { key: 'sms-approval', ...money, end: '31/12 23:59' },
    { key: 'sms-approval', ...money, end: '31/12 23:59', phone: { rows: 10_000 } },
    { key: 'sms-reversed', ...money },
    { key: 'sms-look', ...money },
    { key: 'sms-stopped', gateway: '€'.repeat(40) },
    { key: 'sms-stopped', gateway: '茶' },
  ];

  test.each(locales.flatMap((locale) => memberTexts.map((text) => [locale, text.key, text] as const)))(
    '%s %s, to a member',
    (locale, _key, member) => {
      for (const shop of shops) {
        const text = memberSmsText(words, locale, shop, member);
        expect(smsSize(text), text).toMatchObject({ encoding: 'gsm7', parts: 1 });
        expect(text).not.toMatch(/undefined|null| {2}|^[A-Z0-9]{10}|[·‘’“”\u00a0]|712345678/);
        expect(text).toMatch(/WhatsApp/);
        if (member.key !== 'sms-stopped') expect(text).toContain('W-7KQ4M');
      }
    },
  );

  test('a member reads how many a file pays, in their own language', () => {
    const asked = { key: 'sms-approval', ...money, end: '31/12 23:59', phone: { rows: 12 } } as const;
    expect(memberSmsText(words, 'en', 'Mama Njeri', asked)).toBe(
      'KES 250,000 to 12 people waits for your approval until 31/12 23:59. Mama Njeri, W-7KQ4M. Write "approvals" to us on WhatsApp.',
    );
    expect(memberSmsText(words, 'sw', 'Mama Njeri', asked)).toMatch(
      /^KES 250,000 kwa watu 12 inasubiri idhini/,
    );
  });

  test('a usual one is whole', () => {
    const view = viewOf({ shop: 'S'.repeat(40), note: 'n'.repeat(20), amountCents: 25_000_000n });
    for (const locale of locales)
      for (const kind of kinds)
        expect(smsText(words, locale, kind, view, { receipt: 'TFH774CBH1' })).toContain('S'.repeat(40));
  });

  test('reads as the copy', () => {
    const proof = { receipt: 'TFH774CBH1' };
    expect(smsText(words, 'en', 'customer', viewOf({}), proof)).toBe(
      'KES 500 paid to Mama Njeri, 31/12 23:59. M-Pesa TFH774CBH1. Our number P-7KQ4M. Payment receipt, not a tax invoice.',
    );
    expect(smsText(words, 'sw', 'merchant', viewOf({}), proof)).toBe(
      'KES 500 kutoka 2547****678 kwa Mama Njeri, 31/12 23:59. M-Pesa TFH774CBH1. P-7KQ4M, lunch',
    );
    expect(smsText(words, 'en', 'merchant', viewOf({ note: '' }), proof)).toMatch(/P-7KQ4M$/);
    expect(smsText(words, 'sw', 'customer', viewOf({ shop: '茶' }), { receipt: null })).toMatch(
      /^KES 500 imelipwa kwa duka, .* Code ya M-Pesa: angalia SMS yako ya M-Pesa\. /,
    );
  });
});

describe('nothing is said before proof', () => {
  const flags: (Flag | null)[] = [
    null,
    'amount_differs',
    'phone_differs',
    'receipt_used',
    'unproved',
    'unmapped',
    'twice',
    'contradiction',
    'customer_says',
  ];

  test('in any state, under any flag', () => {
    const later = plusSeconds(paidAt, 3600);
    for (const state of paymentStates)
      for (const flag of flags)
        for (const now of [paidAt, later]) {
          const proof = proofOf(viewOf({ state, flag }), now);
          if (state === 'paid' && (flag === null || flag === 'customer_says'))
            expect(proof).toEqual({ receipt: 'TFH774CBH1' });
          else expect(proof, `${state} ${flag}`).toBe(null);
        }
  });

  test('a number that is owed is waited for, for ten minutes; no stand-in is ever printed', () => {
    for (const owed of [
      { receipt: 'RCHK-12', receiptFinal: false },
      { receipt: null, receiptFinal: null },
    ]) {
      const view = viewOf(owed);
      expect(proofOf(view, plusSeconds(paidAt, 599))).toBe(null);
      expect(proofOf(view, plusSeconds(paidAt, 600))).toEqual({ receipt: null });
    }
  });

  test('a number that the gateway has not named is not printed', () => {
    for (const receiptTrust of ['person', 'accepted_unsigned'] as const) {
      const view = viewOf({ receiptTrust });
      expect(proofOf(view, paidAt)).toEqual({ receipt: null });
      expect(smsText(words, 'en', 'customer', view, { receipt: null })).toContain(
        'M-Pesa code: see your M-Pesa SMS. Our number P-7KQ4M.',
      );
    }
    for (const receiptTrust of ['signed', 'lookup'] as const)
      expect(proofOf(viewOf({ receiptTrust }), paidAt)).toEqual({ receipt: 'TFH774CBH1' });
  });

  test('what a person cleared days later is not told by SMS any more', () => {
    expect(proofOf(viewOf({}), plusSeconds(paidAt, 4 * 24 * 3600))).toBe(null);
  });
});
