/** The pages over real HTTP, on a shop's own database. */
import { createServer } from '../../src/ops/server.ts';
import { webRoutes } from '../../src/web/routes.ts';
import type { WebDeps } from '../../src/web/web.ts';

export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** What a person reads: tags away, entities read, spaces joined. */
  readonly text: string;
}

type Given = Omit<WebDeps, 'asked' | 'doors'> & Partial<WebDeps>;

export async function openSite(deps: Given) {
  const all: WebDeps = {
    asked: () => undefined,
    doors: { telegramName: () => null, whatsappNumber: () => null },
    ...deps,
  };
  const server = createServer(deps.log, [webRoutes(all)]);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    get: async (path: string, headers: Record<string, string> = {}): Promise<Shown> => {
      const answer = await fetch(`${url}${path}`, { headers });
      const html = await answer.text();
      return { status: answer.status, headers: answer.headers, html, text: textOf(html) };
    },
    close: () => server.close(),
  };
}

export function textOf(html: string): string {
  return html
    .replace(/<(style|script|head)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A Kenyan mobile number with all its digits, grouped or not. */
export const wholePhone = /(?:254|0)[ -]?[17]\d{2}[ -]?\d{3}[ -]?\d{3}/;
