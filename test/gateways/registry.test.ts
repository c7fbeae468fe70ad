// Protects set-up from wrong configuration: every fault is named with its key and what is expected, never with its value.

import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { gatewayTitle, knownKinds, openGateway } from '../../src/gateways/registry.ts';
import { openHttp } from './loopback.ts';

const { http } = openHttp();
const open = (config: unknown) => openGateway('bluepay', config, http, systemClock);
const faultsOf = (config: unknown) => {
  const opening = open(config);
  return opening.kind === 'bad_config' ? opening.faults : opening.kind;
};

test('a kind that this version cannot open is named as such, tricks of JavaScript included', () => {
  for (const kind of ['paypal', 'daraja', '', '__proto__', 'constructor', 'BluePay'])
    expect(openGateway(kind, {}, http, systemClock)).toEqual({ kind: 'unknown_kind', known: knownKinds });
  expect(knownKinds).toEqual(['bluepay', 'smartpay', 'bosmi', 'daraja-php', 'sayapay']);
  expect(gatewayTitle('bluepay')).toBe('BluePay');
  expect(gatewayTitle('smartpay')).toBe('SmartPay');
  expect(gatewayTitle('paypal')).toBeNull();
});

test.each([
  ['channel id', { channelId: '550e8400-e29b-41d4-a716-446655440000' }],
  ['short code', { shortCode: '123456' }],
  ['short code as a number', { shortCode: 123456 }],
  ['both', { channelId: 'c', shortCode: '123456' }],
  ['basic', { channelId: 'c', auth: 'basic', apiUsername: 'u', apiPassword: 'a pass:word' }],
  ['body', { channelId: 'c', auth: 'body' }],
  ['body with a credential', { channelId: 'c', auth: 'body', apiUsername: 'u', apiPassword: 'p' }],
  ['a loopback base', { channelId: 'c', baseUrl: 'http://127.0.0.1:4010/' }],
  ['a secret pasted with its line end', { channelId: 'c', apiSecret: 'secret\n' }],
])('BluePay opens with %s', (_name, config) => {
  const opening = open({ apiSecret: 'secret', ...config });
  expect(opening.kind).toBe('open');
});

describe('one line per fault', () => {
  test('nothing at all', () => {
    for (const config of [null, undefined, [], 'text', 7])
      expect(faultsOf(config)).toEqual(['configuration: expected a JSON object']);
    expect(faultsOf({})).toEqual([
      expect.stringMatching(/^apiSecret: expected the API secret/),
      expect.stringMatching(/^channelId: expected .* or shortCode: /),
    ]);
  });

  test('all of them at once', () => {
    const faults = faultsOf({
      baseUrl: 'http://pay.example/?key=hidden-1',
      apiSecret: 'hidden 2',
      shortCode: 'hidden-3',
      auth: 'hidden-4',
      apiPassword: 5,
      chanelId: 'hidden-6',
    });
    expect(faults).toHaveLength(6);
    for (const key of ['baseUrl', 'apiSecret', 'shortCode', 'auth', 'apiPassword'])
      expect(faults).toContainEqual(expect.stringMatching(new RegExp(`^${key}: expected `)));
    expect(faults).toContainEqual(
      expect.stringMatching(/^chanelId: BluePay has no such key; the keys are .*channelId/),
    );
    expect(JSON.stringify(faults)).not.toContain('hidden');
  });

  test.each([
    ['basic without a credential', { auth: 'basic' }, ['apiUsername', 'apiPassword']],
    ['basic without a password', { auth: 'basic', apiUsername: 'u' }, ['apiPassword']],
    ['body with half a credential', { auth: 'body', apiPassword: 'p' }, ['apiUsername']],
    ['a colon in the user name', { auth: 'basic', apiUsername: 'a:b', apiPassword: 'p' }, ['apiUsername']],
    ['a plain http base', { baseUrl: 'http://bluepay.co.ke' }, ['baseUrl']],
    ['a base with credentials', { baseUrl: 'https://a:b@bluepay.co.ke' }, ['baseUrl']],
  ])('%s', (_name, config, keys) => {
    const faults = faultsOf({ apiSecret: 'secret', channelId: 'c', ...config });
    expect(faults).toEqual(keys.map((key) => expect.stringMatching(new RegExp(`^${key}: expected `))));
  });
});

describe('the other kinds', () => {
  const othersFaults = (kind: string, config: unknown) => {
    const opening = openGateway(kind, config, http, systemClock);
    return opening.kind === 'bad_config' ? opening.faults : [];
  };
  const bosmi = { apiKey: 'Sd4#k[HFS', username: 'admin', email: 'example@gmail.com' };
  const platform = { baseUrl: 'https://pay.example', shortCode: 174379 };
  const sayapay = { consumerKey: 'key', consumerSecret: 'secret' };

  test.each<[string, unknown]>([
    ['bosmi', bosmi],
    ['bosmi', { ...bosmi, encoding: 'form', allow01: true, apiKey: ' Sd4#k[HFS\n' }],
    ['daraja-php', platform],
    ['daraja-php', { ...platform, baseUrl: 'http://127.0.0.1:4010/', consumerKey: 'k', consumerSecret: 's' }],
    ['sayapay', sayapay],
    ['sayapay', { ...sayapay, paths: { stkQuery: '/stkpush/query', b2c: 'b2c/payout' } }],
  ])('%s opens with %j', (kind, config) => {
    expect(openGateway(kind, config, http, systemClock).kind).toBe('open');
  });

  test.each<[string, unknown, string[]]>([
    ['bosmi', {}, ['apiKey', 'username', 'email']],
    ['bosmi', { ...bosmi, encoding: 'xml', allow01: 'yes' }, ['encoding', 'allow01']],
    [
      'bosmi',
      { ...bosmi, baseUrl: 'http://api.bosmi.org', email: 'admin', apiKey: 'a b' },
      ['baseUrl', 'apiKey', 'email'],
    ],
    ['daraja-php', {}, ['baseUrl', 'shortCode']],
    ['daraja-php', { ...platform, baseUrl: 'http://pay.example' }, ['baseUrl']],
    ['daraja-php', { ...platform, consumerKey: 'k' }, ['consumerSecret']],
    ['daraja-php', { shortCode: '1', consumerSecret: 's' }, ['baseUrl', 'shortCode', 'consumerKey']],
    ['sayapay', {}, ['consumerKey', 'consumerSecret']],
    [
      'sayapay',
      { ...sayapay, consumerKey: 'a:b', baseUrl: 'http://api.sayapay.co.ke' },
      ['baseUrl', 'consumerKey'],
    ],
    [
      'sayapay',
      { ...sayapay, paths: { stkQuery: 'https://x', b2c: '/a b' } },
      ['paths.stkQuery', 'paths.b2c'],
    ],
    ['sayapay', { ...sayapay, paths: '/stkpush/query' }, ['paths']],
  ])('%s with %j: a line for each fault', (kind, config, keys) => {
    expect(othersFaults(kind, config)).toEqual(
      keys.map((key) => expect.stringMatching(new RegExp(`^${key}: expected `))),
    );
  });
});
