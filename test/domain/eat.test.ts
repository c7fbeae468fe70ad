/** Protects the times that people compare with their own M-Pesa SMS: always EAT, whatever zone the server runs in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eatDay, showDay, showFullTime, showSmsTime, showTime } from '../../src/domain/eat.ts';

const now = new Date('2026-11-21T11:32:00Z');

describe('times in East Africa', () => {
  it('shows only the clock on the same EAT day', () => {
    expect(showTime(now, now, 'en')).toBe('14:32');
    expect(showTime(new Date('2026-11-20T21:00:00Z'), now, 'sw')).toBe('00:00');
    expect(showTime(new Date('2026-11-21T20:59:59Z'), now, 'en')).toBe('23:59');
  });

  it('names the day otherwise, in either language', () => {
    expect(showTime(new Date('2026-11-20T20:59:00Z'), now, 'en')).toBe('20 Nov 23:59');
    expect(showTime(new Date('2026-12-31T21:05:00Z'), now, 'en')).toBe('1 Jan 00:05');
    expect(showTime(new Date('2026-12-08T06:05:00Z'), now, 'sw')).toBe('8 Des 09:05');
    expect(showTime(new Date('2025-11-21T11:32:00Z'), now, 'en')).toBe('21 Nov 14:32');
  });

  it('knows the months of both languages', () => {
    const months = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2026, month, 15)));
    const names = (locale: 'en' | 'sw') => months.map((at) => showDay(at, locale).slice(3)).join(' ');
    expect(names('en')).toBe('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec');
    expect(names('sw')).toBe('Jan Feb Mac Apr Mei Jun Jul Ago Sep Okt Nov Des');
  });

  it('writes day and month as figures in an SMS', () => {
    expect(showSmsTime(new Date('2026-12-31T20:59:59Z'))).toBe('31/12 23:59');
    expect(showSmsTime(new Date('2026-12-31T21:00:00Z'))).toBe('01/01 00:00');
    expect(eatDay(new Date('2026-12-31T21:00:00Z'))).toBe('2027-01-01');
  });

  it('names year and zone on paper', () => {
    expect(showFullTime(now, 'en')).toBe('21 Nov 2026 14:32 EAT');
    expect(showFullTime(new Date('2026-12-31T21:00:00Z'), 'sw')).toBe('1 Jan 2027 00:00 EAT');
  });

  it('agrees with the time zone Africa/Nairobi at every instant', () => {
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Africa/Nairobi',
      day: '2-digit',
      month: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const instants = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2100-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (at) => {
        expect(showSmsTime(at)).toBe(clock.format(at).replace(',', ''));
      }),
    );
  });
});
