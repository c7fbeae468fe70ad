import { z } from 'zod';
import { baseUrlSetting, pastedSetting, secretPattern } from '../settings.ts';

const keyExpected = 'expected the API key of the BOSMI portal, without spaces';
const usernameExpected = 'expected the user name of the BOSMI account';
const emailExpected = 'expected the e-mail address that is registered with BOSMI';
const encodingExpected = 'expected json or form';
const allow01Expected = 'expected true or false';

export const bosmiConfig = z.strictObject({
  baseUrl: baseUrlSetting('https://api.bosmi.org/bsmpay/stkpushquery/v3'),
  apiKey: pastedSetting(secretPattern, keyExpected),
  username: pastedSetting(/^[^\p{Cc}]{1,256}$/u, usernameExpected),
  email: pastedSetting(/^[^\s@\p{Cc}]{1,128}@[^\s@\p{Cc}]{1,128}$/u, emailExpected),
  /** The document's Python and cURL samples send JSON, its PHP samples a form. One account uses one, always. */
  encoding: z.enum(['json', 'form'], { error: encodingExpected }).default('json'),
  /** Only 07… numbers are documented. */
  allow01: z.boolean({ error: allow01Expected }).default(false),
});

export type BosmiConfig = z.infer<typeof bosmiConfig>;
