/** Protects the simulated phones: every outcome has its code, and money leaves a phone exactly once for each receipt. */
import { describe, expect, it, vi } from 'vitest';
import type { PromptOutcome } from '../../src/sandbox/mpesa/network.ts';
import type { PromptRequest } from '../../src/sandbox/mpesa/prompts.ts';
import { eatTime } from '../../src/sandbox/mpesa/texts.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTestRandom } from '../support/clock.ts';

const asha = '254712345678';
const juma = '254110345678';

function world() {
  const scheduler = createManualScheduler(new Date('2026-11-21T11:31:00Z'));
  const mpesa = createMpesa({ scheduler, random: createTestRandom() });
  mpesa.addSubscriber({ msisdn: asha, pin: '1234', balanceCents: 200_000n });
  const outcomes: PromptOutcome[] = [];
  const ask = (over: Partial<PromptRequest> = {}): string =>
    mpesa.prompt({
      msisdn: asha,
      amountCents: 50_000n,
      merchant: 'MAMA NJERI SHOP',
      account: 'P7KQ4M1',
      onOutcome: (outcome) => outcomes.push(outcome),
      ...over,
    });
  const codes = (): number[] => outcomes.map((outcome) => outcome.code);
  return { scheduler, mpesa, outcomes, ask, codes };
}

describe('a prompt that is answered', () => {
  it('moves the money once, with a receipt, and tells the phone in M-Pesa words', () => {
    const { mpesa, outcomes, ask } = world();
    const id = ask();
    expect(mpesa.prompts(asha)).toMatchObject([{ id, amountCents: 50_000n, merchant: 'MAMA NJERI SHOP' }]);
    expect(mpesa.enterPin(id, '1234')).toBe('done');
    expect(mpesa.enterPin(id, '1234')).toBe('gone');
    const [movement] = mpesa.moved();
    expect(mpesa.moved()).toHaveLength(1);
    expect(movement).toEqual({
      msisdn: asha,
      amountCents: 50_000n,
      receipt: expect.stringMatching(/^[A-Z][A-Z0-9]{9}$/),
      merchant: 'MAMA NJERI SHOP',
      account: 'P7KQ4M1',
      at: new Date('2026-11-21T11:31:00Z'),
    });
    expect(outcomes).toEqual([{ code: 0, receipt: movement?.receipt, at: movement?.at }]);
    expect(mpesa.subscriber(asha)?.balanceCents).toBe(150_000n);
    expect(mpesa.prompts(asha)).toEqual([]);
    expect(mpesa.smsInbox(asha)).toEqual([
      {
        from: 'MPESA',
        text: `${movement?.receipt} Confirmed. Ksh500.00 paid to MAMA NJERI SHOP for account P7KQ4M1 on 21/11/26 at 2:31 PM. New M-PESA balance is Ksh1,500.00. Transaction cost, Ksh0.00.`,
        at: movement?.at,
      },
    ]);
  });

  it('has no outcome any more when its time comes', () => {
    const { scheduler, mpesa, ask, codes } = world();
    mpesa.enterPin(ask(), '1234');
    scheduler.advance(120_000);
    expect(codes()).toEqual([0]);
  });

  it.each([
    ['a wrong PIN', 2001, (w: ReturnType<typeof world>, id: string) => w.mpesa.enterPin(id, '4321')],
    ['cancel', 1032, (w: ReturnType<typeof world>, id: string) => w.mpesa.cancel(id)],
    [
      'too little money',
      1,
      (w: ReturnType<typeof world>, id: string) => {
        w.mpesa.setBalance(asha, 49_999n);
        return w.mpesa.enterPin(id, '1234');
      },
    ],
  ])('ends with %s as %i and moves nothing', (_name, code, act) => {
    const w = world();
    const id = w.ask();
    expect(act(w, id)).toBe('done');
    expect(w.codes()).toEqual([code]);
    expect(w.mpesa.moved()).toEqual([]);
    expect(w.mpesa.enterPin(id, '1234')).toBe('gone');
  });

  it('takes the last shilling', () => {
    const { mpesa, ask, codes } = world();
    mpesa.setBalance(asha, 50_000n);
    mpesa.enterPin(ask(), '1234');
    expect(codes()).toEqual([0]);
    expect(mpesa.subscriber(asha)?.balanceCents).toBe(0n);
  });

  it('never gives two movements one receipt', () => {
    const { scheduler, mpesa, ask } = world();
    mpesa.setBalance(asha, 100_000_000n);
    for (let n = 0; n < 300; n += 1) {
      mpesa.enterPin(ask({ amountCents: 100n * BigInt(n + 1) }), '1234');
      scheduler.advance(1);
    }
    expect(new Set(mpesa.moved().map((movement) => movement.receipt)).size).toBe(300);
  });
});

describe('a prompt that is not answered', () => {
  it.each([
    [undefined, 1037],
    [1019 as const, 1019],
  ])('ends after 60 s (%s → %i)', (noPinCode, code) => {
    const { scheduler, mpesa, ask, codes } = world();
    const id = ask(noPinCode === undefined ? {} : { noPinCode });
    scheduler.advance(59_999);
    expect(codes()).toEqual([]);
    scheduler.advance(1);
    expect(codes()).toEqual([code]);
    expect(mpesa.enterPin(id, '1234')).toBe('gone');
  });

  it('reaches no phone that is off or that nobody has: 1037 after a while, and nothing is shown', () => {
    const { scheduler, mpesa, ask, codes } = world();
    mpesa.setOn(asha, false);
    const id = ask();
    ask({ msisdn: juma });
    expect(mpesa.prompts(asha)).toEqual([]);
    expect(mpesa.enterPin(id, '1234')).toBe('gone');
    scheduler.advance(29_999);
    expect(codes()).toEqual([]);
    scheduler.advance(1);
    expect(codes()).toEqual([1037, 1037]);
  });

  it('cannot be answered on a phone that was switched off meanwhile', () => {
    const { mpesa, ask } = world();
    const id = ask();
    mpesa.setOn(asha, false);
    expect(mpesa.prompts(asha)).toEqual([]);
    expect(mpesa.enterPin(id, '1234')).toBe('off');
    expect(mpesa.cancel(id)).toBe('off');
    mpesa.setOn(asha, true);
    expect(mpesa.enterPin(id, '1234')).toBe('done');
  });
});

describe('a prompt that M-Pesa refuses', () => {
  it('is busy (1001) while another stands on the phone, and the first is not disturbed', () => {
    const { scheduler, mpesa, ask, codes } = world();
    const first = ask();
    ask({ amountCents: 100n });
    expect(codes()).toEqual([]);
    scheduler.advance(1_000);
    expect(codes()).toEqual([1001]);
    expect(mpesa.prompts(asha)).toMatchObject([{ id: first }]);
    expect(mpesa.enterPin(first, '1234')).toBe('done');
    expect(mpesa.moved()).toHaveLength(1);
  });

  it('is a duplicate (17) for the same phone and amount within two minutes', () => {
    const { scheduler, mpesa, ask, codes } = world();
    mpesa.cancel(ask());
    scheduler.advance(118_000);
    ask();
    scheduler.advance(1_000);
    expect(codes()).toEqual([1032, 17]);
    scheduler.advance(1_000);
    expect(mpesa.enterPin(ask(), '1234')).toBe('done');
    expect(codes()).toEqual([1032, 17, 0]);
  });

  it('is no duplicate with another amount or on another phone', () => {
    const { mpesa, ask, codes } = world();
    mpesa.addSubscriber({ msisdn: juma, pin: '1111', balanceCents: 200_000n });
    mpesa.cancel(ask());
    mpesa.enterPin(ask({ amountCents: 50_100n }), '1234');
    mpesa.enterPin(ask({ msisdn: juma }), '1111');
    expect(codes()).toEqual([1032, 0, 0]);
  });
});

describe('what else a phone gets', () => {
  it('receives SMS and payouts', () => {
    const { mpesa } = world();
    mpesa.deliverSms(asha, 'FULL_CIRCLE', 'Your order is ready.');
    const sent = mpesa.payOut({
      msisdn: asha,
      amountCents: 100_000n,
      merchant: 'MAMA NJERI',
      account: 'W3F9TD',
    });
    expect(mpesa.subscriber(asha)?.balanceCents).toBe(300_000n);
    expect(mpesa.paidOut()).toEqual([sent]);
    expect(mpesa.moved()).toEqual([]);
    expect(mpesa.smsInbox(asha).map((sms) => sms.text)).toEqual([
      'Your order is ready.',
      `${sent?.receipt} Confirmed. You have received Ksh1,000.00 from MAMA NJERI on 21/11/26 at 2:31 PM. New M-PESA balance is Ksh3,000.00.`,
    ]);
    expect(mpesa.payOut({ msisdn: juma, amountCents: 100n, merchant: 'X', account: 'Y' })).toBeNull();
  });

  it('tells listeners until they leave', () => {
    const { mpesa, ask } = world();
    const listener = vi.fn();
    const leave = mpesa.onChange(listener);
    ask();
    expect(listener).toHaveBeenCalled();
    leave();
    listener.mockClear();
    mpesa.setBalance(asha, 1n);
    expect(listener).not.toHaveBeenCalled();
  });

  it('shows instants in East Africa Time', () => {
    expect(eatTime(new Date('2026-12-31T21:00:05Z'))).toBe('2027-01-01 00:00:05');
  });
});

describe('a snapshot', () => {
  it('goes through JSON and back, live prompts and locks included', () => {
    const { scheduler, mpesa, ask } = world();
    mpesa.enterPin(ask(), '1234');
    const live = ask({ amountCents: 700n });
    const stored = JSON.parse(JSON.stringify(mpesa.snapshot()));

    const later = createMpesa({ scheduler, random: createTestRandom('other') });
    later.addSubscriber({ msisdn: juma, pin: '1', balanceCents: 0n });
    later.restore(stored);
    const codes: number[] = [];
    expect(later.watch(live, (outcome) => codes.push(outcome.code))).toBe(true);
    expect(later.watch('prompt-1', () => {})).toBe(false);
    expect(later.subscribers()).toEqual(mpesa.subscribers());
    expect(later.moved()).toEqual(mpesa.moved());
    expect(later.smsInbox(asha)).toEqual(mpesa.smsInbox(asha));
    expect(later.snapshot()).toEqual(stored);
    expect(later.enterPin(live, '1234')).toBe('done');
    expect(codes).toEqual([0]);
    expect(later.moved()).toHaveLength(2);
  });

  it('ends at once what fell due while it lay', () => {
    const { scheduler, mpesa, ask } = world();
    const live = ask();
    const stored = mpesa.snapshot();
    scheduler.advance(300_000);
    const later = createMpesa({ scheduler, random: createTestRandom() });
    later.restore(stored);
    const codes: number[] = [];
    later.watch(live, (outcome) => codes.push(outcome.code));
    scheduler.advance(0);
    expect(codes).toEqual([1037]);
  });
});
