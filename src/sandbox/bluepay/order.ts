/** What an STK push asks for, checked against the document's rules, and the row and prompt that it becomes. */

import { isCallbackUrl, isWholeKes, normalPhone } from '../gateway-kit/fields.ts';
import { eatTime } from '../mpesa/texts.ts';
import { takeCallbackPlan } from './faults.ts';
import type { Office } from './office.ts';
import { settleStk, topUpPrefix } from './settle.ts';
import type { Account, Channel, Stk } from './store.ts';
import { putStk } from './store.ts';
import type { Answer } from './wire.ts';
import { channelNotAvailable, invalid, invalidPhone, refusal } from './wire.ts';

export interface Order {
  readonly channel: Channel;
  readonly phone: string;
  readonly amountKes: number;
  readonly reference: string;
  readonly callbackUrl: string | null;
}

export interface OrderFields {
  readonly channel_id: string;
  readonly phone: string;
  readonly amount: number;
  readonly account_reference?: string | undefined;
  readonly callback_url?: string | undefined;
}

export type OrderRead =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'refused'; readonly answer: Answer };

const refused = (answer: Answer): OrderRead => ({ kind: 'refused', answer });
const maxKes = 250_000;

/** `generatedPrefix` begins the reference that BluePay makes when none is given. */
export function readOrder(
  office: Office,
  account: Account,
  fields: OrderFields,
  generatedPrefix = 'BP-LINK-',
): OrderRead {
  if (!isWholeKes(fields.amount, 1, maxKes)) return refused(refusal(422, 'amount must be KES 1–250000'));
  const phone = normalPhone(fields.phone);
  if (phone === null) return refused(invalidPhone);
  const channel = account.channels.find((one) => one.channelId === fields.channel_id);
  if (!account.isActive || !channel?.isActive) return refused(channelNotAvailable);
  const callbackUrl = fields.callback_url ?? null;
  if (callbackUrl !== null && !isCallbackUrl(callbackUrl))
    return refused(refusal(422, 'callback_url must be HTTPS, or http:// localhost'));
  const reference = fields.account_reference ?? newReference(office, channel, generatedPrefix);
  const wrong = referenceFault(reference, account, channel);
  if (wrong !== null) return refused(wrong);
  return { kind: 'order', order: { channel, phone, amountKes: fields.amount, reference, callbackUrl } };
}

/** Top-ups of the B2C wallet carry a prefix of BluePay's own, whatever the channel's rule. */
function referenceFault(reference: string, account: Account, channel: Channel): Answer | null {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(reference) || reference === account.merchantId)
    return invalid('ACCOUNT_REFERENCE_INVALID', 'account_reference is not valid for M-Pesa');
  const prefix = channel.requiredPrefix;
  if (prefix === null || reference.startsWith(prefix) || reference.startsWith(topUpPrefix)) return null;
  return invalid('REFERENCE_PREFIX_MISMATCH', `account_reference must begin with ${prefix}`);
}

function newReference(office: Office, channel: Channel, generatedPrefix: string): string {
  const tail = office.random.bytes(4).toString('hex').toUpperCase();
  return `${channel.requiredPrefix ?? generatedPrefix}${tail}`;
}

/** Makes the row and puts the prompt on the phone, or leaves the row without one (`prompted: false`). */
export function placeOrder(office: Office, account: Account, order: Order, prompted = true): Stk {
  const { store, mpesa, faults } = office;
  const otherKes = faults.take('wrong_amount');
  store.counters.stk += 1;
  const stk: Stk = {
    id: store.counters.stk,
    merchantId: account.merchantId,
    channelId: order.channel.channelId,
    checkoutRequestId: newCheckoutRequestId(office),
    reference: order.reference,
    phone: order.phone,
    amountKes: order.amountKes,
    toldKes: otherKes === null ? order.amountKes : otherKes || order.amountKes + 1,
    callbackUrl: order.callbackUrl,
    createdAt: office.scheduler.now().getTime(),
    plan: takeCallbackPlan(faults),
    promptId: null,
    status: prompted ? 'PENDING' : 'FAILED',
    payment: null,
    callbackDueAt: null,
  };
  putStk(store, stk);
  if (prompted)
    stk.promptId = mpesa.prompt({
      msisdn: stk.phone,
      amountCents: BigInt(stk.amountKes) * 100n,
      merchant: account.merchantName,
      account: stk.reference,
      onOutcome: (outcome) => settleStk(office, stk, outcome),
    });
  office.changed();
  return stk;
}

/** `ws_CO_` and day, month, year, time in EAT and nine digits, as Safaricom makes them. */
function newCheckoutRequestId(office: Office): string {
  const [date = '', time = ''] = eatTime(office.scheduler.now()).split(' ');
  const [year, month, day] = date.split('-');
  for (;;) {
    const tail = String(office.random.bytes(4).readUInt32BE() % 1_000_000_000).padStart(9, '0');
    const id = `ws_CO_${day}${month}${year}${time.replaceAll(':', '')}${tail}`;
    if (!office.store.byCheckout.has(id)) return id;
  }
}
