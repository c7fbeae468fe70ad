/** Protects what a payout's card says in every state, in both languages, and what may be pressed on it. */
import { describe, expect, test } from 'vitest';
import { overKeys } from '../../src/bot/cards/payment-over.ts';
import { payoutHead, renderPayoutCard } from '../../src/bot/cards/payout-card.ts';
import { payeeText } from '../../src/bot/cards/payout-payee.ts';
import { type PayoutRendering, whyOf } from '../../src/bot/cards/payout-said.ts';
import type { PayoutView } from '../../src/bot/cards/payout-view.ts';
import { createWords } from '../../src/bot/words.ts';
import type { Reason } from '../../src/domain/payment.ts';
import { payoutStates } from '../../src/domain/payout.ts';
import { defaultLimits } from '../../src/domain/payout-limits.ts';
import { isGsm7, smsSize } from '../../src/domain/sms-text.ts';

const words = createWords();
const now = new Date('2026-11-21T11:32:00Z');
const end = new Date('2026-11-22T11:32:00Z');

type Over = Partial<PayoutView['payout']>;
function view(payout: Over, over: Partial<PayoutView> = {}): PayoutView {
  return {
    payout: {
      ref: 'W-3F9TD',
      amount_cents: 529_00n,
      charge_cents: 0n,
      payee_name: 'Wanja <3',
      note: 'wages',
      state: 'draft',
      reason: null,
      flag: null,
      batch_id: null,
      refund_of: null,
      resend_reason: null,
      receipt: null,
      receipt_final: null,
      expires_at: end,
      sent_at: now,
      paid_at: now,
      ended_at: now,
      next_check_at: now,
      created_at: now,
      updated_at: now,
      ...payout,
    },
    business: { id: 'b', name: 'Mama Njeri', locale: 'en', frozen_at: null },
    account: 'Paybill 123456',
    msisdn: '254712345678',
    requester: 'Otieno',
    decided: { kind: 'approved', by: 'x', who: 'Baraka', why: 'Mkononi', at: now },
    marked: null,
    dropped: null,
    approvers: { others: [{ id: 'x', name: 'Baraka', role: 'owner' }], alone: false },
    limits: defaultLimits,
    float: 10_000_55n,
    fee: 23_00n,
    open: null,
    before: { count: 2, lastCents: 500_00n, lastAt: new Date('2026-11-01T06:00:00Z') },
    told: null,
    ...over,
  } as unknown as PayoutView;
}

const how = (over: Partial<PayoutRendering> = {}): PayoutRendering => ({
  words,
  locale: 'en',
  now,
  kind: 'request',
  namesBusiness: false,
  group: false,
  ...over,
});
const head = '<b>KES 529 → 0712 345 678 · W-3F9TD</b>';
const confirm =
  'Wanja &lt;3: wages\nFee KES 23. Float KES 10,000, then KES 9,448.\nThis phone before: 2, last KES 500 1 Nov 09:00';
const code = { receipt: 'TFH774CBH1', receipt_final: true };

const request: [string, PayoutView, string, string[]][] = [
  [
    'a draft',
    view({}),
    `${head}\n${confirm}\nWithout the withdrawal charge of KES 29; with it KES 558.`,
    ['ask', 'charge', 'change', 'cancel'],
  ],
  [
    'a draft of more than M-Pesa sends with the charge',
    view({ amount_cents: 250_000_00n }, { float: null }),
    `${head.replace('529', '250,000')}\n${confirm.replace(/Float.*/, 'Float not known yet.')}`,
    ['ask', 'change', 'cancel'],
  ],
  [
    'a draft with the withdrawal charge, of a float nobody told',
    view({ charge_cents: 29_00n }, { float: null, fee: null, before: null }),
    `${head}\nWanja &lt;3: wages\nFee known after sending. Float not known yet.\nThis phone before: nothing yet\nKES 500 and KES 29 withdrawal charge (M-Pesa tariff of 2024-2025).`,
    ['ask', 'no-charge', 'change', 'cancel'],
  ],
  ['a refund that is drafted', view({ refund_of: 'p' as never }), `${head}\n${confirm}`, ['ask', 'cancel']],
  [
    'waiting',
    view({ state: 'waiting' }),
    `⏳ ${head}\nWaiting for approval by Baraka, until 22 Nov 14:32.`,
    ['withdraw'],
  ],
  [
    'waiting for oneself',
    view({ state: 'waiting' }, { approvers: { others: [], alone: true } }),
    `⏳ ${head}\nWaiting for approval by Otieno, until 22 Nov 14:32.`,
    ['approve', 'withdraw'],
  ],
  ['approved', view({ state: 'approved' }), `⏳ ${head}\nApproved by Baraka 14:32. Sending.`, ['withdraw']],
  [
    'on hold',
    view({ state: 'approved' }, { business: { name: 'Mama Njeri', frozen_at: now } as never }),
    `⏳ ${head}\nApproved by Baraka 14:32. On hold: payouts are stopped.`,
    ['withdraw'],
  ],
  ['sending', view({ state: 'sending' }), `⏳ ${head}\nApproved by Baraka 14:32. Sending.`, []],
  [
    'taken on',
    view({ state: 'sent_to_gateway' }),
    `⏳ ${head}\nM-Pesa has it since 14:32; its answer follows.`,
    [],
  ],
  [
    'not known',
    view({ state: 'unknown' }),
    `❔ ${head}\nWe do not know yet. Do not send again. Next check 14:32.`,
    [],
  ],
  [
    'to review',
    view({ state: 'review', flag: 'unproved' }),
    `⚠️ ${head}\nWe still do not know. Compare with the M-Pesa statement.`,
    ['open'],
  ],
  [
    'another amount',
    view({ state: 'review', flag: 'amount_differs' }, { told: { amount_cents: 500_00n } as never }),
    `⚠️ ${head}\nM-Pesa shows KES 500. Compare with the M-Pesa statement.`,
    ['open'],
  ],
  [
    'said by one person',
    view(
      { state: 'review', flag: 'unproved' },
      { marked: { by: 'x', who: 'Baraka', verdict: 'failed', receipt: null } as never },
    ),
    `⚠️ ${head}\nBaraka says: It was not paid. Another owner or manager says the same, or not.`,
    ['open'],
  ],
  [
    'not what was approved',
    view({ state: 'review', flag: 'contradiction', sent_at: null }),
    `⚠️ ${head}\nNot sent: it is not what was approved. Ask whoever runs the bot.`,
    ['open'],
  ],
  [
    'paid',
    view({ state: 'paid', ...code }),
    `✅ ${head}\nSent 14:32. M-Pesa TFH774CBH1\nAsked by Otieno, approved by Baraka.`,
    [],
  ],
  [
    'paid, its code owed',
    view({ state: 'paid' }),
    `✅ ${head}\nSent 14:32. M-Pesa code follows\nAsked by Otieno, approved by Baraka.`,
    [],
  ],
  [
    'paid, and contradicted',
    view({ state: 'paid', flag: 'contradiction', ...code }),
    `⚠️ ${head}\nSent 14:32. M-Pesa TFH774CBH1\nLater M-Pesa told us otherwise. Compare with the M-Pesa statement.`,
    ['open'],
  ],
  [
    'taken back',
    view({ state: 'reversed', flag: 'reversed' }, { told: { seen_at: end } as never }),
    `⚠️ ${head}\nSent 14:32, taken back by M-Pesa 22 Nov 14:32. The payee no longer has it.`,
    ['open'],
  ],
  [
    'not sent',
    view({ state: 'failed', reason: 'float_too_low' }),
    `⚪ ${head}\nNot sent: the float is too low; fill it, then ask again.\nNo money moved.`,
    ['ask'],
  ],
  [
    'not sent, and contradicted',
    view({ state: 'failed', reason: 'not_given', flag: 'contradiction' }),
    `⚠️ ${head}\nWe said it was not sent; M-Pesa tells otherwise. Compare with the M-Pesa statement.`,
    ['open'],
  ],
  ['rejected', view({ state: 'rejected' }), `⚪ ${head}\nRejected by Baraka: Mkononi.\nNo money moved.`, []],
  [
    'lapsed',
    view({ state: 'expired', ended_at: end }),
    `⚪ ${head}\nNo approval by 22 Nov 14:32. Ask again if still due.\nNo money moved.`,
    ['ask'],
  ],
  ['stopped', view({ state: 'void' }), `${head}\nStopped; nothing was sent.`, []],
];

describe('the card of whoever asked', () => {
  test.each(request)('%s', (_, shown, text, buttons) => {
    const card = renderPayoutCard(shown, how());
    expect(card.text).toBe(text);
    expect(card.buttons.map(({ action }) => action)).toEqual(buttons);
  });

  test.each(request)(
    'in Swahili, as long and with the same mark and buttons: %s',
    (_, shown, text, buttons) => {
      const card = renderPayoutCard(shown, how({ locale: 'sw' }));
      expect(card.text.split('\n')).toHaveLength(text.split('\n').length);
      expect(card.text.split('<')[0]).toBe(text.split('<')[0]);
      expect(card.text).not.toMatch(/\b(?:the|and|sent|paid|money)\b/i);
      expect(card.buttons.map(({ action }) => action)).toEqual(buttons);
      for (const { label } of card.buttons) expect(label.length).toBeLessThanOrEqual(20);
    },
  );

  test('knows every state', () => {
    expect(new Set(request.map(([, { payout }]) => payout.state))).toEqual(new Set(payoutStates));
  });
});

describe('the card of whoever may approve', () => {
  const approval = (shown: PayoutView, over: Partial<PayoutRendering> = {}) =>
    renderPayoutCard(shown, how({ kind: 'approval', ...over }));

  test('shows what is asked, by whom and how long', () => {
    const card = approval(view({ state: 'waiting', resend_reason: 'Overtime' }));
    expect(card.text).toBe(
      `⏳ ${head}\n${confirm}\nSent again because: Overtime\nOtieno asks, until 22 Nov 14:32.`,
    );
    expect(card.buttons.map(({ action }) => action)).toEqual(['approve', 'details', 'reject']);
  });

  test('whose approver left is asked for anew', () => {
    const dropped = { by: 'x', who: 'Baraka', left: 'approver' } as never;
    const card = renderPayoutCard(view({ state: 'void' }, { dropped }), how());
    expect(card.text).toContain('Baraka approved it and may no longer do so.');
    expect(card.buttons.map(({ action }) => action)).toEqual(['ask']);
  });

  test('masks the phone where others stand by, and names the business', () => {
    const card = approval(view({ state: 'waiting' }), { group: true, namesBusiness: true });
    expect(card.text).toMatch(/^⏳ <b>KES 529 → 2547\*\*\*\*678 · W-3F9TD<\/b>\nMama Njeri\n/);
  });

  test.each(payoutStates.filter((state) => state !== 'waiting' && state !== 'review'))(
    'decides nothing any more when it is %s',
    (state) => {
      const left = state === 'approved' ? ['withdraw'] : [];
      expect(approval(view({ state })).buttons.map(({ action }) => action)).toEqual(left);
      expect(approval(view({ state }), { group: true }).buttons).toEqual([]);
    },
  );

  test('says what became of it, where it was changed or taken back', () => {
    expect(approval(view({ state: 'draft' })).text).toContain('Details changed; the approval is void.');
    expect(approval(view({ state: 'void' })).text).toContain('Otieno took it back.\nNo money moved.');
    const dropped = { by: 'y', who: 'Baraka', left: null } as never;
    const own = renderPayoutCard(view({ state: 'void' }, { dropped }), how());
    expect(own.text).toContain('Baraka took it back.\nNo money moved.');
    expect(own.buttons).toEqual([]);
  });
});

test.each(Object.keys(overKeys) as Reason[])(
  '%s has words that fit a payout, in both languages',
  (reason) => {
    for (const locale of ['en', 'sw'] as const) {
      const text = words.say(locale, whyOf(reason));
      expect(text).not.toMatch(/\bPIN\b|prompt/);
    }
  },
);

test('the payee’s SMS is one part of GSM-7, however long the names', () => {
  for (const locale of ['en', 'sw'] as const) {
    const long = view(
      { state: 'paid', amount_cents: 250_000_00n, note: 'mshahara wa mwezi wa kumi na moja', ...code },
      { business: { name: 'Mama Njeri na Wanawe Wote Duka la Jumla — Gikomba', frozen_at: null } as never },
    );
    const text = payeeText(words, locale, long);
    expect(isGsm7(text)).toBe(true);
    expect(smsSize(text).parts).toBe(1);
    expect(text).toContain('W-3F9TD');
  }
});

test('lists and heads name amount, phone and number', () => {
  expect(payoutHead(view({}), false)).toBe('KES 529 → 0712 345 678 · W-3F9TD');
});
