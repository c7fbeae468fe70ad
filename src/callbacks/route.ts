/**
 * Where gateways call. Authentic callbacks become a committed inbox row before they are answered 200; what cannot be
 * stored is answered 503, so that nothing is acknowledged that is not kept.
 */

import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseDown } from '../db/open.ts';
import type { Database } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { AccountId, AttemptId, PayoutId } from '../domain/ids.ts';
import type { CallbackOperation } from '../gateways/abilities.ts';
import type { OpenGateway, ReceivedCallback } from '../gateways/gateway.ts';
import type { Inbox } from '../inbox/store.ts';
import type { Logger } from '../ops/log.ts';

export const callbackBodyLimit = 64 * 1024;
/** How long an account's token is remembered, so that a burst of callbacks does not ask the database for each. */
const rememberSeconds = 30;
const rememberMost = 10_000;
const tokenShape = /^[a-f0-9]{32}$/;

export interface CallbackRouteDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly inbox: Inbox;
  readonly openGateway: (accountId: AccountId) => Promise<OpenGateway>;
  readonly log: Logger;
  readonly received: (gateway: string, outcome: 'stored' | 'repeated' | 'malformed' | 'forged') => void;
}

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };
type Params = { account: string; operation?: string };

export function callbackRoutes(deps: CallbackRouteDeps) {
  const findAccount = createAccountFinder(deps);
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: callbackBodyLimit },
      (_request, body, done) => done(null, body),
    );
    const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      try {
        const answer = await receive(deps, findAccount, request);
        return await reply.code(answer.status).send(answer.body);
      } catch (err) {
        if (!isDatabaseDown(err)) throw err;
        return await reply.code(503).header('retry-after', '5').send({ error: 'Not stored; send it again.' });
      }
    };
    app.post('/cb/:account', { bodyLimit: callbackBodyLimit }, handle);
    app.post('/cb/:account/:operation', { bodyLimit: callbackBodyLimit }, handle);
  };
}

type AccountFinder = (token: string) => Promise<AccountId | null>;

/** Only found accounts are remembered: an unknown token costs its sender a look-up, and nobody else. */
function createAccountFinder(deps: CallbackRouteDeps): AccountFinder {
  const known = new Map<string, { id: AccountId; until: number }>();
  return async (token) => {
    const now = deps.clock.now().getTime();
    const remembered = known.get(token);
    if (remembered !== undefined && remembered.until > now) return remembered.id;
    const row = await deps.db
      .selectFrom('gateway_account')
      .select('id')
      .where('callback_hmac', '=', deps.vault.hmac('callback', token))
      .executeTakeFirst();
    if (row === undefined) return null;
    if (known.size >= rememberMost) known.clear();
    known.set(token, { id: row.id, until: now + rememberSeconds * 1000 });
    return row.id;
  };
}

async function receive(
  deps: CallbackRouteDeps,
  findAccount: AccountFinder,
  request: FastifyRequest,
): Promise<Answer> {
  const { account, operation } = request.params as Params;
  const accountId = tokenShape.test(account) ? await findAccount(account) : null;
  if (accountId === null) return { status: 404, body: { error: 'Not found' } };
  const address = operation === undefined ? {} : await findAddress(deps, accountId, operation);
  if (address === null) return { status: 404, body: { error: 'Not found' } };
  const gateway = await deps.openGateway(accountId);
  const ability = gateway.callback;
  if (ability === undefined) return { status: 404, body: { error: 'Not found' } };
  // M-Pesa asks here whether it may take a customer's money. Nothing moved yet, and nothing is to be kept.
  if (address.operation === 'validation') return { status: 200, body: ability.answer };
  const callback = receivedFrom(request);
  const authentic = ability.authenticate(callback);
  if (authentic !== 'genuine') {
    deps.received(gateway.kind, authentic);
    deps.log.warn({ account: accountId, authentic, bytes: callback.body.length }, 'callback refused');
    return authentic === 'malformed'
      ? { status: 400, body: { error: 'The signature header is missing or malformed.' } }
      : { status: 401, body: { error: 'The signature does not match.' } };
  }
  const outcome = await deps.inbox.store({
    source: 'gateway',
    key: `${accountId}:${contentKey(ability.idempotencyKey(callback), callback, address)}`,
    lane: null,
    accountId,
    attemptId: address.attemptId ?? null,
    payoutId: address.payoutId ?? null,
    body: JSON.stringify({
      headers: callback.headers,
      body: callback.body.toString('base64'),
      operation: address.operation,
    }),
  });
  deps.received(gateway.kind, outcome === 'stored' ? 'stored' : 'repeated');
  return { status: 200, body: ability.answer };
}

/** What stands behind the account's part of a URL: one prompt, payout or operation; nothing for the account's own. */
interface Address {
  readonly attemptId?: AttemptId;
  readonly payoutId?: PayoutId;
  readonly operation?: CallbackOperation;
}

async function findAddress(
  deps: CallbackRouteDeps,
  accountId: AccountId,
  token: string,
): Promise<Address | null> {
  if (!tokenShape.test(token)) return null;
  const hmac = deps.vault.hmac('callback', token);
  const attempt = await deps.db
    .selectFrom('attempt')
    .select('id as attemptId')
    .where('callback_hmac', '=', hmac)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (attempt !== undefined) return attempt;
  const payout = await deps.db
    .selectFrom('payout')
    .select('id as payoutId')
    .where('callback_hmac', '=', hmac)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  if (payout !== undefined) return payout;
  const operation = await deps.db
    .selectFrom('account_token')
    .select('operation')
    .where('token_hmac', '=', hmac)
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return operation ?? null;
}

function receivedFrom(request: FastifyRequest): ReceivedCallback {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string') headers[name] = value;
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return { body, headers };
}

/**
 * The address is part of the key: what somebody wrote to one URL cannot take the place of the same words at another, which
 * may be believed more. The gateway's key is outside the signature: with the content beside it, a replayed body cannot take a genuine one's
 * place. Hashed, since both are logged and a gateway's key may hold a checkout id, which ends in a phone.
 */
function contentKey(idempotencyKey: string | null, callback: ReceivedCallback, address: Address): string {
  const hash = createHash('sha256')
    .update(
      `${JSON.stringify([address.attemptId ?? address.payoutId ?? address.operation ?? null, idempotencyKey])}\n`,
    )
    .update(callback.body);
  return `sha256:${hash.digest('hex')}`;
}
