/** The answers that a simulated gateway can give. */

export interface JsonBody {
  readonly [field: string]: unknown;
}

export interface Headers {
  readonly [name: string]: string;
}

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: JsonBody; readonly headers?: Headers }
  | {
      readonly kind: 'raw';
      readonly status: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: Headers;
    }
  /** The connection is destroyed without an answer. */
  | { readonly kind: 'drop' };

export const json = (body: JsonBody, status = 200): Answer => ({ kind: 'json', status, body });

export const html = (status: number, title: string): Answer => ({
  kind: 'raw',
  status,
  contentType: 'text/html; charset=UTF-8',
  text: `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
});

export function withHeaders(answer: Answer, headers: Headers): Answer {
  return answer.kind === 'drop' ? answer : { ...answer, headers: { ...answer.headers, ...headers } };
}

export function payloadOf(answer: Exclude<Answer, { kind: 'drop' }>): string {
  return answer.kind === 'raw' ? answer.text : JSON.stringify(answer.body);
}

/** An answer on its way to a caller, or what the caller asked for, understood. */
export type Read<T> =
  | { readonly kind: 'in'; readonly value: T }
  | { readonly kind: 'refused'; readonly answer: Answer };

export const entered = <T>(value: T): Read<T> => ({ kind: 'in', value });
export const refused = (answer: Answer): { readonly kind: 'refused'; readonly answer: Answer } => ({
  kind: 'refused',
  answer,
});
