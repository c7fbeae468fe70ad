/**
 * Protects the house from learning a gateway's language: what a document calls things on the wire is said in that gateway's
 * folder and in its simulator, and nowhere else. Tried on a planted name too, since a rule that finds nothing looks the
 * same as one that is broken.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { knownKinds } from '../../src/gateways/registry.ts';

/** Daraja's own bodies, which three documents pass on, have readers that those three share. */
const daraja = ['gateways/stk-', 'gateways/daraja-php/', 'gateways/sayapay/', 'gateways/smartpay/'];
const [bluepay, smartpay, bosmi] = ['gateways/bluepay/', 'gateways/smartpay/', 'gateways/bosmi/'];
const [darajaPhp, sayapay] = ['gateways/daraja-php/', 'gateways/sayapay/'];

/**
 * Who may say which words. Left out is what the house calls the same (account_id, payment_id, payout_id, message_id,
 * created_at, expires_at, MSISDN), what Telegram does (phone_number, error_code), and plain words (phone, amount, reference).
 */
const owners: readonly (readonly [folders: readonly string[], names: string])[] = [
  [
    [bluepay],
    `stk_request_id stk_status external_reference pending_confirmation channel_id channel_type payment_channels
    api_username api_password required_kes balance_kes fee_kes transaction_fee transaction_fee_kes b2c_wallet
    service_wallet sms_id sender_name wallet_topup payment_status stk_push_paylink stk_push_paydefault
    X-BluePay-Event X-BluePay-Signature INSUFFICIENT_PREPAID REFERENCE_PREFIX_MISMATCH CHANNEL_NOT_AVAILABLE
    MERCHANT_INACTIVE ACCOUNT_REFERENCE_INVALID STK_VALIDATION_FAILED SMS_VALIDATION_FAILED SMS_PROVIDER_REJECTED
    SMS_NOT_CONFIGURED REFERENCE_IN_USE B2C_DISABLED INSUFFICIENT_B2C_BALANCE B2C_VALIDATION_FAILED
    B2C_UNAVAILABLE B2C_GATEWAY_ERROR`,
  ],
  [
    [smartpay],
    `merchant_request_id active_key limit_remaining fraud_suspended is_default notify_email notify_phone callbackurl
    paybill_number till_number bank_code bank_account bankpaybill sms_parts remaining_balance X-API-Key
    X-RateLimit-Remaining X-RateLimit-Day-Remaining MISSING_AUTH INVALID_API_KEY KEY_SUSPENDED KEY_INACTIVE
    LIMIT_REACHED MISSING_FIELDS INVALID_AMOUNT DUPLICATE_NAME CANNOT_DELETE_DEFAULT IP_RATE_LIMIT
    RATE_LIMIT_MINUTE RATE_LIMIT_DAY PHONE_RATE_LIMIT FRAUD_BLOCK_FAILURE_RATE FRAUD_BLOCK_PHONE_DIVERSITY
    FRAUD_BLOCK_BURST FRAUD_BLOCK_CANCEL_RATE PAYMENT_FAILURE`,
  ],
  [[bluepay, smartpay], 'checkout_request_id account_reference mpesa_receipt_number INVALID_PHONE'],
  [[bosmi], 'B0smi_Id Phone_Num processrequest'],
  [[bosmi, smartpay], 'transaction_id'],
  [[bosmi, smartpay, bluepay], 'api_key mpesa_receipt'],
  [
    [darajaPhp],
    `TransactionType TransID TransAmount BusinessShortCode BillRefNumber FirstName MiddleName LastName
    ConfirmationURL ValidationURL ResponseType generate_token c2b_register`,
  ],
  [[sayapay], 'access_token expires_in token_type stkpush'],
  [
    daraja,
    `stkCallback CallbackMetadata MpesaReceiptNumber TransactionDate PhoneNumber CheckoutRequestID MerchantRequestID
    ResponseCode ResponseDescription CustomerMessage ResultCode ResultDesc`,
  ],
];

const rules = owners.flatMap(([folders, names]) =>
  names.split(/\s+/).map((name) => ({
    name,
    folders: [...folders, 'sandbox/'],
    word: new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, name.startsWith('X-') ? 'i' : ''),
  })),
);

function strangers(file: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g, '');
  return rules
    .filter(({ folders, word }) => !folders.some((folder) => file.startsWith(folder)) && word.test(code))
    .map(({ name }) => `${file} says ${name}`);
}

const src = path.join(import.meta.dirname, '..', '..', 'src');

test('a gateway’s names stay in its own folder and its simulator', async () => {
  const entries = await readdir(src, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile()).map((each) => path.join(each.parentPath, each.name));
  expect(files.length).toBeGreaterThan(100);
  const found = await Promise.all(
    files.map(async (file) =>
      strangers(path.relative(src, file).split(path.sep).join('/'), await readFile(file, 'utf8')),
    ),
  );
  expect(found.flat()).toEqual([]);
});

test('each folder says something of its own, and a planted name is found', () => {
  for (const kind of knownKinds)
    expect(rules.some(({ folders }) => folders.includes(`gateways/${kind}/`))).toBe(true);
  expect(strangers('payments/settle.ts', 'row.checkout_request_id;')).toHaveLength(1);
  expect(strangers('gateways/bluepay/x.ts', "body['CheckoutRequestID']")).toHaveLength(1);
  expect(strangers('gateways/http.ts', "headers['x-api-key']")).toHaveLength(1);
  expect(strangers('sandbox/bluepay/x.ts', 'body.checkout_request_id')).toEqual([]);
  expect(strangers('payments/settle.ts', '// checkout_request_id')).toEqual([]);
});
