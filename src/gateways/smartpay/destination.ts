import { z } from 'zod';
import { type Msisdn, maskMsisdn } from '../../domain/msisdn.ts';
import type { SetupOutcome } from '../abilities.ts';
import { type Body, readBody, readPhone } from '../stk-values.ts';
import { readAccount, type Told, toldBy } from './account.ts';
import { bankCodes, bankName } from './banks.ts';
import { fieldOf, partOf, type SmartpayWire, textOf } from './wire.ts';

const phone = z.string().transform((text, context) => {
  const msisdn = readPhone(text);
  if (msisdn !== null) return msisdn;
  context.addIssue({ code: 'custom', message: 'expected a Kenyan mobile number such as 254712345678' });
  return z.NEVER;
});
/** A number is taken where no leading zero can be lost. */
const figures = (pattern: RegExp, expected: string) =>
  z
    .union([z.string(), z.number()], { error: expected })
    .transform(String)
    .pipe(z.string().trim().regex(pattern, { error: expected }));
const accountText = (expected: string) =>
  z
    .string({ error: expected })
    .trim()
    .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/, { error: expected });
const knownBank = figures(/^\d+$/, 'expected a bank code').pipe(
  z.string().refine((code) => bankCodes.includes(code), {
    error: 'expected one of the bank codes that SmartPay lists',
  }),
);

/** Which key; absent: the one that the account calls with. */
export const ofKey = { id: figures(/^[1-9]\d{0,11}$/, 'expected the id of a key').optional() };
const common = { ...ofKey, callbackurl: z.url({ protocol: /^https?$/ }).optional() };

/** The table of the document prints the last method as `bank`, its example sends `bankpaybill`: both are taken. */
export const destinationConfig = z.discriminatedUnion('method', [
  z.strictObject({ ...common, method: z.literal('wallet') }),
  z.strictObject({ ...common, method: z.literal('phone'), phone }),
  z.strictObject({
    ...common,
    method: z.literal('paybill'),
    paybill_number: figures(/^\d{4,10}$/, 'expected a paybill number, 4 to 10 digits'),
    account_number: accountText('expected the account number at that paybill, as text'),
  }),
  z.strictObject({
    ...common,
    method: z.literal('till'),
    till_number: figures(/^\d{5,7}$/, 'expected a till number, 5 to 7 digits'),
  }),
  z.strictObject({
    ...common,
    method: z.enum(['bankpaybill', 'bank']).transform(() => 'bankpaybill' as const),
    bank_code: knownBank,
    bank_account: accountText('expected the bank account number, as text'),
  }),
]);

/** "Paybill 123456, account ACC001". null: not a destination that can be read. */
export function summaryOf(destination: Body, walletNumber: string | null): string | null {
  const [paybill, till, account] = [
    textOf(destination, 'paybill_number'),
    textOf(destination, 'till_number'),
    textOf(destination, 'account_number'),
  ];
  const [bank, bankAccount] = [textOf(destination, 'bank_code'), textOf(destination, 'bank_account')];
  switch (textOf(destination, 'method')?.toLowerCase()) {
    case 'wallet':
      return walletNumber === null ? 'SmartPay wallet' : `Wallet ${walletNumber}`;
    case 'phone':
      return phoneSummary(destination);
    case 'paybill':
      return paybill === null ? null : `Paybill ${paybill}${account === null ? '' : `, account ${account}`}`;
    case 'till':
      return till === null ? null : `Till ${till}`;
    case 'bank':
    case 'bankpaybill':
      return bank === null
        ? null
        : `${bankName(bank)}${bankAccount === null ? '' : `, account ${bankAccount}`}`;
    default:
      return null;
  }
}

function phoneSummary(destination: Body): string | null {
  const printed = textOf(destination, 'phone', 'phone_number');
  const msisdn: Msisdn | null = readPhone(printed);
  if (msisdn !== null) return `Phone ${maskMsisdn(msisdn)}`;
  // Masked by SmartPay itself; any other text is not repeated.
  return printed?.includes('*') ? `Phone ${printed}` : null;
}

/** The answer of GET …/destination is not documented: the object under its name, in the account, or the answer itself. */
export function destinationIn(body: Body): Body {
  return partOf(partOf(body, 'account', 'data'), 'destination');
}

/** Where the key lands its money. Callback URLs are no part of it: they move no money, and hold a secret of ours. */
export async function setup(wire: SmartpayWire): Promise<SetupOutcome> {
  const account = await readAccount(wire);
  if (account.kind !== 'told') return { kind: account.kind, detail: account.detail };
  const { keyId, number } = account.value;
  if (keyId === null) return { kind: 'no_answer', detail: 'SmartPay does not tell which key this is.' };
  const told = toldBy(
    await wire.call({ method: 'GET', path: `/keys/${encodeURIComponent(keyId)}/destination` }),
  );
  if (told.kind === 'refused') return { kind: 'refused', detail: told.detail };
  const asked = told.kind === 'told' ? seenAs(destinationIn(told.value), number) : null;
  if (asked !== null) return asked;
  // The list is the one place where the document shows a destination.
  const listed = await listedDestination(wire, keyId);
  if (listed.kind !== 'told') return { kind: listed.kind, detail: listed.detail };
  const seen = listed.value === null ? null : seenAs(listed.value, number);
  return seen ?? { kind: 'no_answer', detail: `SmartPay does not tell where key ${keyId} lands its money.` };
}

/** Two phones can look alike once they are masked: `whole` holds the number itself. */
function seenAs(destination: Body, walletNumber: string | null): SetupOutcome | null {
  const summary = summaryOf(destination, walletNumber);
  if (summary === null) return null;
  const phone = textOf(destination, 'phone', 'phone_number');
  return { kind: 'setup', summary, whole: JSON.stringify([summary, readPhone(phone) ?? phone]) };
}

async function listedDestination(wire: SmartpayWire, keyId: string): Promise<Told<Body | null>> {
  const told = toldBy(await wire.call({ method: 'GET', path: '/keys' }));
  if (told.kind !== 'told') return told;
  const accounts = fieldOf(told.value, 'accounts', 'data');
  const listed = Array.isArray(accounts) ? accounts.map(readBody).filter((each) => each !== null) : [];
  const own = listed.find((each) => textOf(each, 'id') === keyId);
  return { kind: 'told', value: own === undefined ? null : readBody(own.destination) };
}
