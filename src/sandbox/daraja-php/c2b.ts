/** POST /api/c2b_register.php, and what the registered URLs hear when a customer pays from the M-Pesa menu. */
import { createHash } from 'node:crypto';
import { merchantRequestId } from '../gateway-kit/daraja.ts';
import { takeCallbackPlan } from '../gateway-kit/faults.ts';
import type { FieldTable } from '../gateway-kit/fields.ts';
import { isCallbackUrl } from '../gateway-kit/fields.ts';
import { objectOf } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer, JsonBody } from '../gateway-kit/wire.ts';
import type { Movement } from '../mpesa/network.ts';
import type { DarajaPhpOffice } from './entry.ts';
import { enter, refusal, told } from './entry.ts';
import type { C2bUrls, DarajaPhpAccount } from './state.ts';
import { accountOf, changeAccount } from './state.ts';

/** The document lists no parameters; these are Daraja's own. */
const registerFields = {
  ShortCode: { kind: 'text', required: true },
  ResponseType: { kind: 'text', required: true },
  ConfirmationURL: { kind: 'text', required: true },
  ValidationURL: { kind: 'text', required: true },
} as const satisfies FieldTable;

/** Safaricom takes no URL with one of these. */
const bannedWords = /mpesa|safaricom|exe|exec|cmd|sql|query/i;
const silences = ['Completed', 'Cancelled'] as const;

export function registerUrls(office: DarajaPhpOffice, call: Call): Answer {
  const entry = enter(office, call, registerFields);
  if (entry.kind === 'refused') return entry.answer;
  const { account, values } = entry.value;
  const bad = (words: string): Answer => refusal(office, '400.002.02', `Bad Request - ${words}`);
  if (values.ShortCode !== account.shortCode) return bad('Invalid ShortCode');
  const onSilence = silences.find((one) => one === values.ResponseType);
  if (onSilence === undefined) return bad('Invalid ResponseType');
  const { ConfirmationURL: confirmation, ValidationURL: validation } = values;
  if (!isTakenUrl(confirmation)) return bad('Invalid ConfirmationURL');
  if (!isTakenUrl(validation)) return bad('Invalid ValidationURL');
  // "One-time setup": Safaricom's sandbox alone lets it be done again.
  if (account.urls !== null && !account.sandbox)
    return refusal(office, '500.003.1001', 'URLs are already registered');
  changeAccount(office.state, account.accountId, { urls: { confirmation, validation, onSilence } });
  office.changed();
  return told({
    OriginatorCoversationID: merchantRequestId(office.random),
    ResponseCode: '0',
    ResponseDescription: 'Success',
  });
}

const isTakenUrl = (url: string): boolean => isCallbackUrl(url) && !bannedWords.test(url);

export interface MenuPayment {
  readonly accountId: string;
  readonly msisdn: string;
  readonly amountKes: number;
  /** What the customer typed as account number. */
  readonly billRef: string;
  readonly firstName?: string;
}

/** `rejected`: the validation URL did not want it, or was silent and the registration cancels then. */
export type MenuPaymentResult =
  | { readonly kind: 'paid'; readonly movement: Movement }
  | { readonly kind: 'rejected' | 'no_money' };

const validationPatienceMs = 8_000;

/** Without registered URLs the money moves, and nobody is told. */
export async function payIn(office: DarajaPhpOffice, payment: MenuPayment): Promise<MenuPaymentResult> {
  const { state, mpesa } = office;
  const account = accountOf(state, payment.accountId);
  const transId = mpesa.newReceipt();
  if (account.urls !== null && !(await isWanted(office, account, account.urls, payment, transId)))
    return { kind: 'rejected' };
  const movement = mpesa.payIn(
    {
      msisdn: payment.msisdn,
      amountCents: BigInt(payment.amountKes) * 100n,
      merchant: account.merchantName,
      account: payment.billRef,
    },
    transId,
  );
  if (movement === null) return { kind: 'no_money' };
  const { urls } = accountOf(state, payment.accountId);
  if (urls !== null) confirm(office, account, urls.confirmation, payment, transId);
  office.changed();
  return { kind: 'paid', movement };
}

async function isWanted(
  { courier }: DarajaPhpOffice,
  account: DarajaPhpAccount,
  { validation, onSilence }: C2bUrls,
  payment: MenuPayment,
  transId: string,
): Promise<boolean> {
  const body = JSON.stringify(menuBody(account, payment, payment.amountKes, transId));
  const reply = await courier.ask(validation, body, validationPatienceMs);
  const code = reply?.status === 200 ? objectOf(reply.text)?.ResultCode : undefined;
  if (code === undefined) return onSilence === 'Completed';
  return code === 0 || code === '0';
}

function confirm(
  { courier, faults }: DarajaPhpOffice,
  account: DarajaPhpAccount,
  url: string,
  payment: MenuPayment,
  transId: string,
): void {
  const otherKes = faults.take('wrong_amount');
  const plan = takeCallbackPlan(faults);
  const toldKes = otherKes === null ? payment.amountKes : otherKes || payment.amountKes + 1;
  const { MSISDN, ...others } = menuBody(account, payment, toldKes, transId);
  const body = JSON.stringify({
    ...others,
    ...(plan.withoutPhone ? {} : { MSISDN }),
    ...(plan.unknownFields ? { OrgAccountBalance: '49197.00', ThirdPartyTransID: '' } : {}),
  });
  if (plan.lost) return;
  const text = plan.malformed ? body.slice(0, -12) : body;
  for (let copy = 0; copy < plan.copies; copy += 1) courier.send(url, text, plan.lateMs);
}

/** As printed; the validation URL hears the same. */
function menuBody(
  account: DarajaPhpAccount,
  { msisdn, billRef, firstName = 'John' }: MenuPayment,
  amountKes: number,
  transId: string,
): JsonBody {
  return {
    TransactionType: 'Pay Bill',
    TransID: transId,
    TransAmount: `${amountKes}.00`,
    BusinessShortCode: account.shortCode,
    BillRefNumber: billRef,
    MSISDN: shownMsisdn[account.msisdnForm](msisdn),
    FirstName: firstName,
  };
}

const shownMsisdn = {
  plain: (msisdn: string) => msisdn,
  masked: (msisdn: string) => `${msisdn.slice(0, 4)} ***** ${msisdn.slice(-3)}`,
  hashed: (msisdn: string) => createHash('sha256').update(msisdn).digest('hex'),
} as const;
