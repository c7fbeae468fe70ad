/**
 * The frame of every page for customers. It needs no script and fetches nothing: the style is part of the page, and the
 * policy lets in nothing that the page itself does not carry.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyReply } from 'fastify';
import type { Locale } from '../db/tables.ts';
import { type Html, html, markupOf, trusted } from './html.ts';
import { say, type TextKey } from './texts.ts';

export interface Page {
  readonly lang: Locale;
  /** Of the window; the visible heading is part of the body. */
  readonly title: string;
  /** What stands in `<main>`. */
  readonly body: Html;
  /** Seconds after which the browser asks again by itself, for a page that shows something under way. */
  readonly refreshSeconds?: number;
  /** One module of our own that makes the page nicer; the page works without it. It may fetch from us only. */
  readonly script?: string;
}

const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

export function renderPage(page: Page): string {
  const { lang, refreshSeconds, script } = page;
  const written = html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no">
<meta name="color-scheme" content="light dark">
${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${page.title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header class="top">
<span class="brand">malipo</span>
<nav class="languages" aria-label="${say(lang, 'skip-language')}">
${languageLink(lang, 'en', 'English')}
${languageLink(lang, 'sw', 'Kiswahili')}
</nav>
</header>
<main>
${page.body}
</main>
${script !== undefined && html`<script type="module">${trusted(script)}</script>`}
</body>
</html>
`;
  return markupOf(written);
}

function languageLink(current: Locale, to: Locale, name: string): Html {
  return current === to
    ? html`<span lang="${to}" aria-current="true">${name}</span>`
    : html`<a href="?lang=${to}" lang="${to}" hreflang="${to}" rel="nofollow">${name}</a>`;
}

/** What cannot be shown, and what to do now. */
export function noticeBody(lang: Locale, heading: TextKey, means: TextKey): Html {
  return html`<section class="card notice"><h1>${say(lang, heading)}</h1><p>${say(lang, means)}</p></section>`;
}

/** Every page goes out by this: it holds who paid whom, so nobody keeps, frames or lists it, or learns its address. */
export async function sendPage(reply: FastifyReply, status: number, page: Page): Promise<FastifyReply> {
  return await reply
    .code(status)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-language': page.lang,
      'content-security-policy': policyOf(page),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
    })
    .send(renderPage(page));
}

const styleDigest = digestOf(style);

function policyOf({ script }: Page): string {
  const scripts = script === undefined ? '' : `; script-src '${digestOf(script)}'; connect-src 'self'`;
  return `default-src 'none'; style-src '${styleDigest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'${scripts}`;
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
