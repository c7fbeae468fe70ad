import { z } from 'zod';
import { baseUrlExpected, parseBaseUrl } from '../http.ts';

const defaultBaseUrl = 'https://api.smartpaypesa.com/v1';

/** Always ends in `/v1`, whether it was given or not: SmartPay prints it in its base and in its paths. */
const baseUrl = z
  .string({ error: baseUrlExpected })
  .default(defaultBaseUrl)
  .transform((text, context) => {
    const parsed = parseBaseUrl(text);
    if (parsed !== null) return parsed.endsWith('/v1') ? parsed : `${parsed}/v1`;
    context.addIssue({ code: 'custom', message: baseUrlExpected });
    return z.NEVER;
  });

const apiKeyExpected = 'expected the API key of SmartPay, 64 hexadecimal characters';

export const smartpayConfig = z.strictObject({
  baseUrl,
  /** A key pasted with its line end is the same key. */
  apiKey: z
    .string({ error: apiKeyExpected })
    .trim()
    .regex(/^[0-9a-f]{64}$/i, { error: apiKeyExpected }),
});

export type SmartpayConfig = z.infer<typeof smartpayConfig>;
