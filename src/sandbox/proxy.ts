/** Passes a request on to the program, body and answer as they come. */
import {
  request as ask,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';

/** They belong to one connection, and there are two here. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export interface Target {
  readonly host: string;
  readonly port: number;
}

export function passOn(target: Target, request: IncomingMessage, response: ServerResponse): void {
  const { method, url: path, headers } = request;
  const onward = ask({ ...target, method, path, headers: passed(headers), agent: false });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passed(answer.headers));
    answer.pipe(response);
    // A program that is killed in the middle of an answer must not look like one that ended it.
    answer.on('error', () => response.destroy());
  });
  onward.on('error', () => {
    if (response.headersSent) response.destroy();
    else sayDown(response);
  });
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

function passed(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.has(name)));
}

export function sayDown(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' });
  response.end('The program is down; it starts again by itself in a moment.\n');
}
