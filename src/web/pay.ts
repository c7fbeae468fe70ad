/**
 * `/pay/:code`: a customer pays by a link, in any browser and without JavaScript. The form leads to a page of its own,
 * which asks again by itself until the outcome is proved.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseDown } from '../db/open.ts';
import type { Locale } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { showTime } from '../domain/eat.ts';
import { readAmount } from '../domain/entry-amount.ts';
import { parseMsisdn } from '../domain/msisdn.ts';
import { findLink, type LinkView, linkInChats } from '../payments/links.ts';
import { type LinkRefusal, payByLink } from '../payments/links-pay.ts';
import { lookAtUse, useUrl } from '../payments/links-use.ts';
import { languageOf } from './language.ts';
import { sendPage } from './layout.ts';
import { addressKey, formToken, senderOfForm } from './pay-origin.ts';
import { formBody, headingOf, linkValues, refreshSecondsOf, shutBody, useBody } from './pay-pages.ts';
import { formProblems, type PayText, sayPay, shutPages } from './pay-texts.ts';
import type { WebDeps } from './web.ts';

/** A phone, an amount and a token: nothing else is read. */
const formLimit = 4 * 1024;
const downRetrySeconds = 10;

export function payRoutes(app: FastifyInstance, deps: WebDeps): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formLimit },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.get('/pay/:code', (request, reply) =>
    orDown(deps, request, reply, 'down-form', () => showForm(deps, request, reply)),
  );
  app.post('/pay/:code', { bodyLimit: formLimit }, (request, reply) =>
    orDown(deps, request, reply, 'down-form', () => takeForm(deps, request, reply)),
  );
  app.get('/pay/:code/:use', (request, reply) =>
    orDown(deps, request, reply, 'down-status', () => showUse(deps, request, reply)),
  );
}

type Answered = Promise<FastifyReply>;

/** A person who waits for money reads what to do, and the page that follows a prompt goes on by itself. */
async function orDown(
  deps: WebDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  means: 'down-form' | 'down-status',
  answer: () => Answered,
): Answered {
  try {
    return await answer();
  } catch (err) {
    if (!isDatabaseDown(err)) throw err;
    deps.log.warn(
      { reason: (err as Error).message },
      'a pay page could not be shown: the database does not answer',
    );
    const lang = languageOf(request);
    reply.header('retry-after', String(downRetrySeconds));
    return sendPage(reply, 503, {
      lang,
      title: sayPay(lang, 'down'),
      body: shutBody(lang, 'down', means, {}),
      ...(means === 'down-status' && { refreshSeconds: downRetrySeconds }),
    });
  }
}

function codeOf(request: FastifyRequest): string {
  return (request.params as { code: string }).code;
}

async function showForm(deps: WebDeps, request: FastifyRequest, reply: FastifyReply): Answered {
  const link = await deps.db.transaction().execute((tx) => findLink(tx, deps, codeOf(request)));
  const lang = languageOf(request, link?.locale);
  if (link === null) return sendShut(deps, reply, lang, 'no_link', null);
  if (link.state !== 'open') return sendShut(deps, reply, lang, link.state, link);
  return sendForm(deps, request, reply, { status: 200, lang, link, amount: '', problem: null });
}

interface Form {
  readonly status: number;
  readonly lang: Locale;
  readonly link: LinkView;
  readonly amount: string;
  readonly problem: string | null;
}

function sendForm(
  deps: WebDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { status, lang, link, amount, problem }: Form,
): Answered {
  return sendPage(reply, status, {
    lang,
    title: sayPay(lang, 'pay', { shop: link.shop }),
    body: formBody({
      lang,
      now: deps.clock.now(),
      link,
      token: formToken(deps, link.code, addressKey(request)),
      chats: linkInChats(deps.doors, link.code),
      amount,
      problem,
    }),
  });
}

function sendShut(
  deps: WebDeps,
  reply: FastifyReply,
  lang: Locale,
  kind: keyof typeof shutPages,
  link: LinkView | null,
): Answered {
  const [heading, means, status] = shutPages[kind];
  const values = linkValues(lang, deps.clock.now(), link);
  return sendPage(reply, status, {
    lang,
    title: sayPay(lang, heading),
    body: shutBody(lang, heading, means, values),
  });
}

interface Typed {
  readonly phone: string;
  readonly amount: string;
  readonly token: string;
}

function typedIn(request: FastifyRequest): Typed {
  const body = (request.body ?? {}) as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name].slice(0, 100) : '');
  return { phone: text('phone'), amount: text('amount').slice(0, 20), token: text('token') };
}

async function takeForm(deps: WebDeps, request: FastifyRequest, reply: FastifyReply): Answered {
  const code = codeOf(request);
  const typed = typedIn(request);
  const link = await deps.db.transaction().execute((tx) => findLink(tx, deps, code));
  const lang = languageOf(request, link?.locale);
  if (link === null) return sendShut(deps, reply, lang, 'no_link', null);
  if (link.state !== 'open') return sendShut(deps, reply, lang, link.state, link);
  const again = (status: number, key: PayText, values: Record<string, string> = {}): Answered => {
    const problem = sayPay(lang, key, { shop: link.shop, ...values });
    return sendForm(deps, request, reply, { status, lang, link, amount: typed.amount, problem });
  };
  const sender = senderOfForm(deps, request, { code, token: typed.token });
  if (sender === 'foreign') return again(403, 'foreign-form');
  if (sender === 'old') return again(403, 'form-old');
  const amount = link.amountCents === null ? readAmount(typed.amount) : null;
  if (amount?.kind === 'range') return again(422, 'out-of-range');
  if (amount !== null && amount.kind !== 'amount') return again(422, 'amount-unread');
  const phone = parseMsisdn(typed.phone);
  if (phone.kind !== 'msisdn') return again(422, phone.kind === 'foreign' ? 'phone-foreign' : 'phone-unread');
  const outcome = await deps.db.transaction().execute((tx) =>
    payByLink(tx, deps, {
      code,
      msisdn: phone.msisdn,
      amountCents: amount?.cents ?? null,
      from: { address: addressKey(request) },
    }),
  );
  if (outcome.kind === 'queued') {
    deps.asked();
    const { pathname } = new URL(useUrl(deps, code, outcome.paymentId));
    return reply
      .code(303)
      .header('cache-control', 'no-store')
      .header('location', `${pathname}?lang=${lang}`)
      .send();
  }
  return refuse(deps, reply, lang, link, outcome, again);
}

function refuse(
  deps: WebDeps,
  reply: FastifyReply,
  lang: Locale,
  link: LinkView,
  refusal: LinkRefusal,
  again: (status: number, key: PayText, values?: Record<string, string>) => Answered,
): Answered {
  if (isShut(refusal.kind)) return sendShut(deps, reply, lang, refusal.kind, link);
  const [key, status] = formProblems[refusal.kind];
  if (!('next' in refusal)) return again(status, key);
  const resting = refusal.kind === 'held' && refusal.why === 'resting';
  return again(status, resting ? 'limited' : key, { next: showNext(deps, refusal.next, lang) });
}

function isShut(kind: LinkRefusal['kind']): kind is keyof typeof shutPages {
  return kind in shutPages;
}

/** Minutes are shown, and a minute too early would be refused again. */
function showNext(deps: WebDeps, next: Date, lang: Locale): string {
  return showTime(plusSeconds(next, 59), deps.clock.now(), lang);
}

async function showUse(deps: WebDeps, request: FastifyRequest, reply: FastifyReply): Answered {
  const { code, use: useCode } = request.params as { code: string; use: string };
  const found = await deps.db.transaction().execute(async (tx) => {
    const link = await findLink(tx, deps, code);
    const use = link === null ? null : await lookAtUse(tx, deps, link.id, useCode);
    return link === null || use === null ? null : { link, use };
  });
  const lang = languageOf(request, found?.link.locale);
  if (found === null) return sendShut(deps, reply, lang, 'no_link', null);
  const shown = { lang, now: deps.clock.now(), ...found };
  const refreshSeconds = refreshSecondsOf(shown);
  return sendPage(reply, 200, {
    lang,
    title: `${headingOf(shown)}: ${found.link.shop}`,
    body: useBody(shown),
    ...(refreshSeconds !== undefined && { refreshSeconds }),
  });
}
