/** What the pages of a payment link say, in both languages, by the rules of the bot's own texts. `{name}` is filled in. */
import type { Locale } from '../db/tables.ts';
import type { LinkRefusal } from '../payments/links-pay.ts';

const texts = {
  pay: { en: 'Pay {shop}', sw: 'Lipa {shop}' },
  'any-amount': { en: 'You say how much', sw: 'Wewe utasema kiasi' },
  phone: { en: 'Your M-Pesa phone', sw: 'Simu yako ya M-Pesa' },
  'phone-eg': { en: '0712 345 678', sw: '0712 345 678' },
  amount: { en: 'Amount in KES', sw: 'Kiasi kwa KES' },
  send: { en: 'Send the PIN prompt', sw: 'Tuma ombi la PIN' },
  'own-phone': {
    en: 'Use your own phone. Type the PIN in the phone’s prompt, never here.',
    sw: 'Tumia simu yako mwenyewe. Weka PIN kwenye ombi la simu, kamwe si hapa.',
  },
  'in-telegram': { en: 'Open in Telegram', sw: 'Fungua kwa Telegram' },
  'in-whatsapp': { en: 'Open in WhatsApp', sw: 'Fungua kwa WhatsApp' },
  'once-until': { en: 'Can be paid once, until {end}.', sw: 'Kinalipwa mara moja tu, hadi {end}.' },
  until: { en: 'Open until {end}.', sw: 'Kiko wazi hadi {end}.' },

  // What was typed
  'phone-unread': {
    en: 'We could not read this phone. Write it like 0712 345 678.',
    sw: 'Hatukuelewa simu hii. Andika kama 0712 345 678.',
  },
  'phone-foreign': {
    en: 'Kenyan numbers only: 07, 01 or +254.',
    sw: 'Nambari za Kenya pekee: 07, 01 au +254.',
  },
  'amount-unread': {
    en: 'We could not read this amount. Write whole shillings, like 500.',
    sw: 'Hatukuelewa kiasi hiki. Andika shilingi kamili, kama 500.',
  },
  'form-old': {
    en: 'This page stood open for long. Look it over and send it again.',
    sw: 'Ukurasa huu umekaa wazi kwa muda. Ukague kisha utume tena.',
  },
  'foreign-form': {
    en: 'Another site sent this, so nothing was sent to any phone. Open the link itself and send it from there.',
    sw: 'Hii imetoka tovuti nyingine, kwa hivyo hakuna ombi lililotumwa. Fungua kiungo chenyewe na utume kutoka hapo.',
  },

  // Why there is no prompt
  'no-link': { en: 'We do not know this link', sw: 'Kiungo hiki hatukijui' },
  'no-link-means': {
    en: 'Open it again as you got it, or ask the shop for a new one.',
    sw: 'Kifungue tena kama ulivyokipata, au omba duka likupe kipya.',
  },
  expired: { en: 'This link has ended', sw: 'Muda wa kiungo hiki umeisha' },
  'expired-means': {
    en: 'It was open until {end}. Ask {shop} for a new one.',
    sw: 'Kilikuwa wazi hadi {end}. Omba {shop} ikupe kipya.',
  },
  closed: { en: 'This link is closed', sw: 'Kiungo hiki kimefungwa' },
  'closed-means': {
    en: '{shop} takes no payment by it. Ask for a new one.',
    sw: '{shop} haipokei malipo kwa kiungo hiki. Omba kipya.',
  },
  'link-paid': { en: 'Paid already', sw: 'Kimelipwa tayari' },
  'link-paid-means': {
    en: 'This link is for one payment, and {shop} has it. Do not pay again.',
    sw: 'Kiungo hiki ni cha malipo moja, na {shop} imeyapokea. Usilipe tena.',
  },
  'link-busy': { en: 'A prompt of this link is open', sw: 'Ombi la kiungo hiki liko wazi' },
  'link-busy-means': {
    en: 'This link is for one payment. Answer the prompt on the phone; if it ends without money, this page opens again.',
    sw: 'Kiungo hiki ni cha malipo moja. Jibu ombi kwenye simu; likiisha bila pesa, ukurasa huu utafunguka tena.',
  },
  'out-of-range': {
    en: 'M-Pesa takes KES 1 to KES 250,000 at a time, in whole shillings.',
    sw: 'M-Pesa hupokea KES 1 hadi KES 250,000 kwa mara moja, shilingi kamili.',
  },
  held: {
    en: 'Not sent: this phone had a prompt a moment ago. Try again {next}.',
    sw: 'Haikutumwa: simu hii ilipata ombi sasa hivi. Jaribu tena {next}.',
  },
  limited: {
    en: 'Not sent: too many prompts just now. Try again {next}.',
    sw: 'Haikutumwa: maombi ni mengi kwa sasa. Jaribu tena {next}.',
  },
  quiet: {
    en: 'Not sent: two prompts to this phone came to nothing, so links leave it alone until {next}. {shop} can still ask you from its own side.',
    sw: 'Haikutumwa: maombi mawili kwa simu hii hayakulipwa, kwa hivyo viungo vinaiacha hadi {next}. {shop} bado inaweza kukuomba yenyewe.',
  },
  'account-stopped': {
    en: 'Not sent: {shop} cannot ask for M-Pesa money just now. Ask at the shop.',
    sw: 'Haikutumwa: {shop} haiwezi kuomba pesa za M-Pesa kwa sasa. Uliza duka.',
  },

  // What became of it
  sending: { en: 'Sending the prompt', sw: 'Ombi linatumwa' },
  prompted: { en: 'Waiting for the PIN', sw: 'Tunasubiri PIN' },
  'prompted-means': {
    en: 'The prompt is on your phone. Type the PIN there, never here.',
    sw: 'Ombi liko kwenye simu yako. Weka PIN huko, kamwe si hapa.',
  },
  paid: { en: 'Paid', sw: 'Imelipwa' },
  receipt: { en: 'Receipt', sw: 'Risiti' },
  'not-paid': { en: 'Not paid', sw: 'Haijalipwa' },
  none: { en: 'No money moved.', sw: 'Hakuna pesa zilizotoka.' },
  'over-not-shown': { en: 'The prompt could not be shown.', sw: 'Ombi la PIN halikuonekana.' },
  'over-ask': {
    en: 'If your M-Pesa SMS says otherwise, show it to {shop}.',
    sw: 'Kama SMS yako ya M-Pesa inasema tofauti, mwonyeshe {shop}.',
  },
  unknown: { en: 'We do not know yet', sw: 'Bado hatujui' },
  'unknown-means': {
    en: 'Do not pay again. We ask M-Pesa again {next}, and this page shows it.',
    sw: 'Usilipe tena. Tutauliza M-Pesa tena {next}, na ukurasa huu utaonyesha.',
  },
  'review-means': {
    en: 'Do not pay again. {shop} compares it with its M-Pesa statement; ask there and give our number.',
    sw: 'Usilipe tena. {shop} inalinganisha na taarifa yake ya M-Pesa; uliza huko ukitaja nambari yetu.',
  },
  follows: { en: 'This page updates by itself.', sw: 'Ukurasa huu hujisasisha wenyewe.' },
  again: { en: 'Try again', sw: 'Jaribu tena' },
  'fact-phone': { en: 'Phone', sw: 'Simu' },
  'fact-ref': { en: 'Our number', sw: 'Nambari yetu' },
  'fact-note': { en: 'For', sw: 'Sababu' },

  // Down
  down: { en: 'We are down for a moment', sw: 'Huduma imesimama kidogo' },
  'down-form': {
    en: 'Open the link again in a minute. If a prompt comes to your phone meanwhile, it is from this link.',
    sw: 'Fungua kiungo tena baada ya dakika moja. Ombi likija kwenye simu yako kabla ya hapo, ni la kiungo hiki.',
  },
  'down-status': {
    en: 'Do not pay again. Nothing is lost, and this page asks again by itself.',
    sw: 'Usilipe tena. Hakuna kilichopotea, na ukurasa huu utauliza tena wenyewe.',
  },
} as const satisfies Record<string, Record<Locale, string>>;

export type PayText = keyof typeof texts;

export function sayPay(lang: Locale, key: PayText, values: Readonly<Record<string, string>> = {}): string {
  return texts[key][lang].replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** A page of its own: nothing can be paid by this link now. */
export const shutPages = {
  no_link: ['no-link', 'no-link-means', 404],
  expired: ['expired', 'expired-means', 410],
  closed: ['closed', 'closed-means', 410],
  paid: ['link-paid', 'link-paid-means', 409],
  open_prompt: ['link-busy', 'link-busy-means', 409],
} as const satisfies Partial<Record<LinkRefusal['kind'], readonly [PayText, PayText, number]>>;

/** A sentence above the form: it can be sent again, now or later. */
export const formProblems = {
  out_of_range: ['out-of-range', 422],
  held: ['held', 429],
  limited: ['limited', 429],
  quiet: ['quiet', 429],
  account_stopped: ['account-stopped', 503],
} as const satisfies Record<Exclude<LinkRefusal['kind'], keyof typeof shutPages>, readonly [PayText, number]>;
