/** Why no prompt comes of a payment link, said to the customer in chat. */
import type { Locale } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showTime } from '../../domain/eat.ts';
import { mpesaMaxCents, mpesaMinCents, showMoney } from '../../domain/money.ts';
import type { LinkView } from '../../payments/links.ts';
import type { LinkRefusal } from '../../payments/links-pay.ts';

export function refusalSay(
  refusal: LinkRefusal,
  link: Pick<LinkView, 'shop' | 'expiresAt'> | null,
  now: Date,
  locale: Locale,
): { readonly key: string; readonly values: Record<string, string> } {
  const shop = link?.shop ?? '';
  // Minutes are shown, and a minute too early would be refused again.
  const next = 'next' in refusal ? showTime(plusSeconds(refusal.next, 59), now, locale) : '';
  switch (refusal.kind) {
    case 'no_link':
      return { key: 'pay-no-link', values: {} };
    case 'expired':
      return {
        key: 'pay-expired',
        values: { shop, end: link === null ? '' : showTime(link.expiresAt, now, locale) },
      };
    case 'closed':
      return { key: 'pay-closed', values: { shop } };
    case 'paid':
      return { key: 'pay-paid', values: { shop } };
    case 'open_prompt':
      return { key: 'pay-open-prompt', values: {} };
    case 'out_of_range':
      return { key: 'range', values: { min: showMoney(mpesaMinCents), max: showMoney(mpesaMaxCents) } };
    case 'held':
      return { key: refusal.why === 'resting' ? 'pay-limited' : 'pay-held', values: { next } };
    case 'limited':
      return { key: 'pay-limited', values: { next } };
    case 'quiet':
      return { key: 'pay-quiet', values: { next, shop } };
    case 'account_stopped':
      return { key: 'pay-stopped', values: { shop } };
  }
}
