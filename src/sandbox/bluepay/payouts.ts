/** B2C: POST /api/v1/b2c/payouts, GET /api/v1/b2c/wallet/balance, GET /api/v1/b2c/payout_status. */

import type { FieldTable } from '../gateway-kit/fields.ts';
import { isCallbackUrl, isWholeKes, normalPhone, readFields } from '../gateway-kit/fields.ts';
import { enter } from './entry.ts';
import type { Call, Office, Route } from './office.ts';
import type { Account, Payout } from './store.ts';
import { accountOf, changeAccount } from './store.ts';
import type { Answer, JsonBody } from './wire.ts';
import { insufficientPrepaid, invalid, invalidPhone, json, refusal, withWarnings } from './wire.ts';

export const payoutsRoute: Route = { methods: ['POST'], handle: createPayout };
export const walletRoute: Route = { methods: ['GET'], handle: showWallets };
export const payoutStatusRoute: Route = { methods: ['GET'], handle: showPayout };

const payoutFields = {
  amount: { kind: 'number', required: true },
  phone: { kind: 'text', required: true },
  reference: { kind: 'text', required: true },
  description: { kind: 'text' },
  callbackUrl: { kind: 'text' },
} as const satisfies FieldTable;

/** M-Pesa's own cap on one transaction; BluePay takes more and learns it from M-Pesa. */
const mpesaMaxKes = 250_000;
const mpesaMs = 2_000;

interface PayoutOrder {
  readonly amountKes: number;
  readonly phone: string;
  readonly reference: string;
  readonly callbackUrl: string | null;
}

function createPayout(office: Office, call: Call): Answer {
  const { faults } = office;
  if (faults.take('b2c_unavailable') !== null)
    return refusal(503, 'B2C is not available', { error_code: 'B2C_UNAVAILABLE' });
  const entry = enter(office, call);
  if (entry.kind === 'refused') return entry.answer;
  const order = readPayout(entry.body);
  if ('kind' in order) return order;
  const objection = objectionTo(office, entry.account, order);
  if (objection !== null) return objection;
  const payout = startPayout(office, entry.account, order);
  if (faults.take('b2c_drop_after_accept') !== null) return { kind: 'drop' };
  if (faults.take('b2c_gateway_error') !== null)
    return refusal(502, 'M-Pesa B2C request failed', { error_code: 'B2C_GATEWAY_ERROR' });
  return withWarnings(json(payoutAnswer(payout)), entry.legacy);
}

const notValid = (words: string): Answer => invalid('B2C_VALIDATION_FAILED', words);

function readPayout(body: JsonBody): PayoutOrder | Answer {
  const fields = readFields(body, payoutFields);
  if (fields.kind !== 'read') return notValid(fields.words);
  const { amount, reference, callbackUrl = null } = fields.values;
  if (!isWholeKes(amount, 10, 1_000_000)) return notValid('amount must be KES 10–1000000');
  const phone = normalPhone(fields.values.phone);
  if (phone === null) return invalidPhone;
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(reference)) return notValid('reference is not valid');
  if (callbackUrl !== null && !isCallbackUrl(callbackUrl)) return notValid('callbackUrl is not valid');
  return { amountKes: amount, phone, reference, callbackUrl };
}

function objectionTo(office: Office, account: Account, order: PayoutOrder): Answer | null {
  if (!account.isActive)
    return refusal(403, 'Merchant account not active', { error_code: 'MERCHANT_INACTIVE' });
  if (!account.isB2cEnabled) return refusal(403, 'B2C is disabled', { error_code: 'B2C_DISABLED' });
  const rivals = [...office.store.payouts.values()].filter(
    (one) => one.merchantId === account.merchantId && one.reference === order.reference,
  );
  if (rivals.some((one) => one.status === 'PENDING' || one.status === 'SUCCESS'))
    return refusal(409, 'Reference in use', { error_code: 'REFERENCE_IN_USE' });
  const feeKes = feeOf(account, order.amountKes);
  if (account.serviceTokenKes < feeKes)
    return insufficientPrepaid(feeKes, account.serviceTokenKes, { transaction_fee_kes: feeKes });
  if (account.b2cWalletKes >= order.amountKes) return null;
  return refusal(409, '409 Insufficient B2C wallet balance', {
    error_code: 'INSUFFICIENT_B2C_BALANCE',
    required_kes: order.amountKes,
    balance_kes: account.b2cWalletKes,
  });
}

/** A flat fee below KES 250,000, and 2% from there. */
function feeOf(account: Account, amountKes: number): number {
  return amountKes < 250_000 ? account.b2cFeeKes : amountKes * 0.02;
}

/** The fee is taken at once and never given back; the principal comes back when M-Pesa fails. */
function startPayout(office: Office, account: Account, order: PayoutOrder): Payout {
  const { store, scheduler, faults } = office;
  const payout: Payout = {
    id: uuid(office),
    merchantId: account.merchantId,
    reference: order.reference,
    phone: order.phone,
    amountKes: order.amountKes,
    feeKes: feeOf(account, order.amountKes),
    callbackUrl: order.callbackUrl,
    dueAt: scheduler.now().getTime() + mpesaMs,
    doomed: faults.take('b2c_failed') !== null || order.amountKes > mpesaMaxKes,
    callbackLost: faults.take('b2c_callback_lost') !== null,
    status: 'PENDING',
    receipt: null,
  };
  store.payouts.set(payout.id, payout);
  changeAccount(store, account.merchantId, {
    serviceTokenKes: account.serviceTokenKes - payout.feeKes,
    b2cWalletKes: account.b2cWalletKes - payout.amountKes,
  });
  planPayout(office, payout);
  office.changed();
  return payout;
}

function uuid(office: Office): string {
  const hex = office.random.bytes(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Also for rows that came back from a snapshot. */
export function planPayout(office: Office, payout: Payout): void {
  const waitMs = Math.max(0, payout.dueAt - office.scheduler.now().getTime());
  office.rowTimers.after(waitMs, () => settlePayout(office, payout));
}

function settlePayout(office: Office, payout: Payout): void {
  const account = accountOf(office.store, payout.merchantId);
  const sent = payout.doomed
    ? null
    : office.mpesa.payOut({
        msisdn: payout.phone,
        amountCents: BigInt(payout.amountKes) * 100n,
        merchant: account.merchantName,
        account: payout.reference,
      });
  payout.status = sent === null ? 'FAILED' : 'SUCCESS';
  payout.receipt = sent?.receipt ?? null;
  if (sent === null) giveBack(office, payout);
  office.changed();
  sendCallback(office, payout);
}

function giveBack(office: Office, payout: Payout): void {
  const { b2cWalletKes } = accountOf(office.store, payout.merchantId);
  changeAccount(office.store, payout.merchantId, { b2cWalletKes: b2cWalletKes + payout.amountKes });
}

/** Turns a payout that went through into a reversed one; no event tells of it. */
export function reversePayout(office: Office, payoutId: string): boolean {
  const payout = office.store.payouts.get(payoutId);
  if (payout?.status !== 'SUCCESS') return false;
  payout.status = 'REVERSED';
  giveBack(office, payout);
  office.changed();
  return true;
}

function sendCallback(office: Office, payout: Payout): void {
  const account = accountOf(office.store, payout.merchantId);
  const url = payout.callbackUrl ?? account.callbackUrl;
  if (payout.callbackLost || url === null) return;
  const event = payout.status === 'SUCCESS' ? 'mpesa.b2c.success' : 'mpesa.b2c.failed';
  const { apiSecret } = account;
  const idempotencyKey = office.webhooks.newKey();
  void office.webhooks.send({
    url,
    event,
    body: { event, data: payoutData(payout) },
    apiSecret,
    idempotencyKey,
  });
}

function payoutData(payout: Payout): JsonBody {
  return {
    id: payout.id,
    type: 'B2C',
    status: payout.status,
    amount: payout.amountKes,
    phone_number: payout.phone,
    external_reference: payout.reference,
    mpesa_receipt: payout.receipt,
    transaction_fee: payout.feeKes,
  };
}

/** The create answer is not printed; it is the shape of the status answer, which is (`data.payout`). */
function payoutAnswer(payout: Payout): JsonBody {
  return { ok: true, success: true, data: { payout: payoutData(payout) } };
}

function showPayout(office: Office, call: Call): Answer {
  const entry = enter(office, call);
  if (entry.kind === 'refused') return entry.answer;
  const id = call.query.get('payout_id');
  if (id === null || call.query.size !== 1) return notValid('payout_id is required');
  const payout = office.store.payouts.get(id);
  // Not in the document: what an unknown id answers.
  if (payout?.merchantId !== entry.account.merchantId) return refusal(404, 'Payout not found');
  return json(payoutAnswer(payout));
}

function showWallets(office: Office, call: Call): Answer {
  const entry = enter(office, call);
  if (entry.kind === 'refused') return entry.answer;
  return json({
    ok: true,
    success: true,
    b2c_wallet: { balance_kes: entry.account.b2cWalletKes },
    service_wallet: { balance_kes: entry.account.serviceTokenKes },
  });
}
