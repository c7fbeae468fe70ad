import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upload } from './core.ts';
import { badRequest, isRecord, type Params, type Refusal } from './rules.ts';

/** The answer of every call, as the Bot API documents it under "Making requests". */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: { readonly retry_after: number };
    };

export function refusalAnswer(refusal: Refusal): Answer {
  return {
    ok: false,
    error_code: refusal.errorCode,
    description: refusal.description,
    ...(refusal.retryAfter === null ? {} : { parameters: { retry_after: refusal.retryAfter } }),
  };
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const body = JSON.stringify(answer);
  response.writeHead(answer.ok ? 200 : answer.error_code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

export interface Input {
  readonly params: Params;
  readonly files: ReadonlyMap<string, Upload>;
}

const maxBodyBytes = 60 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > maxBodyBytes) throw badRequest('request entity too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Parameters may come in the query, as a form, as multipart and as JSON; the body wins over the query. */
export async function readInput(contentType: string, query: URLSearchParams, body: Buffer): Promise<Input> {
  const fromQuery = Object.fromEntries(query);
  if (body.length === 0) return { params: fromQuery, files: new Map() };
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return { params: { ...fromQuery, ...readJson(body) }, files: new Map() };
  if (type === 'application/x-www-form-urlencoded')
    return {
      params: { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) },
      files: new Map(),
    };
  if (type === 'multipart/form-data') {
    const { params, files } = await readMultipart(contentType, body);
    return { params: { ...fromQuery, ...params }, files };
  }
  return { params: fromQuery, files: new Map() };
}

function readJson(body: Buffer): Params {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest("can't parse request JSON object");
  }
  if (!isRecord(value)) throw badRequest('request JSON must be an object');
  return value;
}

async function readMultipart(contentType: string, body: Buffer): Promise<Input> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw badRequest("can't parse multipart form data");
    });
  const params: Record<string, unknown> = {};
  const files = new Map<string, Upload>();
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') params[name] = value;
    else
      files.set(name, {
        name: value.name,
        mimeType: value.type === '' ? 'application/octet-stream' : value.type,
        bytes: Buffer.from(await value.arrayBuffer()),
      });
  }
  return { params, files };
}
