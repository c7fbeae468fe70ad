/** The STK endpoints of pay links: the token `t` is all the authority there is. */

import type { FieldTable } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { readJson } from './entry.ts';
import type { Call, Office, Route } from './office.ts';
import { readOrder } from './order.ts';
import { collect, entryFault } from './stk.ts';
import { accountOf } from './store.ts';
import type { Answer } from './wire.ts';
import { invalid, invalidJson, refusal } from './wire.ts';

export const fixedLinkRoute: Route = { methods: ['POST'], handle: payFixedLink };
export const defaultLinkRoute: Route = { methods: ['POST'], handle: payDefaultLink };

const fixedFields = {
  t: { kind: 'text', required: true },
  phone: { kind: 'text', required: true },
} as const satisfies FieldTable;

const defaultFields = {
  ...fixedFields,
  channel_id: { kind: 'text', required: true },
  amount: { kind: 'number', required: true },
  account_reference: { kind: 'text' },
} as const satisfies FieldTable;

const noSuchLink = refusal(422, 'Pay link is not valid');
const generatedPrefix = 'BPLINK-';

async function payFixedLink(office: Office, call: Call): Promise<Answer> {
  const struck = entryFault(office);
  if (struck !== null) return struck;
  const body = readJson(call);
  if (body === null) return invalidJson;
  const fields = readFields(body, fixedFields);
  if (fields.kind !== 'read') return refusal(422, fields.words);
  const link = office.store.payLinks.get(fields.values.t);
  if (!link?.fixed) return noSuchLink;
  const account = accountOf(office.store, link.merchantId);
  const { channelId, amountKes } = link.fixed;
  const asked = { channel_id: channelId, amount: amountKes, phone: fields.values.phone };
  const read = readOrder(office, account, asked, generatedPrefix);
  return read.kind === 'refused' ? read.answer : collect(office, call, account, read.order);
}

async function payDefaultLink(office: Office, call: Call): Promise<Answer> {
  const struck = entryFault(office);
  if (struck !== null) return struck;
  const body = readJson(call);
  if (body === null) return invalidJson;
  const fields = readFields(body, defaultFields);
  if (fields.kind === 'missing') return invalid('STK_VALIDATION_FAILED', fields.words);
  if (fields.kind === 'refused') return refusal(422, fields.words);
  const link = office.store.payLinks.get(fields.values.t);
  if (link === undefined || link.fixed !== null) return noSuchLink;
  const account = accountOf(office.store, link.merchantId);
  const read = readOrder(office, account, fields.values, generatedPrefix);
  return read.kind === 'refused' ? read.answer : collect(office, call, account, read.order);
}
