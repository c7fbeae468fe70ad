import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upload } from './core.ts';
import type { Form } from './media.ts';
import { type Fields, invalid, isRecord, Refusal } from './rules.ts';

/** What a call got: the result itself, or `{ error: … }` as the Graph API shapes it. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export function refusalAnswer(refusal: Refusal, traceId: string): Answer {
  return {
    status: refusal.status,
    body: {
      error: {
        message: refusal.says,
        type: refusal.type,
        code: refusal.code,
        ...(refusal.subcode === null ? {} : { error_subcode: refusal.subcode }),
        ...(refusal.details === null
          ? {}
          : { error_data: { messaging_product: 'whatsapp', details: refusal.details } }),
        fbtrace_id: traceId,
      },
    },
  };
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const body = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

export function sendBytes(response: ServerResponse, mimeType: string, bytes: Buffer): void {
  response.writeHead(200, { 'content-type': mimeType, 'content-length': bytes.length });
  response.end(bytes);
}

const maxBodyBytes = 101 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > maxBodyBytes) throw new Refusal(131053, 'Request entity too large.', { status: 413 });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

const typeOf = (contentType: string): string => contentType.split(';')[0]?.trim().toLowerCase() ?? '';

/** A body that is not declared as JSON is not read: its parameters are then missing. */
export function readJson(contentType: string, body: Buffer): Fields {
  if (typeOf(contentType) !== 'application/json') return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw invalid('The request body is not valid JSON.');
  }
  if (!isRecord(value)) throw invalid('The request body must be a JSON object.');
  return value;
}

export async function readForm(contentType: string, body: Buffer): Promise<Form> {
  const fields = new Map<string, string>();
  const files = new Map<string, Upload>();
  if (typeOf(contentType) !== 'multipart/form-data') return { fields, files };
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw invalid('The multipart form cannot be read.');
    });
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') fields.set(name, value);
    else
      files.set(name, {
        name: value.name,
        mimeType: value.type === '' ? 'application/octet-stream' : value.type,
        bytes: Buffer.from(await value.arrayBuffer()),
      });
  }
  return { fields, files };
}
