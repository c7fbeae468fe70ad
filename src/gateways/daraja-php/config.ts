import { z } from 'zod';
import {
  pastedSetting,
  requiredBaseUrlSetting,
  secretPattern,
  shortCodeSetting,
  userPattern,
} from '../settings.ts';

const keyExpected = 'expected the consumer key, without spaces or a colon';
const secretExpected = 'expected the consumer secret, without spaces';

const shape = z.strictObject({
  /** The platform's document names no host. */
  baseUrl: requiredBaseUrlSetting(),
  shortCode: shortCodeSetting(),
  /** The document shows no credentials for its token: sent where the account has them. */
  consumerKey: pastedSetting(userPattern, keyExpected).optional(),
  consumerSecret: pastedSetting(secretPattern, secretExpected).optional(),
});

/** Runs on what was given, so that a missing base URL does not hide half a credential. */
interface Given {
  readonly consumerKey?: unknown;
  readonly consumerSecret?: unknown;
}

export const darajaPhpConfig = shape.check(
  z.superRefine(
    ({ consumerKey, consumerSecret }: Given, context) => {
      if ((consumerKey === undefined) === (consumerSecret === undefined)) return;
      const [key, expected] =
        consumerKey === undefined ? ['consumerKey', keyExpected] : ['consumerSecret', secretExpected];
      context.addIssue({ code: 'custom', path: [key], message: `${expected} (both or neither)` });
    },
    {
      when: ({ value }: { value: unknown }) =>
        typeof value === 'object' && value !== null && !Array.isArray(value),
    },
  ),
);

export type DarajaPhpConfig = z.infer<typeof darajaPhpConfig>;
