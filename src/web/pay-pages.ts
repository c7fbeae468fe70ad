/** The pages of a payment link: the form, what stands in its way, and what became of the prompt. Pure. */
import type { Locale } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { Door } from '../domain/doors.ts';
import { showTime } from '../domain/eat.ts';
import { showMoney } from '../domain/money.ts';
import type { Reason } from '../domain/payment.ts';
import type { LinkView } from '../payments/links.ts';
import type { UseView } from '../payments/links-use.ts';
import { type Html, html } from './html.ts';
import { type PayText, sayPay } from './pay-texts.ts';

export interface FormShown {
  readonly lang: Locale;
  readonly now: Date;
  readonly link: LinkView;
  readonly token: string;
  /** Where chats open the link: those that are known by now. */
  readonly chats: readonly Door[];
  /** What was typed into an open link's amount; the phone is never written back. */
  readonly amount: string;
  readonly problem: string | null;
}

export function formBody({ lang, now, link, token, chats, amount, problem }: FormShown): Html {
  const say = (key: PayText, values?: Record<string, string>): string => sayPay(lang, key, values);
  const sum = link.amountCents === null ? say('any-amount') : showMoney(link.amountCents);
  return html`<section class="card">
<h1>${say('pay', { shop: link.shop })}</h1>
<p class="${link.amountCents === null ? 'soft' : 'amount'}">${sum}</p>
${link.note !== '' && html`<p class="shop">${link.note}</p>`}
<form method="post" action="?lang=${lang}">
${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}
<input type="hidden" name="token" value="${token}">
${
  link.amountCents === null &&
  html`<label>${say('amount')}
<input name="amount" inputmode="numeric" autocomplete="off" required maxlength="20" value="${amount}"></label>`
}
<label>${say('phone')}
<input name="phone" type="tel" inputmode="tel" autocomplete="tel" required maxlength="40" placeholder="${say('phone-eg')}"></label>
<button>${say('send')}</button>
<p class="soft">${say('own-phone')}</p>
</form>
</section>
${chats.map(({ channel, url }) => html`<p class="small"><a class="button quiet" href="${url}" rel="noreferrer">${say(`in-${channel}`)}</a></p>`)}
<p class="below">${say(link.once ? 'once-until' : 'until', { end: showTime(link.expiresAt, now, lang) })}</p>`;
}

/** `{end}` and `{shop}` of the texts, where there is a link. */
export function linkValues(lang: Locale, now: Date, link: LinkView | null): Record<string, string> {
  if (link === null) return {};
  return { shop: link.shop, end: showTime(link.expiresAt, now, lang) };
}

export function shutBody(
  lang: Locale,
  heading: PayText,
  means: PayText,
  values: Record<string, string>,
): Html {
  return html`<section class="card notice"><h1>${sayPay(lang, heading)}</h1><p>${sayPay(lang, means, values)}</p></section>`;
}

export interface UseShown {
  readonly lang: Locale;
  readonly now: Date;
  readonly link: LinkView;
  readonly use: UseView;
}

type Look = 'doubt' | 'over' | '';

interface Told {
  readonly heading: PayText;
  readonly look: Look;
  readonly lines: readonly string[];
  /** Seconds until the page asks again; null: this is how it ended. */
  readonly refreshSeconds: number | null;
}

const soonSeconds = 3;
const laterSeconds = 15;

export function refreshSecondsOf(shown: UseShown): number | undefined {
  return told(shown).refreshSeconds ?? undefined;
}

export function headingOf(shown: UseShown): string {
  return sayPay(shown.lang, told(shown).heading);
}

export function useBody(shown: UseShown): Html {
  const { lang, link, use } = shown;
  const { heading, look, lines, refreshSeconds } = told(shown);
  const say = (key: PayText, values?: Record<string, string>): string => sayPay(lang, key, values);
  const fact = (name: PayText, value: string): Html =>
    html`<div><dt>${say(name)}</dt><dd>${value}</dd></div>`;
  const again = look === 'over' && link.state === 'open';
  return html`<section class="card">
<p><span class="state ${look}" role="status">${say(heading)}</span></p>
<p class="amount">${showMoney(use.amountCents)}</p>
<h1 class="shop">${link.shop}</h1>
${lines.map((line) => html`<p class="means">${line}</p>`)}
<dl class="facts">
${fact('fact-phone', use.phoneMasked)}
${fact('fact-ref', use.ref)}
${link.note !== '' && fact('fact-note', link.note)}
</dl>
${use.receiptUrl !== null && html`<p class="small"><a class="button" href="${use.receiptUrl}?lang=${lang}">${say('receipt')}</a></p>`}
${again && html`<p class="small"><a class="button" href="../${link.code}?lang=${lang}">${say('again')}</a></p>`}
</section>
${refreshSeconds !== null && html`<p class="below">${say('follows')}</p>`}`;
}

function told({ lang, now, link, use }: UseShown): Told {
  const say = (key: PayText, values?: Record<string, string>): string => sayPay(lang, key, values);
  switch (use.state) {
    case 'created':
    case 'sending':
      return {
        heading: 'sending',
        look: 'doubt',
        lines: [say('prompted-means')].slice(1),
        refreshSeconds: soonSeconds,
      };
    case 'prompted':
      return {
        heading: 'prompted',
        look: 'doubt',
        lines: [say('prompted-means')],
        refreshSeconds: soonSeconds,
      };
    case 'paid':
      return { heading: 'paid', look: '', lines: [], refreshSeconds: null };
    case 'cancelled':
    case 'failed':
    case 'expired':
      return {
        heading: 'not-paid',
        look: 'over',
        lines: overLines(use.reason ?? 'not_given', say, link.shop),
        refreshSeconds: null,
      };
    case 'unknown': {
      const next = showTime(use.nextCheckAt ?? plusSeconds(now, 60), now, lang);
      const lines = [say('unknown-means', { next })];
      return { heading: 'unknown', look: 'doubt', lines, refreshSeconds: laterSeconds };
    }
    case 'review': {
      const lines = [say('review-means', { shop: link.shop })];
      return { heading: 'unknown', look: 'doubt', lines, refreshSeconds: laterSeconds };
    }
  }
}

type Say = (key: PayText, values?: Record<string, string>) => string;

/** "No money moved" is said where that is proved, and not where a person or another amount decided. */
function overLines(reason: Reason, say: Say, shop: string): string[] {
  const key = overKeys[reason];
  if (key === 'over-ask') return [say('over-ask', { shop })];
  return [key === null ? say('none') : `${say(key)} ${say('none')}`];
}

/**
 * null: what happened on the phone. Whoever typed its number need not be its owner, who alone may learn that the PIN did
 * not match, or that there was too little money.
 */
const overKeys = {
  cancelled: null,
  wrong_pin: null,
  insufficient_funds: null,
  over_limit: null,
  unreachable: null,
  expired: null,
  not_given: null,
  duplicate: null,
  busy: null,
  phone_refused: null,
  marked_not_paid: 'over-ask',
  amount_refused: 'over-ask',
  provider_down: 'over-not-shown',
  misconfigured: 'over-not-shown',
  no_service_tokens: 'over-not-shown',
  reference_refused: 'over-not-shown',
  channel_inactive: 'over-not-shown',
  credentials_refused: 'over-not-shown',
  request_refused: 'over-not-shown',
  gateway_unreachable: 'over-not-shown',
  too_late: 'over-not-shown',
  gateway_busy: 'over-not-shown',
  account_blocked: 'over-not-shown',
  plan_used_up: 'over-not-shown',
  float_too_low: 'over-not-shown',
  payee_refused: 'over-not-shown',
} as const satisfies Record<Reason, PayText | null>;
