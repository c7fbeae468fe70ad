/** What the pages say, in both languages, by the rules of the bot's own texts. `{name}` is filled in. */
import type { Locale } from '../db/tables.ts';

export const texts = {
  'skip-language': { en: 'Language', sw: 'Lugha' },

  // The receipt
  receipt: { en: 'Payment receipt', sw: 'Risiti ya malipo' },
  paid: { en: 'Paid', sw: 'Imelipwa' },
  'under-review': { en: 'Under review', sw: 'Inakaguliwa' },
  refunded: { en: 'Refunded', sw: 'Pesa zimerudishwa' },
  'part-refunded': { en: 'Refunded in part', sw: 'Sehemu imerudishwa' },
  'to-shop': { en: 'to {shop}', sw: 'kwa {shop}' },
  'review-means': {
    en: 'Paid, and the shop is checking it against its M-Pesa statement. This page shows the outcome; ask {shop} and give our number.',
    sw: 'Imelipwa, na duka linailinganisha na taarifa yake ya M-Pesa. Matokeo yataonekana hapa; uliza {shop} ukitaja nambari yetu.',
  },
  'refund-means': {
    en: 'Paid {amount}, refunded {refunded}. Ask {shop} if the refund has not come.',
    sw: 'Zililipwa {amount}, zimerudishwa {refunded}. Uliza {shop} kama pesa hazijafika.',
  },
  'fact-code': { en: 'M-Pesa receipt', sw: 'Risiti ya M-Pesa' },
  'fact-ref': { en: 'Our number', sw: 'Nambari yetu' },
  'fact-at': { en: 'Paid at', sw: 'Wakati' },
  'fact-payer': { en: 'Paid by', sw: 'Aliyelipa' },
  'fact-note': { en: 'For', sw: 'Sababu' },
  'fact-through': { en: 'Through', sw: 'Kupitia' },
  'fact-refunded': { en: 'Refunded', sw: 'Zimerudishwa' },
  'code-follows': { en: 'The number follows', sw: 'Nambari itafuata' },
  'code-unconfirmed': { en: 'not confirmed by the gateway', sw: 'gateway haijaithibitisha' },
  'code-in-sms': { en: 'See your M-Pesa SMS', sw: 'Angalia SMS yako ya M-Pesa' },
  'not-tax': { en: 'Payment receipt, not a tax invoice.', sw: 'Risiti ya malipo, si ankara ya kodi.' },
  'scan-me': {
    en: 'Scan to check this receipt. It is genuine only if the page that opens says the same.',
    sw: 'Scan ili kuhakiki risiti hii. Ni ya kweli tu kama ukurasa unaofunguka unasema hivyohivyo.',
  },
  'scan-label': { en: 'QR code of this page', sw: 'QR code ya ukurasa huu' },
  'checked-at': { en: 'As of {at}', sw: 'Ilivyo {at}' },

  // In the way
  'no-receipt': { en: 'There is no such receipt', sw: 'Hakuna risiti kama hiyo' },
  'no-receipt-means': {
    en: 'Open the link again, or scan the code on the paper. If this page comes back, do not take the paper as proof; ask the shop.',
    sw: 'Fungua kiungo tena, au scan code iliyo kwenye karatasi. Ukurasa huu ukirudi, usichukue karatasi kama ushahidi; uliza duka.',
  },
  'no-page': { en: 'There is no such page', sw: 'Hakuna ukurasa kama huo' },
  'no-page-means': { en: 'Open the link that you were given again.', sw: 'Fungua tena kiungo ulichopewa.' },
  down: { en: 'We are down for a moment', sw: 'Huduma imesimama kidogo' },
  'down-means': {
    en: 'Nothing is lost. Open this page again in a minute.',
    sw: 'Hakuna kilichopotea. Fungua ukurasa huu tena baada ya dakika moja.',
  },
  broke: { en: 'Something broke on our side', sw: 'Kuna hitilafu upande wetu' },
  'broke-means': {
    en: 'Open this page again in a minute. We have noted it.',
    sw: 'Fungua ukurasa huu tena baada ya dakika moja. Tumeandika tatizo hili.',
  },
} as const satisfies Record<string, Record<Locale, string>>;

export type TextKey = keyof typeof texts;

export function say(lang: Locale, key: TextKey, values: Readonly<Record<string, string>> = {}): string {
  return texts[key][lang].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
