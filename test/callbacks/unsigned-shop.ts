/** A shop at gateways that sign nothing: real accounts, real callback routes, and a gateway whose answers a test writes. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createCallbackReader } from '../../src/callbacks/read.ts';
import { callbackRoutes } from '../../src/callbacks/route.ts';
import type { AccountId, AttemptId, PaymentId } from '../../src/domain/ids.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { createInboxWorker } from '../../src/inbox/claim.ts';
import { createInbox } from '../../src/inbox/store.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createServer } from '../../src/ops/server.ts';
import { type AddedAccount, addAccount } from '../../src/payments/accounts.ts';
import { sealedAs } from '../../src/payments/context.ts';
import { createGateways } from '../../src/payments/gateways.ts';
import { operate } from '../../src/payments/operate.ts';
import { createSubmitter } from '../../src/payments/submit.ts';
import { openDesk } from '../payments/desk.ts';

export type UnsignedShop = Awaited<ReturnType<typeof openUnsignedShop>>;

interface Sent {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function openUnsignedShop() {
  const desk = await openDesk();
  const far = { sent: [] as Sent[], checkouts: 0, lost: false };
  const server = createHttpServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += String(part);
    const path = request.url ?? '';
    far.sent.push({ path, body: text === '' ? {} : JSON.parse(text) });
    if (path.includes('token'))
      return void response.end('{"success":true,"token":"tok","access_token":"tok","expires_in":3599}');
    if (far.lost) return void response.destroy();
    const ids = { CheckoutRequestID: `ws_CO_${++far.checkouts}`, MerchantRequestID: `m-${far.checkouts}` };
    const acknowledged = { ...ids, ResponseCode: '0' };
    response.end(JSON.stringify({ ...acknowledged, status: 200, response: acknowledged }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const baseUrl = `http://127.0.0.1:${address.port}`;

  const { db, vault, clock, deps } = desk;
  const http = createGatewayHttp({ fetch, log: silentLog });
  const gateways = createGateways({ vault, http, clock });
  const inbox = createInbox({ db, vault, clock });
  const routes = callbackRoutes({
    ...deps,
    db,
    inbox,
    openGateway: (id) => gateways.open(db, id),
    received: () => undefined,
  });
  const here = createServer(silentLog, [routes]);
  const quiet = async () => undefined;
  const tellPayout = { payout: quiet, batch: quiet, freeze: quiet };
  const handle = createCallbackReader({ ...deps, gateways, tellPayout });
  const worker = createInboxWorker({
    ...{ db, vault, clock, source: 'gateway', log: silentLog, maxTries: 1, handle },
    buried: async (_tx, _row, err) => {
      throw err;
    },
  });
  const submitter = createSubmitter({ ...deps, db, gateways, pause: async () => undefined });

  let names = 0;
  const add = (
    kind: string,
    config: Readonly<Record<string, unknown>>,
    acceptUnsigned: boolean,
  ): Promise<AddedAccount> =>
    addAccount(
      { ...deps, db, http, gateways },
      {
        businessId: desk.businessId,
        kind,
        name: `${kind} ${++names}`,
        config: { baseUrl, ...config },
        acceptUnsigned,
      },
    );
  async function open(kind: string, config: Readonly<Record<string, unknown>>, acceptUnsigned: boolean) {
    const added = await add(kind, config, acceptUnsigned);
    if (added.kind !== 'added') throw new Error(added.lines.join('\n'));
    return { id: added.accountId, url: new URL(added.callbackUrl).pathname };
  }

  async function prompted(account: { readonly id: AccountId; readonly url: string }) {
    const payment = await desk.draft(500, account.id);
    const attempt = await desk.queue(payment);
    await submitter.runOnce();
    return sale(account, payment, attempt);
  }
  async function sale(account: { readonly url: string }, payment: PaymentId, attempt: AttemptId) {
    const row = await desk.attemptOf(attempt);
    return {
      payment,
      attempt,
      reference: row.reference,
      checkout: row.correlation_id,
      phone: vault.open(row.phone_sealed, sealedAs.attemptPhone(attempt)),
      url: `${account.url}/${vault.open(row.callback_sealed, sealedAs.attemptCallback(attempt))}`,
    };
  }

  /** Posts, and handles what was stored. */
  async function post(url: string, body: unknown) {
    const answer = await here.inject({
      ...{ method: 'POST', url, headers: { 'content-type': 'application/json' } },
      payload: JSON.stringify(body),
    });
    while (await worker.runOnce());
    return { status: answer.statusCode, body: answer.json() as unknown };
  }

  return {
    ...{ desk, far, add, open, prompted, sale, post, submitter },
    act: (id: AccountId, action: string) => operate({ ...deps, db, gateways }, id, action, null),
    close: async () => {
      await here.close();
      server.closeAllConnections();
      server.close();
      await desk.close();
    },
  };
}

/** Daraja's word that a prompt was paid. */
export function paidCallback(
  told: { readonly checkout: string | null; readonly phone: string; readonly code: string },
  item: Readonly<Record<string, unknown>> = {},
) {
  const items = { Amount: 500, MpesaReceiptNumber: told.code, PhoneNumber: Number(told.phone), ...item };
  return {
    Body: {
      stkCallback: {
        CheckoutRequestID: told.checkout,
        ResultCode: 0,
        CallbackMetadata: { Item: Object.entries(items).map(([Name, Value]) => ({ Name, Value })) },
      },
    },
  };
}
