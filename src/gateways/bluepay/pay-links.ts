/**
 * Prompts by a pay link that was made in BluePay's dashboard: the token `t` of its address is all the authority there is,
 * so that no API key is sent. The money belongs to no payment of ours; BluePay's webhook to the account is kept as evidence.
 */
import { z } from 'zod';
import { parseMsisdn } from '../../domain/msisdn.ts';
import type { OperatorAction, OperatorOutcome } from '../abilities.ts';
import { type GatewayHttp, gatewayUrl, redact } from '../http.ts';
import { readBody, readFlag, readText } from './wire.ts';

const tokenExpected = 'expected the token t of the pay link, without spaces';
const phoneExpected = 'expected a Kenyan mobile number, such as 0712345678';
const channelExpected = 'expected the channel id of the pay link (a UUID)';
const amountExpected = 'expected whole shillings from 1 to 250000';

const token = z.string({ error: tokenExpected }).regex(/^[\x21-\x7e]{1,512}$/, { error: tokenExpected });
const phone = z.string({ error: phoneExpected }).transform((text, context) => {
  const reading = parseMsisdn(text);
  if (reading.kind === 'msisdn') return reading.msisdn;
  context.addIssue({ code: 'custom', message: phoneExpected });
  return z.NEVER;
});

const fixed = z.strictObject({ t: token, phone });
const open = z.strictObject({
  t: token,
  phone,
  channelId: z.string({ error: channelExpected }).regex(/^[A-Za-z0-9-]{1,64}$/, { error: channelExpected }),
  amount: z
    .int({ error: amountExpected })
    .min(1, { error: amountExpected })
    .max(250_000, { error: amountExpected }),
});

export function payLinkActions(baseUrl: string, http: GatewayHttp): Readonly<Record<string, OperatorAction>> {
  return {
    'paylink-push': {
      summary: 'a prompt by a pay link with a fixed amount: {"t", "phone"}',
      config: fixed,
      changes: true,
      run: (config) => push(http, baseUrl, '/api/stk_push_paylink.php', fixed.parse(config)),
    },
    'paydefault-push': {
      summary: 'a prompt by a default or channel pay link: {"t", "phone", "channelId", "amount"}',
      config: open,
      changes: true,
      run: (config) => {
        const { channelId, ...rest } = open.parse(config);
        return push(http, baseUrl, '/api/stk_push_paydefault.php', { ...rest, channel_id: channelId });
      },
    },
  };
}

async function push(
  http: GatewayHttp,
  baseUrl: string,
  path: string,
  fields: Readonly<Record<string, string | number>>,
): Promise<OperatorOutcome> {
  const outcome = await http.request({
    method: 'POST',
    url: gatewayUrl(baseUrl, path),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
  if (outcome.kind === 'not_sent') return { kind: 'refused', detail: `Not sent: ${outcome.detail}` };
  if (outcome.kind === 'unknown') return { kind: 'unknown', detail: `BluePay: ${outcome.detail}` };
  const body = readBody(outcome.json);
  const said = redact(readText(body?.message) ?? readText(body?.error) ?? 'no message', [String(fields.t)]);
  const checkoutRequestId = readText(body?.checkout_request_id);
  if (outcome.status < 300 && readFlag(body?.ok) === true && checkoutRequestId !== null)
    return {
      kind: 'done',
      text: `The prompt was accepted: ${said}`,
      json: { checkoutRequestId, reference: readText(body?.account_reference) },
    };
  const refused = outcome.status >= 400 && outcome.status < 500 && readFlag(body?.ok) === false;
  const detail = `BluePay (${outcome.status}): ${said}`;
  return refused ? { kind: 'refused', detail } : { kind: 'unknown', detail };
}
