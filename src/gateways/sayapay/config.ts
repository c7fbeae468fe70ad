import { z } from 'zod';
import { baseUrlSetting, pastedSetting, secretPattern, userPattern } from '../settings.ts';

const keyExpected = 'expected the consumer key of the SayaPay dashboard, without spaces or a colon';
const secretExpected = 'expected the consumer secret of the SayaPay dashboard, without spaces';
const pathExpected = 'expected a path that SayaPay told you, such as /stkpush/query';
const pathsExpected = 'expected an object with stkQuery, b2c or both';

const version = '/api/v1';

/** The host alone, the version once and the version twice mean the same address. */
function withVersion(base: string): string {
  if (new URL(base).pathname === '/') return `${base}${version}`;
  return base.replace(/(?:\/+api\/v1)+$/, version);
}

const path = pastedSetting(/^\/?[\w.-]+(?:\/[\w.-]+)*\/?$/, pathExpected).transform((text) =>
  // As the dashboard may print it: with the version, which the base address holds already.
  `/${text.replace(/^\//, '')}`.replace(/^\/api\/v1(?=\/)/, ''),
);

export const sayapayConfig = z.strictObject({
  baseUrl: baseUrlSetting(`https://api.sayapay.co.ke${version}`).transform(withVersion),
  consumerKey: pastedSetting(userPattern, keyExpected),
  consumerSecret: pastedSetting(secretPattern, secretExpected),
  /** The document names these two and prints no path: absent, the ability is absent. */
  paths: z
    .strictObject({ stkQuery: path.optional(), b2c: path.optional() }, { error: pathsExpected })
    .default({}),
});

export type SayapayConfig = z.infer<typeof sayapayConfig>;
