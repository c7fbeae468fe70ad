import { type Msisdn, parseMsisdn } from '../../domain/msisdn.ts';
import type { Receipt } from '../../domain/payment.ts';
import { type GatewayHttp, type GatewayOutcome, gatewayUrl, redact } from '../http.ts';
import type { BluepayConfig } from './config.ts';

/** BluePay's HTTP with an account's credentials in it, and the readers of the values it prints. */
export interface BluepayWire {
  readonly config: BluepayConfig;
  /** A POST that moves money. */
  post(path: string, fields: Fields): Promise<GatewayOutcome>;
  /** A question: GET, or POST where the account's credentials travel in the body, since a URL never holds them. */
  ask(path: string, fields: Readonly<Record<string, string>>): Promise<GatewayOutcome>;
  /** BluePay's own sentence, fit for a detail. */
  sentence(body: Body): string;
}

export type Fields = Readonly<Record<string, string | number>>;
export type Body = Readonly<Record<string, unknown>>;

export function createBluepayWire(config: BluepayConfig, http: GatewayHttp): BluepayWire {
  const authorization = authorizationOf(config);
  const secrets = [config.apiSecret, config.apiPassword ?? '', authorization?.split(' ')[1] ?? ''];
  const headers = authorization === null ? {} : { authorization };
  const post = (path: string, fields: Fields): Promise<GatewayOutcome> =>
    http.request({
      method: 'POST',
      url: gatewayUrl(config.baseUrl, path),
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ ...fields, ...bodyCredentials(config) }),
    });
  return {
    config,
    post,
    ask: (path, fields) =>
      config.auth === 'body'
        ? post(path, fields)
        : http.request({ method: 'GET', url: gatewayUrl(config.baseUrl, path, fields), headers }),
    sentence(body) {
      const said = [body.message, body.error].find((each) => typeof each === 'string' && each.trim() !== '');
      return typeof said === 'string' ? redact(said, secrets) : 'no message';
    },
  };
}

function authorizationOf(config: BluepayConfig): string | null {
  switch (config.auth) {
    case 'bearer':
      return `Bearer ${config.apiSecret}`;
    case 'basic': {
      const pair = `${config.apiUsername ?? ''}:${config.apiPassword ?? ''}`;
      return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
    }
    case 'body':
      return null;
  }
}

function bodyCredentials(config: BluepayConfig): Readonly<Record<string, string>> {
  if (config.auth !== 'body') return {};
  return config.apiUsername === undefined || config.apiPassword === undefined
    ? { api_key: config.apiSecret }
    : { api_username: config.apiUsername, api_password: config.apiPassword };
}

/** null: no JSON object. PHP prints an empty object as `[]`, so a list is none either. */
export function readBody(value: unknown): Body | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null;
}

/** true, 1, "1" and "true", and their opposites; null is anything else. */
export function readFlag(value: unknown): boolean | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const text = String(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : null;
}

/** A short visible text, also where BluePay prints the number for it. */
export function readText(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  const trimmed = text.trim();
  return /^[\x20-\x7e]{1,128}$/.test(trimmed) ? trimmed : null;
}

/** PHP prints 0 or an empty text for an id that there is not. */
export function readId(value: unknown): string | null {
  const text = readText(value);
  return text === '0' ? null : text;
}

/**
 * Shillings as BluePay prints them (100, 100.5, "100.00", "1,000.00") in whole cents; null is anything else, parts of
 * a cent included. A number is read by its shortest decimal form, never by arithmetic on floating point.
 */
export function readKes(value: unknown): bigint | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  const parts = /^(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2})0*)?$/.exec(text.trim());
  if (parts === null) return null;
  const [, shillings = '', cents = ''] = parts;
  return BigInt(`${shillings.replaceAll(',', '')}${cents.padEnd(2, '0')}`);
}

/** null where BluePay masks or leaves out the number. */
export function readPhone(value: unknown): Msisdn | null {
  const reading = parseMsisdn(readText(value) ?? '');
  return reading.kind === 'msisdn' ? reading.msisdn : null;
}

/** `RCHK-…` stands for a number that M-Pesa has not told BluePay yet: the money is there, the number is not final. */
export function readReceipt(number: unknown, pendingConfirmation: unknown): Receipt | null {
  const text = readText(number)?.toUpperCase();
  if (text === undefined || !/^[A-Z0-9-]{1,40}$/.test(text)) return null;
  return { number: text, final: !(text.startsWith('RCHK-') || readFlag(pendingConfirmation) === true) };
}

/** A code for `rawCode`: BluePay's word where it is one. */
export function readCode(value: unknown): string | null {
  const text = readText(value);
  if (text === null) return null;
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : 'unreadable_code';
}
