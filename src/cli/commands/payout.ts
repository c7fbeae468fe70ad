import { showMoney } from '../../domain/money.ts';
import { parseRef } from '../../domain/refs.ts';
import { type ShownPayout, showPayout } from '../../payouts/show.ts';
import { type Command, failed, wrongCall } from '../command.ts';
import { withSession } from '../session.ts';

export const payoutShow: Command = {
  words: 'payout show',
  summary: 'shows a payout: state, approvals, calls, evidence and time line',
  options: [],
  operands: ['REF'],
  async run(call, around) {
    const ref = parseRef(call.text('REF'));
    if (ref === null || !ref.startsWith('W-'))
      return wrongCall('REF: expected a payout number, such as W-3F9TD');
    return withSession(around, async ({ db }) => {
      const payout = await showPayout(db, ref);
      if (payout === null) return failed(`There is no payout ${ref}.`);
      return { kind: 'answer', json: payout, text: payoutText(payout) };
    });
  },
};

function payoutText(payout: ShownPayout): string {
  const why = [payout.reason, payout.flag].filter((part) => part !== null).join(', ');
  const approvals = payout.approvals.map(
    (one) => `  ${one.at}  #${one.round}  ${one.kind} by ${one.by}${said(one.why)}`,
  );
  const calls = payout.attempts.map(
    (one) =>
      `  ${one.sentAt}  #${one.round}  ${one.outcome ?? 'no answer known'}${said(one.gatewayPayoutId)}`,
  );
  const entries = payout.entries.map((one) => `  ${one.at}  #${one.round}  ${one.kind}`);
  const evidence = payout.evidence.map(
    (one) => `  ${one.at}  ${one.source} (${one.trust})  ${one.verdict}${said(one.receipt)}  → ${one.effect}`,
  );
  const timeline = payout.timeline.map(({ at, kind, ...detail }) => {
    const rest = Object.entries(detail).map(([name, value]) => `${name}=${String(value)}`);
    return `  ${at}  ${[kind, ...rest].join(' ')}`;
  });
  return [
    `${payout.ref}  ${payout.state}${why === '' ? '' : ` (${why})`}${said(payout.detail)}`,
    `${showMoney(BigInt(payout.amountCents))} to ${payout.phone} from ${payout.business}, ${payout.account}`,
    `receipt ${payout.receipt ?? 'not known'}${payout.note === '' ? '' : `, for ${payout.note}`}`,
    ...['approvals', ...approvals, 'calls', ...calls, 'set aside', ...entries],
    ...['evidence', ...evidence, 'time line', ...timeline],
  ].join('\n');
}

function said(text: string | null): string {
  return text === null || text === '' ? '' : `  ${text}`;
}
