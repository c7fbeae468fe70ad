/** The receipt's own page: what is so at this moment, for whoever holds the link or the paper. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Locale } from '../db/tables.ts';
import { showFullTime } from '../domain/eat.ts';
import { showMoney } from '../domain/money.ts';
import { loadReceipt, type ReceiptFacts, type ReceiptStatus } from '../payments/receipt.ts';
import { findReceiptPage } from '../payments/receipt-pages.ts';
import { type Html, html, trusted } from './html.ts';
import { languageOf } from './language.ts';
import { noticeBody, sendPage } from './layout.ts';
import { say, type TextKey } from './texts.ts';
import type { WebDeps } from './web.ts';

interface Asked {
  readonly Params: { readonly '*': string };
}

export function receiptRoutes(app: FastifyInstance, deps: WebDeps): void {
  app.get('/receipt', (request, reply) => answer(deps, '', request, reply));
  // Whatever stands behind the slash: people read the answer.
  app.get<Asked>('/receipt/*', (request, reply) => answer(deps, request.params['*'], request, reply));
}

async function answer(
  deps: WebDeps,
  code: string,
  request: Pick<FastifyRequest, 'query' | 'headers'>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const facts = await factsOf(deps, code);
  if (facts === null) {
    const lang = languageOf(request);
    const body = noticeBody(lang, 'no-receipt', 'no-receipt-means');
    return await sendPage(reply, 404, { lang, title: say(lang, 'no-receipt'), body });
  }
  const lang = languageOf(request, facts.business.locale);
  const body = await receiptBody(lang, facts, `${deps.publicUrl}/receipt/${code}`, deps.clock.now());
  return await sendPage(reply, 200, { lang, title: `${say(lang, 'receipt')} ${facts.ref}`, body });
}

/** Of the form of a code, and nobody's. */
const nobodysCode = '0'.repeat(32);

/** What is no code is looked up all the same: an answer takes no shorter for it. One snapshot, which shows one moment. */
async function factsOf(deps: WebDeps, code: string): Promise<ReceiptFacts | null> {
  return await deps.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const asked = /^[a-f0-9]{32}$/.test(code) ? code : nobodysCode;
      const paymentId = await findReceiptPage(tx, deps, asked);
      return paymentId === null ? null : await loadReceipt(tx, deps, paymentId);
    });
}

interface Look {
  readonly state: TextKey;
  readonly tone: 'proved' | 'doubt' | 'over';
  /** What it means and what to do. */
  readonly means: TextKey | null;
}

const looks = {
  paid: { state: 'paid', tone: 'proved', means: null },
  under_review: { state: 'under-review', tone: 'doubt', means: 'review-means' },
  part_refunded: { state: 'part-refunded', tone: 'over', means: 'refund-means' },
  refunded: { state: 'refunded', tone: 'over', means: 'refund-means' },
} as const satisfies Record<ReceiptStatus, Look>;

async function receiptBody(lang: Locale, facts: ReceiptFacts, url: string, now: Date): Promise<Html> {
  const look: Look = looks[facts.status];
  const shop = facts.business.name;
  const means =
    look.means !== null &&
    say(lang, look.means, {
      shop,
      amount: showMoney(facts.amountCents),
      refunded: showMoney(facts.refundedCents),
    });
  return html`<section class="card receipt">
<p class="state ${look.tone}">${icons[look.tone]}${say(lang, look.state)}</p>
<h1 class="amount">${showMoney(facts.amountCents)}</h1>
<p class="shop">${say(lang, 'to-shop', { shop })}</p>
${means !== false && html`<p class="means">${means}</p>`}
<dl class="facts">
${factRows(lang, facts).map(
  ([name, value, kind]) => html`<div><dt>${say(lang, name)}</dt><dd class="${kind}">${value}</dd></div>`,
)}
</dl>
<p class="small">${say(lang, 'not-tax')}</p>
<div class="scan">${await qrOf(url, say(lang, 'scan-label'))}<p class="soft">${say(lang, 'scan-me')}</p></div>
</section>
<p class="below">${say(lang, 'checked-at', { at: showFullTime(now, lang) })}</p>`;
}

type FactRow = readonly [name: TextKey, value: string, kind: 'code' | 'words'];

function factRows(lang: Locale, facts: ReceiptFacts): FactRow[] {
  const owed = facts.owed === null ? [] : [say(lang, owedTexts[facts.owed])];
  const numbers = facts.numbers.map((number) =>
    facts.unconfirmed.includes(number) ? `${number} (${say(lang, 'code-unconfirmed')})` : number,
  );
  const plain = facts.owed === null && facts.unconfirmed.length === 0;
  return [
    ['fact-code', [...numbers, ...owed].join(', '), plain ? 'code' : 'words'],
    ['fact-ref', facts.ref, 'code'],
    ['fact-at', showFullTime(facts.paidAt, lang), 'words'],
    ['fact-payer', facts.payer, 'words'],
    ...(facts.note === '' ? [] : [['fact-note', facts.note, 'words'] as const]),
    ['fact-through', facts.gateway, 'words'],
    ...(facts.refundedCents === 0n
      ? []
      : [['fact-refunded', showMoney(facts.refundedCents), 'words'] as const]),
  ];
}

const owedTexts = { follows: 'code-follows', in_sms: 'code-in-sms' } as const satisfies Record<
  NonNullable<ReceiptFacts['owed']>,
  TextKey
>;

const icon = (path: string): Html =>
  trusted(
    `<svg viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${path}</svg>`,
  );
const icons = {
  proved: icon('<path d="M3 8.5 6.5 12 13 4.5"/>'),
  doubt: icon('<path d="M8 2.5v7M8 13v.01"/>'),
  over: icon('<path d="M13 9.5H4M7 6 3.5 9.5 7 13M13 9.5v-6"/>'),
} as const satisfies Record<Look['tone'], Html>;

/** Medium correction: paper is folded and worn. */
async function qrOf(url: string, label: string): Promise<Html> {
  // Loaded when it is first needed: a sixth of a second that no start has to wait for.
  const { toString: qrSvg } = await import('qrcode');
  const svg = await qrSvg(url, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 });
  return html`<span role="img" aria-label="${label}">${trusted(svg)}</span>`;
}
