/** What becomes of an STK push when M-Pesa is done with it: the row, the fee, the callback. */
import type { PromptOutcome } from '../mpesa/network.ts';
import type { Office } from './office.ts';
import type { Stk } from './store.ts';
import { accountOf, changeAccount } from './store.ts';
import type { JsonBody } from './wire.ts';

/** References of top-ups of the B2C wallet begin so. */
export const topUpPrefix = 'B2CTOPUP-';

export function settleStk(office: Office, stk: Stk, outcome: PromptOutcome): void {
  if (outcome.code === 0) pay(office, stk, outcome.receipt, outcome.at);
  else stk.status = 'FAILED';
  office.changed();
  if (stk.plan.lost) return;
  if (stk.plan.lateMs > 0) putOffCallback(office, stk);
  else sendCallback(office, stk);
}

function pay(office: Office, stk: Stk, receipt: string, at: Date): void {
  const { store, random } = office;
  const account = accountOf(store, stk.merchantId);
  store.counters.payment += 1;
  const standIn = stk.plan.pendingReceipt ? `RCHK-${random.bytes(5).toString('hex').toUpperCase()}` : null;
  stk.status = 'SUCCESS';
  stk.payment = { id: store.counters.payment, receipt, standIn, at: at.getTime() };
  changeAccount(store, stk.merchantId, {
    serviceTokenKes: Math.max(0, account.serviceTokenKes - account.stkFeeKes),
    b2cWalletKes: account.b2cWalletKes + (isTopUp(stk) ? stk.amountKes : 0),
  });
}

const isTopUp = (stk: Stk): boolean => stk.reference.startsWith(topUpPrefix);

function putOffCallback(office: Office, stk: Stk): void {
  stk.callbackDueAt = office.scheduler.now().getTime() + stk.plan.lateMs;
  planCallback(office, stk, stk.callbackDueAt);
}

/** Also for rows that came back from a snapshot. */
export function planCallback(office: Office, stk: Stk, dueAt: number): void {
  const waitMs = Math.max(0, dueAt - office.scheduler.now().getTime());
  office.rowTimers.after(waitMs, () => {
    stk.callbackDueAt = null;
    sendCallback(office, stk);
  });
}

function sendCallback(office: Office, stk: Stk): void {
  const account = accountOf(office.store, stk.merchantId);
  const url = stk.callbackUrl ?? account.callbackUrl;
  if (url === null) return;
  const { webhooks } = office;
  const event = eventOf(stk);
  const firstKey = webhooks.newKey();
  for (let copy = 0; copy < stk.plan.copies; copy += 1)
    void webhooks.send({
      url,
      event,
      body: { event, api_version: '1', livemode: account.livemode, data: callbackData(stk) },
      apiSecret: stk.plan.forged ? `not ${account.apiSecret}` : account.apiSecret,
      idempotencyKey: copy > 0 && stk.plan.freshKeys ? webhooks.newKey() : firstKey,
    });
}

function eventOf(stk: Stk): string {
  if (stk.status === 'FAILED') return 'mpesa.payment.failed';
  return isTopUp(stk) ? 'mpesa.b2c_wallet_topup.received' : 'mpesa.payment.received';
}

/** The printed example, and `phone`, which the document names among the key fields. A failure tells no reason. */
function callbackData(stk: Stk): JsonBody {
  return {
    payment_id: stk.payment?.id ?? null,
    amount: stk.toldKes,
    mpesa_receipt_number: stk.payment === null ? null : (stk.payment.standIn ?? stk.payment.receipt),
    account_reference: stk.reference,
    checkout_request_id: stk.checkoutRequestId,
    phone: stk.phone,
    status: stk.status === 'SUCCESS' ? 'success' : 'failed',
  };
}

/** The event is named and not printed: the fields are those of a payment. */
export function topUpService(office: Office, merchantId: string, amountKes: number, copies = 1): void {
  const { store, webhooks, mpesa } = office;
  const account = accountOf(store, merchantId);
  store.counters.payment += 1;
  changeAccount(store, merchantId, { serviceTokenKes: account.serviceTokenKes + amountKes });
  office.changed();
  if (account.callbackUrl === null) return;
  const event = 'mpesa.wallet_topup.received';
  const data = {
    payment_id: store.counters.payment,
    amount: amountKes,
    mpesa_receipt_number: mpesa.newReceipt(),
    account_reference: 'TOKENS',
    checkout_request_id: null,
    status: 'success',
  };
  for (let copy = 0; copy < copies; copy += 1)
    void webhooks.send({
      url: account.callbackUrl,
      event,
      body: { event, api_version: '1', livemode: account.livemode, data },
      apiSecret: account.apiSecret,
      idempotencyKey: webhooks.newKey(),
    });
}
