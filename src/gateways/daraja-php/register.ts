import { z } from 'zod';
import type { OperatorAction, OperatorOutcome } from '../abilities.ts';
import { readAcknowledgement } from '../stk-acknowledgement.ts';
import { readBody, readFlag } from '../stk-values.ts';
import { refusalReason } from './codes.ts';
import { type DarajaPhpWire, inner, statusOf } from './wire.ts';

const responseTypeExpected = 'expected Completed or Cancelled';

/** What M-Pesa does with a payment whose validation does not answer in time. */
const registerConfig = z.strictObject({
  responseType: z.enum(['Completed', 'Cancelled'], { error: responseTypeExpected }).default('Completed'),
});

/** Daraja refuses these words anywhere in a URL that it shall call. */
const refusedWord = /mpesa|m-pesa|safaricom|exec?|cmd|sql|query/i;

/** The document names the call and no fields: these are Daraja's own. */
export function createRegister(wire: DarajaPhpWire): OperatorAction {
  return {
    summary:
      'registers the addresses for payments that customers start themselves (C2B), once per short code',
    config: registerConfig,
    changes: true,
    async run(config, around): Promise<OperatorOutcome> {
      const { responseType } = registerConfig.parse(config ?? {});
      const confirmation = around.operationUrl('confirmation');
      const validation = around.operationUrl('validation');
      const word = refusedWord.exec(`${confirmation} ${validation}`)?.[0];
      if (word !== undefined)
        return {
          kind: 'refused',
          detail: `M-Pesa refuses addresses that contain "${word}"; change PUBLIC_URL.`,
        };
      const outcome = await wire.post('/api/c2b_register.php', {
        ShortCode: wire.config.shortCode,
        ResponseType: responseType,
        ConfirmationURL: confirmation,
        ValidationURL: validation,
      });
      if (outcome.kind === 'no_token' || outcome.kind === 'not_sent')
        return { kind: 'refused', detail: outcome.detail };
      if (outcome.kind === 'unknown') return { kind: 'unknown', detail: outcome.detail };
      const body = readBody(outcome.json);
      if (body === null) return { kind: 'unknown', detail: `http_${outcome.status}: no JSON object` };
      const status = statusOf(outcome, body);
      const detail = `http_${status}: ${wire.sentence(body)}`;
      if (status === 200 && saysYes(body)) return done(wire.config.shortCode);
      if (refusalReason(status) !== null || (status === 200 && readFlag(body.success) === false))
        return { kind: 'refused', detail };
      return { kind: 'unknown', detail };
    },
  };
}

/** The answer is unstated: Daraja's ResponseCode 0, or the platform's own `success`. */
function saysYes(body: Readonly<Record<string, unknown>>): boolean {
  const { code } = readAcknowledgement(inner(body));
  return code === null ? readFlag(body.success) === true : /^0+$/.test(code);
}

const done = (shortCode: string): OperatorOutcome => ({
  kind: 'done',
  text: `Confirmations of ${shortCode} come here now. They are unproved: they settle nothing by themselves.`,
  json: { shortCode, registered: true },
});
