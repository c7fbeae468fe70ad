/**
 * Every environment variable. The schema says what each one may be, `acrossFaults` what they may be together; a fault
 * is one line that names the variable and what is expected, and never repeats the value, since it may be a secret.
 */
import { z } from 'zod';
import { isLoopback, isPlainAddress, isSecureAddress, withoutSlash } from './domain/address.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface TelegramConfig {
  readonly token: string;
  readonly apiRoot: string;
  /** null: long polling. */
  readonly webhookSecret: string | null;
}

export interface WhatsappConfig {
  readonly phoneNumberId: string;
  readonly accessToken: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly apiRoot: string;
}

export interface AfricasTalkingConfig {
  readonly username: string;
  readonly apiKey: string;
  readonly from: string | null;
  readonly apiRoot: string;
}

export interface Config {
  /** playground: nobody gave a chat credential or a database, so a newcomer is at the door. */
  readonly mode: 'program' | 'playground';
  readonly host: string;
  readonly port: number;
  /** Without a slash at the end. */
  readonly publicUrl: string;
  readonly dataDir: string;
  /** null: the embedded PostgreSQL of `dataDir`. */
  readonly databaseUrl: string | null;
  /** 32 bytes; null only with the embedded database, whose key lies in `dataDir`. */
  readonly masterKey: Buffer | null;
  readonly telegram: TelegramConfig | null;
  readonly whatsapp: WhatsappConfig | null;
  readonly africasTalking: AfricasTalkingConfig | null;
  readonly logLevel: LogLevel;
}

export type ConfigReading =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'faults'; readonly lines: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

const variable = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, { error: expected }).optional();
const url = (expected: string, fits = isPlainAddress) =>
  z.string().refine(fits, { error: expected }).optional();
const rootUrl = url('expected an http:// or https:// address without query');
const oneWord = (expected: string) => variable(/^\S+$/, expected);

const schema = z.object({
  PORT: z.string().refine(isPort, { error: 'expected a whole number from 0 to 65535' }).optional(),
  HOST: oneWord('expected an address to listen on, such as 127.0.0.1 or 0.0.0.0'),
  PUBLIC_URL: url(
    'expected the http:// or https:// address under which others reach this server, without query',
  ),
  DATA_DIR: z.string().optional(),
  DATABASE_URL: variable(/^postgres(ql)?:\/\/\S+$/, 'expected postgres://user:password@host:port/database'),
  MASTER_KEY: variable(
    /^[A-Za-z0-9+/]{43}=$/,
    'expected base64 of 32 bytes, such as "openssl rand -base64 32" makes',
  ),
  TELEGRAM_BOT_TOKEN: variable(
    /^\d{1,20}:[A-Za-z0-9_-]{10,100}$/,
    'expected the token that @BotFather gave, such as 123456:ABC-DEF…',
  ),
  TELEGRAM_API_ROOT: rootUrl,
  TELEGRAM_WEBHOOK_SECRET: variable(
    /^[A-Za-z0-9_-]{1,256}$/,
    'expected 1 to 256 characters out of A-Z a-z 0-9 _ -',
  ),
  WHATSAPP_PHONE_NUMBER_ID: variable(
    /^\d{1,32}$/,
    'expected the digits of the phone number id in Meta’s app dashboard',
  ),
  WHATSAPP_ACCESS_TOKEN: oneWord('expected an access token without spaces'),
  WHATSAPP_APP_SECRET: oneWord('expected the app secret without spaces'),
  WHATSAPP_VERIFY_TOKEN: oneWord('expected a word of your choice without spaces'),
  WHATSAPP_API_ROOT: rootUrl,
  AFRICASTALKING_USERNAME: oneWord('expected a user name without spaces'),
  AFRICASTALKING_API_KEY: oneWord('expected an API key without spaces'),
  AFRICASTALKING_FROM: variable(
    /^[\w .-]{1,20}$/,
    'expected a sender id or short code of at most 20 characters',
  ),
  AFRICASTALKING_API_ROOT: url('expected https:// (http:// only on a loopback host)', isSecureAddress),
  LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).optional(),
});
type Variables = z.output<typeof schema>;
type Name = keyof Variables;

export const variableNames = Object.keys(schema.shape) as readonly Name[];

/**
 * Reads the environment. `start` is the server, which ends where a database has no chat to serve, so that a server that
 * lost its token never becomes a playground; `operate` is a command, which needs no chat.
 */
export function readConfig(env: Environment, purpose: 'start' | 'operate' = 'start'): ConfigReading {
  const given: Partial<Record<Name, string>> = {};
  for (const name of variableNames) {
    const value = env[name]?.trim();
    if (value !== undefined && value !== '') given[name] = value;
  }
  const faults = new Map<string, string>();
  const parsed = schema.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) faults.set(String(issue.path[0]), issue.message);
  for (const [name, expected] of acrossFaults(given as Variables, purpose))
    if (!faults.has(name)) faults.set(name, expected);
  if (!parsed.success || faults.size > 0)
    return { kind: 'faults', lines: [...faults].map(([name, expected]) => `${name}: ${expected}`) };
  return { kind: 'config', config: build(parsed.data) };
}

type Fault = readonly [name: Name, expected: string];

const whatsappNames = [
  'WHATSAPP_PHONE_NUMBER_ID',
  'WHATSAPP_ACCESS_TOKEN',
  'WHATSAPP_APP_SECRET',
  'WHATSAPP_VERIFY_TOKEN',
] as const satisfies readonly Name[];
const africasTalkingNames = [
  'AFRICASTALKING_USERNAME',
  'AFRICASTALKING_API_KEY',
] as const satisfies readonly Name[];

function acrossFaults(vars: Variables, purpose: 'start' | 'operate'): Fault[] {
  return [
    ...together(vars, whatsappNames, 'expected, since WhatsApp takes all four of its values or none'),
    ...together(
      vars,
      africasTalkingNames,
      'expected, since Africa’s Talking takes a user name and a key together',
    ),
    ...databaseFaults(vars, purpose),
    ...webhookFaults(vars),
  ];
}

function together(vars: Variables, names: readonly Name[], expected: string): Fault[] {
  const missing = names.filter((name) => vars[name] === undefined);
  return missing.length === names.length ? [] : missing.map((name) => [name, expected] as const);
}

function databaseFaults(vars: Variables, purpose: 'start' | 'operate'): Fault[] {
  if (vars.DATABASE_URL === undefined) return [];
  const faults: Fault[] = [];
  if (vars.MASTER_KEY === undefined)
    faults.push([
      'MASTER_KEY',
      'expected with DATABASE_URL: base64 of 32 bytes, such as "openssl rand -base64 32" makes',
    ]);
  if (purpose === 'start' && !hasChat(vars))
    faults.push([
      'TELEGRAM_BOT_TOKEN',
      'expected with DATABASE_URL (or the four WHATSAPP_ values): a server without a chat serves nobody',
    ]);
  return faults;
}

function webhookFaults(vars: Variables): Fault[] {
  if (vars.TELEGRAM_WEBHOOK_SECRET === undefined) return [];
  if (vars.TELEGRAM_BOT_TOKEN === undefined)
    return [['TELEGRAM_BOT_TOKEN', 'expected with TELEGRAM_WEBHOOK_SECRET']];
  const address = publicUrl(vars);
  if (!isPlainAddress(address) || address.startsWith('https:') || isLoopback(address)) return [];
  return [
    [
      'PUBLIC_URL',
      'expected an https:// address with TELEGRAM_WEBHOOK_SECRET, since Telegram calls no other',
    ],
  ];
}

function build(vars: Variables): Config {
  return {
    mode: vars.DATABASE_URL === undefined && !hasChat(vars) ? 'playground' : 'program',
    host: host(vars),
    port: port(vars),
    publicUrl: publicUrl(vars),
    dataDir: vars.DATA_DIR ?? './data',
    databaseUrl: vars.DATABASE_URL ?? null,
    masterKey: vars.MASTER_KEY === undefined ? null : Buffer.from(vars.MASTER_KEY, 'base64'),
    telegram: telegram(vars),
    whatsapp: whatsapp(vars),
    africasTalking: africasTalking(vars),
    logLevel: vars.LOG_LEVEL ?? 'info',
  };
}

function telegram(vars: Variables): TelegramConfig | null {
  if (vars.TELEGRAM_BOT_TOKEN === undefined) return null;
  return {
    token: vars.TELEGRAM_BOT_TOKEN,
    apiRoot: withoutSlash(vars.TELEGRAM_API_ROOT ?? 'https://api.telegram.org'),
    webhookSecret: vars.TELEGRAM_WEBHOOK_SECRET ?? null,
  };
}

function whatsapp(vars: Variables): WhatsappConfig | null {
  const [phoneNumberId, accessToken, appSecret, verifyToken] = whatsappNames.map((name) => vars[name]);
  if (!phoneNumberId || !accessToken || !appSecret || !verifyToken) return null;
  const apiRoot = withoutSlash(vars.WHATSAPP_API_ROOT ?? 'https://graph.facebook.com/v23.0');
  return { phoneNumberId, accessToken, appSecret, verifyToken, apiRoot };
}

function africasTalking(vars: Variables): AfricasTalkingConfig | null {
  const { AFRICASTALKING_USERNAME: username, AFRICASTALKING_API_KEY: apiKey } = vars;
  if (username === undefined || apiKey === undefined) return null;
  const own =
    username === 'sandbox' ? 'https://api.sandbox.africastalking.com' : 'https://api.africastalking.com';
  const apiRoot = withoutSlash(vars.AFRICASTALKING_API_ROOT ?? own);
  return { username, apiKey, from: vars.AFRICASTALKING_FROM ?? null, apiRoot };
}

function hasChat(vars: Variables): boolean {
  return vars.TELEGRAM_BOT_TOKEN !== undefined || whatsappNames.some((name) => vars[name] !== undefined);
}

function host(vars: Variables): string {
  return vars.HOST ?? '127.0.0.1';
}

function port(vars: Variables): number {
  return Number(vars.PORT ?? 3000);
}

function publicUrl(vars: Variables): string {
  const name = host(vars);
  return withoutSlash(vars.PUBLIC_URL ?? `http://${name.includes(':') ? `[${name}]` : name}:${port(vars)}`);
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) <= 65535;
}
