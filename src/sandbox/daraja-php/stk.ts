/** POST /api/stk_push.php: the answer of Safaricom inside one of its own. */
import { acknowledgement, merchantRequestId } from '../gateway-kit/daraja.ts';
import type { FieldTable } from '../gateway-kit/fields.ts';
import { checkoutTime, digits, freshId } from '../gateway-kit/pushes.ts';
import { isMsisdn, mpesaTakes } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer } from '../gateway-kit/wire.ts';
import type { DarajaPhpOffice } from './entry.ts';
import { enter, refusal, told } from './entry.ts';
import type { DarajaPhpAccount } from './state.ts';

/** All four are listed, none as optional. */
const stkFields = {
  phone: { kind: 'text', required: true },
  amount: { kind: 'number', required: true },
  reference: { kind: 'text', required: true },
  description: { kind: 'text', required: true },
} as const satisfies FieldTable;

const testPhones = ['254708374149', '254712345678'];
const testMaxKes = 70_000;

export async function pushStk(office: DarajaPhpOffice, call: Call): Promise<Answer> {
  const { faults, pushes, random, scheduler, state } = office;
  if (faults.take('unauthorized') !== null) {
    state.tokens = [];
    return refusal(office, '401.003.01', 'Invalid Access Token');
  }
  const entry = enter(office, call, stkFields);
  if (entry.kind === 'refused') return entry.answer;
  const { account, values } = entry.value;
  const wrong = fault(account, values);
  if (wrong !== null) return refusal(office, '400.002.02', `Bad Request - ${wrong}`);
  if (faults.take('refused') !== null) {
    const words = { ResponseDescription: 'Rejected', CustomerMessage: 'Rejected' };
    return told({ ...acknowledgement({ id: '', merchantRequestId: '' }), ResponseCode: '1', ...words });
  }
  const push = await pushes.place(
    {
      id: freshId(pushes, () => `ws_CO_${checkoutTime(scheduler.now())}${digits(random, 4)}`),
      merchantRequestId: merchantRequestId(random),
      accountId: account.accountId,
      merchant: account.merchantName,
      reference: values.reference,
      description: values.description,
      phone: values.phone,
      amountKes: values.amount,
      callbackUrl: null,
    },
    call,
  );
  return told(acknowledgement(push));
}

interface Order {
  readonly phone: string;
  readonly amount: number;
  readonly reference: string;
}

function fault({ sandbox }: DarajaPhpAccount, { phone, amount, reference }: Order): string | null {
  if (!isMsisdn(phone) || (sandbox && !testPhones.includes(phone))) return 'Invalid PhoneNumber';
  if (!mpesaTakes(amount) || (sandbox && amount > testMaxKes)) return 'Invalid Amount';
  return /^[A-Za-z0-9]+$/.test(reference) ? null : 'Invalid AccountReference';
}
