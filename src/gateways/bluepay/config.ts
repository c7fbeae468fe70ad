import { z } from 'zod';
import { baseUrlExpected, parseBaseUrl } from '../http.ts';

const defaultBaseUrl = 'https://bluepay.co.ke';

const baseUrl = z
  .string({ error: baseUrlExpected })
  .default(defaultBaseUrl)
  .transform((text, context) => {
    const parsed = parseBaseUrl(text);
    if (parsed !== null) return parsed;
    context.addIssue({ code: 'custom', message: baseUrlExpected });
    return z.NEVER;
  });

const secretExpected = 'expected the API secret of BluePay (API Keys), without spaces';
const channelExpected = 'expected the channel id that BluePay shows under Channels (a UUID)';
const shortCodeExpected = 'expected the paybill or till number, 4 to 10 digits';
const authExpected = 'expected bearer, basic or body';
const usernameExpected = 'expected the user name of a BluePay credential, without spaces or a colon';
const passwordExpected = 'expected the password of a BluePay credential';

/** A value pasted with its line end is the same value. */
const pasted = (pattern: RegExp, expected: string) =>
  z.string({ error: expected }).trim().regex(pattern, { error: expected });

const shape = z.strictObject({
  baseUrl,
  /** Also signs webhooks, so that a Basic account needs it as well. */
  apiSecret: pasted(/^[\x21-\x7e]{1,512}$/, secretExpected),
  channelId: pasted(/^[A-Za-z0-9-]{1,64}$/, channelExpected).optional(),
  shortCode: z
    .union([z.string(), z.number()], { error: shortCodeExpected })
    .transform(String)
    .pipe(pasted(/^\d{4,10}$/, shortCodeExpected))
    .optional(),
  auth: z.enum(['bearer', 'basic', 'body'], { error: authExpected }).default('bearer'),
  apiUsername: pasted(/^[\x21-\x39\x3b-\x7e]{1,256}$/, usernameExpected).optional(),
  apiPassword: pasted(/^[^\p{Cc}]{1,512}$/u, passwordExpected).optional(),
});

/** Runs on what was given, so that a missing secret does not hide a missing channel. */
interface Given {
  readonly channelId?: unknown;
  readonly shortCode?: unknown;
  readonly auth?: unknown;
  readonly apiUsername?: unknown;
  readonly apiPassword?: unknown;
}

function togetherFaults(given: Given): { key: string; message: string }[] {
  const faults: { key: string; message: string }[] = [];
  if (given.channelId === undefined && given.shortCode === undefined)
    faults.push({ key: 'channelId', message: `${channelExpected}, or shortCode: ${shortCodeExpected}` });
  const named = [given.apiUsername !== undefined, given.apiPassword !== undefined];
  // With auth body and neither of them, the secret itself is sent as api_key.
  const needed = given.auth === 'basic' || (given.auth === 'body' && named.includes(true));
  const why = `(auth is ${given.auth === 'basic' ? 'basic' : 'body'})`;
  if (needed && !named[0]) faults.push({ key: 'apiUsername', message: `${usernameExpected} ${why}` });
  if (needed && !named[1]) faults.push({ key: 'apiPassword', message: `${passwordExpected} ${why}` });
  return faults;
}

export const bluepayConfig = shape.check(
  z.superRefine(
    (value: Given, context) => {
      for (const { key, message } of togetherFaults(value))
        context.addIssue({ code: 'custom', path: [key], message });
    },
    {
      when: ({ value }: { value: unknown }) =>
        typeof value === 'object' && value !== null && !Array.isArray(value),
    },
  ),
);

export type BluepayConfig = z.infer<typeof bluepayConfig>;
