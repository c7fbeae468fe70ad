import { type GatewayAnswer, type GatewayHttp, type GatewayOutcome, gatewayUrl, redact } from '../http.ts';
import { type Body, readBody } from '../stk-values.ts';
import type { BosmiConfig } from './config.ts';
import { readPrintedArray } from './printed-array.ts';

/** BOSMI's HTTP with an account's credentials in it: they travel in every body. */
export interface BosmiWire {
  readonly config: BosmiConfig;
  post(path: string, fields: Fields): Promise<GatewayOutcome>;
  /** BOSMI's own sentence, fit for a detail. */
  sentence(body: Body): string;
}

export type Fields = Readonly<Record<string, string | number>>;

export function createBosmiWire(config: BosmiConfig, http: GatewayHttp): BosmiWire {
  const { apiKey, username, email } = config;
  const own = { api_key: apiKey, username, email };
  // The key as a form carries it, and as JSON prints it within a text.
  const secrets = [
    apiKey,
    phpEncode(apiKey),
    encodeURIComponent(apiKey),
    JSON.stringify(apiKey).slice(1, -1),
  ];
  return {
    config,
    post: (path, fields) =>
      http.request({
        method: 'POST',
        url: gatewayUrl(config.baseUrl, path),
        ...encoded(config.encoding, { ...own, ...fields }),
      }),
    sentence: ({ message }) =>
      typeof message === 'string' && message.trim() !== '' ? redact(message, secrets) : 'no message',
  };
}

function encoded(encoding: BosmiConfig['encoding'], fields: Fields) {
  if (encoding === 'json')
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) };
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${phpEncode(name)}=${phpEncode(String(value))}`,
  );
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: pairs.join('&') };
}

/** As `http_build_query` writes a value: everything but letters, digits, hyphen, dot and underscore is escaped. */
export function phpEncode(text: string): string {
  const strict = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text)
    .replace(/[!'()*~]/g, strict)
    .replaceAll('%20', '+');
}

/** BOSMI prints JSON, and in its document also a PHP array; null is anything else. */
export function readAnswerBody(answer: GatewayAnswer): Body | null {
  return answer.json === undefined ? readPrintedArray(answer.text) : readBody(answer.json);
}
