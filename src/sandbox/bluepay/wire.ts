/** The answers of BluePay, in the shapes and words that its document prints. */

export interface JsonBody {
  readonly [field: string]: unknown;
}

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: JsonBody }
  | { readonly kind: 'raw'; readonly status: number; readonly contentType: string; readonly text: string }
  /** The connection is destroyed without an answer. */
  | { readonly kind: 'drop' };

export const json = (body: JsonBody, status = 200): Answer => ({ kind: 'json', status, body });

export const html = (status: number, title: string): Answer => ({
  kind: 'raw',
  status,
  contentType: 'text/html; charset=UTF-8',
  text: `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
});

/** The envelope of every refusal: the same words as `error` and `message`, and what the case adds. */
export const refusal = (status: number, words: string, adds: JsonBody = {}): Answer =>
  json({ ok: false, success: false, error: words, message: words, ...adds }, status);

const authenticateWith = 'Authenticate with Authorization: Bearer … or Basic …';

export const unauthorized: Answer = json(
  {
    ok: false,
    success: false,
    error: 'Unauthorized',
    message: authenticateWith,
    hint: 'See /public/docs.php#authentication',
  },
  401,
);

/** The channels endpoint prints a shorter one. */
export const channelsUnauthorized: Answer = json(
  { ok: false, error: 'Unauthorized', message: authenticateWith },
  401,
);

export const csrfRefused: Answer = refusal(403, 'Invalid CSRF token');
export const invalidJson: Answer = refusal(400, 'Invalid JSON body');
export const methodNotAllowed: Answer = refusal(405, 'Method not allowed');
/** Not in the document; a path that it does not name. */
export const noSuchPath: Answer = refusal(404, 'Not found');

export const insufficientPrepaid = (requiredKes: number, balanceKes: number, adds: JsonBody = {}): Answer =>
  refusal(402, '402 Insufficient service tokens', {
    error_code: 'INSUFFICIENT_PREPAID',
    required_kes: requiredKes,
    balance_kes: balanceKes,
    ...adds,
  });

/** 422 with a code. */
export const invalid = (code: string, words: string): Answer => refusal(422, words, { error_code: code });

export const invalidPhone: Answer = invalid('INVALID_PHONE', 'Phone could not be normalized to 254…');
export const channelNotAvailable: Answer = invalid('CHANNEL_NOT_AVAILABLE', 'Channel not available');

/** Body credentials are legacy: an answer to them carries warnings. */
export function withWarnings(answer: Answer, legacy: boolean): Answer {
  if (!legacy || answer.kind !== 'json' || answer.status !== 200) return answer;
  const warnings = ['Credentials in the JSON body are deprecated; use the Authorization header'];
  return { ...answer, body: { ...answer.body, warnings } };
}
