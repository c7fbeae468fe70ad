import { showMoney } from '../../domain/money.ts';
import { parseRef } from '../../domain/refs.ts';
import { type ShownPayment, showPayment } from '../../payments/show.ts';
import { type Command, failed, wrongCall } from '../command.ts';
import { withSession } from '../session.ts';

export const paymentShow: Command = {
  words: 'payment show',
  summary: 'shows a payment: state, attempts, evidence and time line',
  options: [],
  operands: ['REF'],
  async run(call, around) {
    const ref = parseRef(call.text('REF'));
    if (ref === null || !ref.startsWith('P-'))
      return wrongCall('REF: expected a payment number, such as P-7KQ4M');
    return withSession(around, async ({ db }) => {
      const payment = await showPayment(db, ref);
      if (payment === null) return failed(`There is no payment ${ref}.`);
      return { kind: 'answer', json: payment, text: paymentText(payment) };
    });
  },
};

function paymentText(payment: ShownPayment): string {
  const why = [payment.reason, payment.flag].filter((part) => part !== null).join(', ');
  const attempts = payment.attempts.map(
    (one) => `  ${one.number}  ${one.reference}  ${one.state}${said(one.reason)}${said(one.detail)}`,
  );
  const evidence = payment.evidence.map(
    (one) => `  ${one.at}  ${one.source} (${one.trust})  ${one.verdict}${said(one.receipt)}  → ${one.effect}`,
  );
  const timeline = payment.timeline.map(({ at, kind, attempt, ...detail }) => {
    const rest = Object.entries(detail).map(([name, value]) => `${name}=${String(value)}`);
    return `  ${at}  ${[kind, attempt === null ? '' : `#${attempt}`, ...rest].filter((part) => part !== '').join(' ')}`;
  });
  return [
    `${payment.ref}  ${payment.state}${why === '' ? '' : ` (${why})`}`,
    `${showMoney(BigInt(payment.amountCents))} from ${payment.phone} to ${payment.business}, ${payment.account}`,
    `receipt ${payment.receipt ?? 'not known'}${payment.note === '' ? '' : `, for ${payment.note}`}`,
    'attempts',
    ...attempts,
    'evidence',
    ...evidence,
    'time line',
    ...timeline,
  ].join('\n');
}

function said(text: string | null): string {
  return text === null || text === '' ? '' : `  ${text}`;
}
