/**
 * Times as people here read them: East Africa Time, UTC+3 all year. Digits in Swahili too, since its spoken clock is six
 * hours off and "saa nane" would be read either way.
 */
const eatOffsetMs = 3 * 3600 * 1000;

const months = {
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  sw: ['Jan', 'Feb', 'Mac', 'Apr', 'Mei', 'Jun', 'Jul', 'Ago', 'Sep', 'Okt', 'Nov', 'Des'],
} as const;

/** The same instant, with the UTC getters reading EAT. */
function inEat(at: Date): Date {
  return new Date(at.getTime() + eatOffsetMs);
}

const twoDigits = (n: number): string => String(n).padStart(2, '0');

function showClock(eat: Date): string {
  return `${twoDigits(eat.getUTCHours())}:${twoDigits(eat.getUTCMinutes())}`;
}

/** `2026-11-21` in EAT, for comparing days and for file names. */
export function eatDay(at: Date): string {
  return inEat(at).toISOString().slice(0, 10);
}

/** The instant at which the EAT day of `at` began. */
export function eatDayStart(at: Date): Date {
  return new Date(Date.parse(`${eatDay(at)}T00:00:00Z`) - eatOffsetMs);
}

/** `21 Nov`. */
export function showDay(at: Date, locale: 'en' | 'sw'): string {
  const eat = inEat(at);
  return `${eat.getUTCDate()} ${months[locale][eat.getUTCMonth()]}`;
}

/** `14:32` on the same EAT day as `now`, otherwise `21 Nov 14:32`. */
export function showTime(at: Date, now: Date, locale: 'en' | 'sw'): string {
  const clock = showClock(inEat(at));
  return eatDay(at) === eatDay(now) ? clock : `${showDay(at, locale)} ${clock}`;
}

/** `21 Nov 2026 14:32 EAT`: on paper and on pages, which are read in any year and anywhere. */
export function showFullTime(at: Date, locale: 'en' | 'sw'): string {
  const eat = inEat(at);
  return `${showDay(at, locale)} ${eat.getUTCFullYear()} ${showClock(eat)} EAT`;
}

/** `31/12 23:59`: an SMS is read on any day, in either language. */
export function showSmsTime(at: Date): string {
  const eat = inEat(at);
  return `${twoDigits(eat.getUTCDate())}/${twoDigits(eat.getUTCMonth() + 1)} ${showClock(eat)}`;
}
