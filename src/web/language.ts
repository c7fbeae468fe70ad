/** Which language a page is read in: the one chosen on it, otherwise the first of the browser's that we write. */
import type { FastifyRequest } from 'fastify';
import type { Locale } from '../db/tables.ts';

type Asked = Pick<FastifyRequest, 'query' | 'headers'>;

/** `otherwise`: where neither the address nor the browser names English or Swahili. */
export function languageOf(request: Asked, otherwise: Locale = 'en'): Locale {
  return chosenLanguage(request) ?? preferredLanguage(request.headers['accept-language'] ?? '') ?? otherwise;
}

/** By the switch on the page, `?lang=sw`. */
export function chosenLanguage({ query }: Pick<Asked, 'query'>): Locale | null {
  const chosen = typeof query === 'object' && query !== null && 'lang' in query ? query.lang : null;
  return chosen === 'en' || chosen === 'sw' ? chosen : null;
}

/** `sw-KE,sw;q=0.9,en;q=0.8`: the weightiest that is ours, of equal ones the first. Source: RFC 9110, 12.5.4. */
export function preferredLanguage(header: string): Locale | null {
  const ours = header
    .slice(0, 500)
    .split(',')
    .flatMap((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const language = range.split('-', 1)[0];
      const weight = Number(parameters.find((piece) => piece.startsWith('q='))?.slice(2) ?? 1);
      return (language === 'en' || language === 'sw') && weight > 0 ? [{ language, weight } as const] : [];
    });
  return ours.toSorted((a, b) => b.weight - a.weight)[0]?.language ?? null;
}
