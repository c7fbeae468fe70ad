import type { Clock } from '../../domain/clock.ts';
import { type Bearer, type BearerOutcome, basicAuthorization, createBearer, readToken } from '../bearer.ts';
import { type GatewayAnswer, type GatewayHttp, gatewayUrl, redact } from '../http.ts';
import { acknowledgementSentence, readAcknowledgement } from '../stk-acknowledgement.ts';
import { type Body, readBody, readCount } from '../stk-values.ts';
import type { TokenAnswer } from '../token-cache.ts';
import type { SayapayConfig } from './config.ts';

/** SayaPay's HTTP with an account's credentials in it. */
export interface SayapayWire {
  readonly config: SayapayConfig;
  /** `once`: never sent a second time, whatever is answered. */
  post(path: string, fields: Fields, once?: boolean): Promise<BearerOutcome>;
  token(): Promise<TokenAnswer>;
  /** SayaPay's own sentence, fit for a detail. */
  sentence(body: Body): string;
}

export type Fields = Readonly<Record<string, string | number>>;

/** "Tokens expire after 1 hour": where `expires_in` cannot be read. */
const tokenLifeSeconds = 3599;

export function createSayapayWire(config: SayapayConfig, http: GatewayHttp, clock: Clock): SayapayWire {
  const authorization = basicAuthorization(config.consumerKey, config.consumerSecret);
  const secrets = [config.consumerSecret, authorization.split(' ')[1] ?? ''];
  /** The newest tokens: an answer may repeat the one that it refuses. */
  let issued: readonly string[] = [];
  const sentence = (body: Body) =>
    redact(acknowledgementSentence(body) ?? 'no message', [...secrets, ...issued]);

  async function fetchToken(): Promise<TokenAnswer> {
    const outcome = await http.request({
      method: 'GET',
      url: gatewayUrl(config.baseUrl, '/oauth/token'),
      headers: { authorization },
    });
    if (outcome.kind !== 'answer') return { kind: 'no_answer', detail: `no token: ${outcome.detail}` };
    const body = readBody(outcome.json);
    const token = readToken(body?.access_token);
    if (outcome.status === 200 && token !== null) {
      issued = [token, ...issued].slice(0, 2);
      return { kind: 'token', token, lifeSeconds: readCount(body?.expires_in) ?? tokenLifeSeconds };
    }
    const detail = `no token (http_${outcome.status}): ${body === null ? 'no JSON object' : sentence(body)}`;
    return outcome.status === 401 || outcome.status === 403
      ? { kind: 'refused', detail }
      : { kind: 'no_answer', detail };
  }

  const bearer: Bearer = createBearer({ http, clock, fetchToken, tokenRefused });
  return {
    config,
    sentence,
    token: () => bearer.token(),
    post: (path, fields, once) =>
      bearer.request(
        {
          method: 'POST',
          url: gatewayUrl(config.baseUrl, path),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(fields),
        },
        once,
      ),
  };
}

function tokenRefused(answer: GatewayAnswer): 'yes' | 'perhaps' | 'no' {
  if (answer.status !== 401) return 'no';
  const body = readBody(answer.json);
  return body !== null && !readAcknowledgement(body).namesPrompt ? 'yes' : 'perhaps';
}
