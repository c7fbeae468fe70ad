/** The HTTP side: reads a request, finds its endpoint, writes the answer or breaks the connection, keeps the journal. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Journal, RequestEntry } from '../gateway-kit/journal.ts';
import { shownBody, shownHeaders } from '../gateway-kit/journal.ts';
import { channelsRoute } from './channels.ts';
import type { Call, Office, Route } from './office.ts';
import { defaultLinkRoute, fixedLinkRoute } from './pay-links.ts';
import { payoutStatusRoute, payoutsRoute, walletRoute } from './payouts.ts';
import { smsRoute } from './sms.ts';
import { statusRoute } from './status.ts';
import { stkRoute } from './stk.ts';
import type { Answer } from './wire.ts';
import { methodNotAllowed, noSuchPath } from './wire.ts';

const routes: ReadonlyMap<string, Route> = new Map([
  ['/api/payment_channels.php', channelsRoute],
  ['/api/payment_status.php', statusRoute],
  ['/api/stk_push.php', stkRoute],
  ['/api/v2/payments.php', stkRoute],
  ['/api/stk_push_paylink.php', fixedLinkRoute],
  ['/api/stk_push_paydefault.php', defaultLinkRoute],
  ['/api/v1/sms/send', smsRoute],
  ['/api/v1/b2c/payouts', payoutsRoute],
  ['/api/v1/b2c/wallet/balance', walletRoute],
  ['/api/v1/b2c/payout_status', payoutStatusRoute],
]);

export function createHttpServer(office: Office, journal: Journal<RequestEntry>): Server {
  return createServer((request, response) => {
    serve(office, journal, request, response).catch((error: unknown) => {
      // A caller that hangs up while its body is read is its own affair; a bug of ours must be seen.
      if (!request.complete) response.destroy();
      else throw error;
    });
  });
}

async function serve(
  office: Office,
  journal: Journal<RequestEntry>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await text(request);
  const { url: path = '/', method = 'GET', headers } = request;
  const at = office.scheduler.now();
  const shown = { method, path, headers: shownHeaders(headers), body: shownBody(body) };
  const id = journal.add({ at, ...shown, status: null, answer: null, ms: null });
  const [pathname = '', search = ''] = path.split('?', 2);
  const call: Call = {
    method,
    query: new URLSearchParams(search),
    authorization: headers.authorization,
    cookie: headers.cookie,
    contentType: headers['content-type'],
    text: body,
    afterAnswer: [],
  };
  const answer = await route(office, call, pathname);
  const ms = office.scheduler.now().getTime() - at.getTime();
  if (answer.kind === 'drop') journal.amend(id, { ms });
  else journal.amend(id, { ms, status: answer.status, answer: shownBody(payloadOf(answer)) });
  whenGone(response, () => {
    for (const run of call.afterAnswer) run();
  });
  write(request, response, answer);
}

function route(office: Office, call: Call, path: string): Answer | Promise<Answer> {
  const found = routes.get(path);
  if (found === undefined) return noSuchPath;
  return found.methods.includes(call.method) ? found.handle(office, call) : methodNotAllowed;
}

function whenGone(response: ServerResponse, run: () => void): void {
  if (response.closed || response.destroyed) run();
  else response.once('close', run);
}

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer.kind === 'drop') {
    request.socket.destroy();
    return;
  }
  const type = answer.kind === 'raw' ? answer.contentType : 'application/json';
  const payload = Buffer.from(payloadOf(answer));
  response.writeHead(answer.status, { 'content-type': type, 'content-length': payload.length });
  response.end(payload);
}

function payloadOf(answer: Exclude<Answer, { kind: 'drop' }>): string {
  return answer.kind === 'raw' ? answer.text : JSON.stringify(answer.body);
}
