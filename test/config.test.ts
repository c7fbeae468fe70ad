/**
 * Protects the operator at start: every wrong or missing variable is one line that names it and what is expected, no
 * line repeats a value, and a server that lost its chat token never becomes a playground.
 */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type Config, readConfig, variableNames } from '../src/config.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const token = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const database = { DATABASE_URL: 'postgres://malipo:hush@db/malipo', MASTER_KEY: key };
const whatsapp = {
  WHATSAPP_PHONE_NUMBER_ID: '100200300',
  WHATSAPP_ACCESS_TOKEN: 'EAAG-token',
  WHATSAPP_APP_SECRET: 'app-secret',
  WHATSAPP_VERIFY_TOKEN: 'verify-me',
};

function configOf(env: Record<string, string>): Config {
  const reading = readConfig(env);
  if (reading.kind !== 'config') throw new Error(reading.lines.join('\n'));
  return reading.config;
}

function faultsOf(env: Record<string, string>, purpose: 'start' | 'operate' = 'start'): readonly string[] {
  const reading = readConfig(env, purpose);
  return reading.kind === 'faults' ? reading.lines : [];
}

describe('an environment without faults', () => {
  it('is the playground on loopback when nothing is set', () => {
    expect(configOf({})).toEqual({
      mode: 'playground',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://127.0.0.1:3000',
      dataDir: './data',
      databaseUrl: null,
      masterKey: null,
      telegram: null,
      whatsapp: null,
      africasTalking: null,
      logLevel: 'info',
    });
  });

  it('treats an empty value as unset, and knows nothing of other variables', () => {
    const env = Object.fromEntries(variableNames.map((name) => [name, ' ']));
    expect(configOf({ ...env, PATH: '/bin', npm_config_x: 'y' }).mode).toBe('playground');
  });

  it('is the program with a Telegram token, on the embedded database', () => {
    const config = configOf({ TELEGRAM_BOT_TOKEN: token, PORT: '0' });
    expect(config.mode).toBe('program');
    expect(config.databaseUrl).toBeNull();
    expect(config.telegram).toEqual({ token, apiRoot: 'https://api.telegram.org', webhookSecret: null });
    expect(config.port).toBe(0);
  });

  it('is the program with WhatsApp alone, on a PostgreSQL server', () => {
    const config = configOf({ ...whatsapp, ...database });
    expect(config.mode).toBe('program');
    expect(config.masterKey).toEqual(Buffer.alloc(32, 7));
    expect(config.whatsapp?.apiRoot).toBe('https://graph.facebook.com/v23.0');
  });

  it('drops the slash at the end of addresses', () => {
    const config = configOf({
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/',
      PUBLIC_URL: 'https://pay.example.com/malipo/',
    });
    expect(config.telegram?.apiRoot).toBe('http://127.0.0.1:8081');
    expect(config.publicUrl).toBe('https://pay.example.com/malipo');
  });

  it('writes an IPv6 host in brackets', () => {
    expect(configOf({ HOST: '::1', PORT: '8080' }).publicUrl).toBe('http://[::1]:8080');
  });

  it("sends Africa's Talking's sandbox user to the sandbox host", () => {
    const keyed = (username: string) =>
      configOf({ AFRICASTALKING_USERNAME: username, AFRICASTALKING_API_KEY: 'k' }).africasTalking?.apiRoot;
    expect(keyed('sandbox')).toBe('https://api.sandbox.africastalking.com');
    expect(keyed('duka')).toBe('https://api.africastalking.com');
  });

  it.each(['https://pay.example.com', 'http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'takes %s for a webhook',
    (address) => {
      const env = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: 'se-cret_1', PUBLIC_URL: address };
      expect(configOf(env).telegram?.webhookSecret).toBe('se-cret_1');
    },
  );

  it('lets a command work on a database without a chat', () => {
    expect(faultsOf(database)).toHaveLength(1);
    expect(faultsOf(database, 'operate')).toEqual([]);
  });
});

describe('a wrong value', () => {
  it.each([
    ['PORT', '65536', /0 to 65535/],
    ['PORT', '-1', /0 to 65535/],
    ['PORT', '3000.5', /0 to 65535/],
    ['PORT', 'http', /0 to 65535/],
    ['HOST', 'two words', /listen/],
    ['PUBLIC_URL', 'pay.example.com', /http/],
    ['PUBLIC_URL', 'ftp://pay.example.com', /http/],
    ['PUBLIC_URL', 'https://pay.example.com/?a=b', /query/],
    ['PUBLIC_URL', 'https://user:hush@pay.example.com', /http/],
    ['DATABASE_URL', 'mysql://root@db/x', /postgres:/],
    ['MASTER_KEY', 'short', /32 bytes/],
    ['MASTER_KEY', Buffer.alloc(31).toString('base64'), /32 bytes/],
    ['MASTER_KEY', Buffer.alloc(33).toString('base64'), /32 bytes/],
    ['TELEGRAM_BOT_TOKEN', 'not-a-token', /BotFather/],
    ['TELEGRAM_API_ROOT', 'api.telegram.org', /http/],
    ['TELEGRAM_WEBHOOK_SECRET', 'with space', /1 to 256/],
    ['TELEGRAM_WEBHOOK_SECRET', 'x'.repeat(257), /1 to 256/],
    ['WHATSAPP_PHONE_NUMBER_ID', '+254712345678', /digits/],
    ['WHATSAPP_ACCESS_TOKEN', 'two words', /without spaces/],
    ['WHATSAPP_APP_SECRET', 'two words', /without spaces/],
    ['WHATSAPP_VERIFY_TOKEN', 'two words', /without spaces/],
    ['WHATSAPP_API_ROOT', 'graph', /http/],
    ['AFRICASTALKING_USERNAME', 'two words', /without spaces/],
    ['AFRICASTALKING_API_KEY', 'two words', /without spaces/],
    ['AFRICASTALKING_FROM', 'x'.repeat(21), /20 characters/],
    ['AFRICASTALKING_API_ROOT', 'x', /http/],
    ['AFRICASTALKING_API_ROOT', 'http://sms.example.com', /https/],
    ['LOG_LEVEL', 'loud', /trace, debug, info/],
  ])('of %s is one line: %s', (name, value, expected) => {
    const complete = {
      ...whatsapp,
      ...database,
      TELEGRAM_BOT_TOKEN: token,
      AFRICASTALKING_USERNAME: 'duka',
      AFRICASTALKING_API_KEY: 'k',
      PUBLIC_URL: 'https://pay.example.com',
    };
    const lines = faultsOf({ ...complete, [name]: value });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name}: expected `));
    expect(lines[0]).toMatch(expected);
  });

  it('is never repeated, since it may be a secret', () => {
    const secret = 'hush hush';
    const env = Object.fromEntries(variableNames.map((name) => [name, secret]));
    const lines = faultsOf(env);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.join('\n')).not.toContain('hush');
  });

  it('does not hide another fault', () => {
    const lines = faultsOf({
      PORT: 'x',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'postgres://db/x',
      WHATSAPP_APP_SECRET: 's',
    });
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual([
      'LOG_LEVEL',
      'MASTER_KEY',
      'PORT',
      'WHATSAPP_ACCESS_TOKEN',
      'WHATSAPP_PHONE_NUMBER_ID',
      'WHATSAPP_VERIFY_TOKEN',
    ]);
  });
});

describe('a missing value', () => {
  it.each(Object.keys(whatsapp))('of WhatsApp is named: %s', (name) => {
    const lines = faultsOf({ ...whatsapp, [name]: '' });
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name}: expected, since`))]);
  });

  it.each([
    ['AFRICASTALKING_USERNAME', { AFRICASTALKING_API_KEY: 'k' }],
    ['AFRICASTALKING_API_KEY', { AFRICASTALKING_USERNAME: 'duka' }],
    ['MASTER_KEY', { DATABASE_URL: 'postgres://db/x', TELEGRAM_BOT_TOKEN: token }],
    ['TELEGRAM_BOT_TOKEN', database],
    ['TELEGRAM_BOT_TOKEN', { TELEGRAM_WEBHOOK_SECRET: 'secret' }],
    [
      'PUBLIC_URL',
      { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: 's', PUBLIC_URL: 'http://pay.example.com' },
    ],
    ['PUBLIC_URL', { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: 's', HOST: '0.0.0.0' }],
  ])('is one line: %s', (name, env: Record<string, string>) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(new RegExp(`^${name}: expected\\b`))]);
  });
});

it('.env.example names every variable once, and sets none', async () => {
  const text = await readFile(new URL('../.env.example', import.meta.url), 'utf8');
  const names = text.split('\n').filter((row) => row !== '' && !row.startsWith('#'));
  expect(names).toEqual(variableNames.map((name) => `${name}=`));
});
