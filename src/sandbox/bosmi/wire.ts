/** BOSMI's answers. Two error messages are printed; for what neither fits, the words are ours. */
import type { Push, PushResult } from '../gateway-kit/pushes.ts';
import type { Answer, JsonBody } from '../gateway-kit/wire.ts';
import type { BosmiManners } from './state.ts';

/** Printed "e.g., invalid phone number". */
export const cannotInitiate = 'Failed to initiate payment, please retry and use correct MPESA number.';
/** Printed as the one answer to a push that is under way, that failed, and (ours) that is not known. */
export const notPaid = 'Transaction is being processed or failed.';
export const badCredentials = 'Invalid API credentials.';
export const badAddress = 'Your IP address is not whitelisted.';

export function told(manners: BosmiManners, body: JsonBody, status = 200): Answer {
  return { kind: 'raw', status, contentType: manners.jsonType, text: JSON.stringify(body) };
}

export function error(manners: BosmiManners, message: string): Answer {
  return told(manners, { status: 'error', message }, manners.errorStatus);
}

export function started(manners: BosmiManners, push: Push): Answer {
  return told(manners, {
    status: '0',
    transaction_id: push.id,
    Phone_Num: push.phone,
    message: 'Transaction initiated successfully.',
  });
}

const html = 'text/html; charset=UTF-8';

export function paid(manners: BosmiManners, push: Push, { receipt }: PushResult): Answer {
  const body = {
    status: 0,
    B0smi_Id: push.id,
    amount: push.toldKes,
    phone: Number(push.phone),
    mpesa_receipt: receipt,
    message: 'Transaction completed successfully.',
  };
  if (manners.paidForm === 'json') return told(manners, body);
  const text = manners.paidForm === 'php' ? phpLines(body) : printR(body);
  return { kind: 'raw', status: 200, contentType: html, text };
}

const phpLines = (body: JsonBody): string =>
  ['{', ...Object.entries(body).map(([name, value]) => `"${name}" => ${value}`), '}'].join('\n');

const printR = (body: JsonBody): string =>
  ['Array', '(', ...Object.entries(body).map(([name, value]) => `    [${name}] => ${value}`), ')', ''].join(
    '\n',
  );
