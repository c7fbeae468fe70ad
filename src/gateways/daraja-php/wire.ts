import type { Clock } from '../../domain/clock.ts';
import { type Bearer, type BearerOutcome, basicAuthorization, createBearer, readToken } from '../bearer.ts';
import { type GatewayAnswer, type GatewayHttp, gatewayUrl, redact } from '../http.ts';
import { acknowledgementSentence, readAcknowledgement } from '../stk-acknowledgement.ts';
import { type Body, readBody, readFlag, readText } from '../stk-values.ts';
import type { TokenAnswer } from '../token-cache.ts';
import type { DarajaPhpConfig } from './config.ts';

/** The platform's HTTP with an account's credentials in it. */
export interface DarajaPhpWire {
  readonly config: DarajaPhpConfig;
  post(path: string, fields: Fields): Promise<BearerOutcome>;
  token(): Promise<TokenAnswer>;
  /** The platform's own sentence, fit for a detail. */
  sentence(body: Body): string;
}

export type Fields = Readonly<Record<string, string | number>>;

/** "Tokens are valid for 1 hour": the answer itself does not say. */
const tokenLifeSeconds = 3600;

export function createDarajaPhpWire(config: DarajaPhpConfig, http: GatewayHttp, clock: Clock): DarajaPhpWire {
  const { consumerKey = '', consumerSecret = '' } = config;
  const authorization = consumerSecret === '' ? null : basicAuthorization(consumerKey, consumerSecret);
  const secrets = [consumerSecret, authorization?.split(' ')[1] ?? ''];
  /** The newest tokens: an answer may repeat the one that it refuses. */
  let issued: readonly string[] = [];
  const sentence = (body: Body) => {
    const said = acknowledgementSentence(body) ?? acknowledgementSentence(inner(body)) ?? 'no message';
    return redact(said, [...secrets, ...issued]);
  };

  async function fetchToken(): Promise<TokenAnswer> {
    const outcome = await http.request({
      method: 'POST',
      url: gatewayUrl(config.baseUrl, '/api/generate_token.php'),
      headers: authorization === null ? {} : { authorization },
    });
    if (outcome.kind !== 'answer') return { kind: 'no_answer', detail: `no token: ${outcome.detail}` };
    const body = readBody(outcome.json);
    const token = readToken(body?.token);
    if (outcome.status === 200 && token !== null && readFlag(body?.success) === true) {
      issued = [token, ...issued].slice(0, 2);
      return { kind: 'token', token, lifeSeconds: tokenLifeSeconds };
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
    post: (path, fields) =>
      bearer.request({
        method: 'POST',
        url: gatewayUrl(config.baseUrl, path),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fields),
      }),
  };
}

/** Daraja's part of an answer: under `response`, or the answer itself where the platform passes it on flat. */
export function inner(body: Body): Body {
  return readBody(body.response) ?? body;
}

/** The platform's own status: the one in the body where it names one, since PHP answers 200 around anything. */
export function statusOf(answer: GatewayAnswer, body: Body | null): number {
  const told = readText(body?.status);
  return told !== null && /^\d{3}$/.test(told) && answer.status < 300 ? Number(told) : answer.status;
}

function tokenRefused(answer: GatewayAnswer): 'yes' | 'perhaps' | 'no' {
  const body = readBody(answer.json);
  if (statusOf(answer, body) !== 401) return 'no';
  return body !== null && !readAcknowledgement(inner(body)).namesPrompt ? 'yes' : 'perhaps';
}
