/** What the card of a file of payouts says and which buttons it holds, for every state. Pure. */
import type { Locale } from '../../db/tables.ts';
import type { PauseReason } from '../../db/tables-bulk.ts';
import type { UnreadSheet } from '../../domain/bulk-read.ts';
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { lostItsApproval } from '../../payouts/bulk-rest.ts';
import { type MarkedCard, marks } from '../marks.ts';
import { escapeHtml, type Words } from '../words.ts';
import type { BulkView } from './bulk-view.ts';

export type BulkAction =
  | 'ask'
  | 'rows'
  | 'cancel'
  | 'withdraw'
  | 'approve'
  | 'reject'
  | 'pause'
  | 'resume'
  | 'stop-rest';

export interface RenderedBulk {
  /** Telegram HTML. */
  readonly text: string;
  readonly buttons: readonly { readonly action: BulkAction; readonly label: string }[];
}

export interface BulkRendering {
  readonly words: Words;
  readonly locale: Locale;
  readonly now: Date;
  /** request: of whoever sent the file. */
  readonly kind: 'request' | 'approval' | 'alert';
  readonly namesBusiness: boolean;
  /** In the group for approvals: who may decide is asked at the press, and what changes by the second is not said. */
  readonly group: boolean;
}

interface Line {
  readonly key: string;
  readonly values?: Readonly<Record<string, string>>;
}

interface Said {
  readonly mark: MarkedCard | null;
  readonly lines: readonly Line[];
}

export function renderBulkCard(view: BulkView, how: BulkRendering): RenderedBulk {
  const { mark, lines } = sayBulk(view, how);
  const { batch } = view;
  const said = lines.map(({ key, values = {} }) => {
    const escaped = Object.entries(values).map(([name, value]) => [name, escapeHtml(value)]);
    return how.words.say(how.locale, key, Object.fromEntries(escaped));
  });
  return {
    text: [
      `${mark === null ? '' : `${marks[mark]} `}<b>${showMoney(batch.total_cents)} · ${batch.ref}</b>`,
      ...(how.namesBusiness ? [escapeHtml(view.business.name)] : []),
      ...said,
    ].join('\n'),
    buttons: bulkActions(view, how).map((action) => ({
      action,
      label: how.words.say(how.locale, `btn-${action}`),
    })),
  };
}

function sayBulk(view: BulkView, how: BulkRendering): Said {
  const { batch } = view;
  const time = (at: Date) => showTime(at, how.now, how.locale);
  switch (batch.state) {
    case 'draft':
      return { mark: null, lines: sayDry(view, how) };
    case 'waiting': {
      const end = time(batch.expires_at ?? how.now);
      const again = batch.resend_reason;
      const why: Line[] = again === null ? [] : [{ key: 'po-again', values: { why: again } }];
      if (how.kind === 'approval')
        return {
          mark: 'approval',
          lines: [...sayDry(view, how), ...why, { key: 'approval', values: { by: view.requester, end } }],
        };
      const who = view.approvers.alone
        ? [view.requester]
        : view.approvers.others.map(({ name }) => name ?? '–');
      const waits: Line = { key: 'waiting', values: { who: who.join(', ') || '–', end } };
      return { mark: 'waiting', lines: [...sayDry(view, how), ...why, waits] };
    }
    case 'approved':
    case 'running':
    case 'paused':
      return { mark: 'bulk-run', lines: sayRun(view, how) };
    case 'done':
      return sayDone(view, how);
    case 'rejected':
      return over('rejected', { who: view.decided?.who ?? '–', why: view.decided?.why ?? '' });
    case 'expired':
      return over('lapsed', { end: time(batch.updated_at) });
    case 'void':
      return batch.pause_reason === 'asker_left'
        ? over('po-withdrawn', { who: view.requester }, 'po-asker-left')
        : over('po-withdrawn', { by: view.requester });
  }
}

const over = (mark: MarkedCard, values: Record<string, string>, key: string = mark): Said => ({
  mark,
  lines: [{ key, values }, { key: 'none' }],
});

function sayDry(view: BulkView, how: BulkRendering): Line[] {
  const { batch, dry } = view;
  if (dry === null) return [];
  const { facts, fee } = dry;
  const values = {
    file: batch.file_name,
    rows: String(batch.rows + facts.bad),
    total: showMoney(batch.total_cents),
    fee: fee === null ? how.words.say(how.locale, 'po-fee-later') : showMoney(fee),
    ok: String(batch.rows),
    bad: String(facts.bad),
    dup: String(facts.twice),
    old: String(facts.lately),
    new: String(facts.fresh),
  };
  const at = (when: Date) => showTime(when, how.now, how.locale);
  return [
    { key: 'bulk-dry', values },
    ...(batch.rows === 0 ? [{ key: 'bulk-none-ready' }] : facts.bad > 0 ? [{ key: 'bulk-left-out' }] : []),
    ...(facts.before === null
      ? []
      : [{ key: 'bulk-before', values: { ref2: facts.before.ref, at: at(facts.before.at) } }]),
    ...saySheets(batch.other_sheets ?? []),
  ];
}

/** Named, so many of them; of the others the rows alone. */
const mostSheets = 3;

function saySheets(sheets: readonly UnreadSheet[]): Line[] {
  if (sheets.length === 0) return [];
  const named = sheets.slice(0, mostSheets).map(
    ({ name, rows }): Line => ({
      key: 'bulk-sheet',
      values: { sheet: name, rows: String(rows) },
    }),
  );
  const others = sheets.slice(mostSheets).reduce((sum, { rows }) => sum + rows, 0);
  const rest: Line[] = others === 0 ? [] : [{ key: 'bulk-sheets', values: { rows: String(others) } }];
  return [{ key: 'bulk-one-sheet' }, ...named, ...rest];
}

function sayRun(view: BulkView, how: BulkRendering): Line[] {
  const { batch, business } = view;
  const { sent, not, open, left } = numbersOf(view);
  const done = String(batch.rows - Number(left));
  const run: Line = how.group
    ? { key: 'bulk-group-run', values: { who: view.decided?.who ?? '–' } }
    : { key: 'bulk-run', values: { done, rows: String(batch.rows), sent, not, open } };
  const paused: Line[] = batch.state === 'paused' ? [{ key: 'bulk-paused', values: { left } }] : [];
  const stopped = business.frozen_at === null ? paused : [{ key: 'po-stopped' }];
  return [run, ...stopped, ...sayHeld(view, how), ...sayLapsed(view, how)];
}

const heldKeys: Partial<Record<PauseReason, string>> = {
  float_too_low: 'bulk-held-float',
  no_service_tokens: 'bulk-held-tokens',
  credentials_refused: 'bulk-held-keys',
  channel_inactive: 'bulk-held-off',
  account_blocked: 'bulk-held-account',
  plan_used_up: 'bulk-held-account',
  misconfigured: 'bulk-held-account',
  provider_down: 'bulk-held-silent',
  gateway_busy: 'bulk-held-silent',
  gateway_unreachable: 'bulk-held-silent',
};

/** What stopped it, and what to do. */
function sayHeld(view: BulkView, how: BulkRendering): Line[] {
  const { pause_reason, state, expires_at } = view.batch;
  if (state !== 'paused' || pause_reason === null) return [];
  if (view.restCents === null) return [{ key: heldKeys[pause_reason] ?? 'bulk-held-rows' }];
  const total = showMoney(view.restCents);
  const end = showTime(expires_at ?? how.now, how.now, how.locale);
  const key = pause_reason === 'approval_lapsed' ? 'bulk-held-lapsed' : 'bulk-held-approver';
  return [{ key, values: { who: view.decided?.last ?? '–', total, end } }];
}

/** Of the rest that wanted a new approval: what became of it when nobody else said yes. */
function sayLapsed({ batch }: BulkView, how: BulkRendering): Line[] {
  const { state, expires_at } = batch;
  if (state === 'paused' || !lostItsApproval(batch) || expires_at === null) return [];
  return [{ key: 'bulk-rest-lapsed', values: { end: showTime(expires_at, how.now, how.locale) } }];
}

function sayDone(view: BulkView, how: BulkRendering): Said {
  const { sent, not, open } = numbersOf(view);
  const mark = open !== '0' ? 'po-unknown' : sent !== '0' ? 'sent' : 'refused';
  const who = view.decided?.who ?? '–';
  return {
    mark,
    lines: [
      { key: 'bulk-done', values: { sent, not, open } },
      ...sayLapsed(view, how),
      { key: 'bulk-by', values: { by: view.requester, who } },
      ...(open === '0' ? [] : [{ key: 'bulk-open' }]),
    ],
  };
}

function numbersOf({ progress }: BulkView): Record<'sent' | 'not' | 'open' | 'left', string> {
  const { sent = 0, not = 0, open = 0, left = 0 } = progress ?? {};
  return { sent: String(sent), not: String(not), open: String(open), left: String(left) };
}

/** The first button is the yes, the last one the no; what only shows stands between. */
export function bulkActions(view: BulkView, how: Pick<BulkRendering, 'kind' | 'group'>): BulkAction[] {
  const { batch } = view;
  const anew = view.restCents !== null;
  if (how.group) {
    if (batch.state === 'waiting') return ['approve', 'rows', 'reject'];
    return anew ? ['approve', 'rows'] : [];
  }
  if (how.kind === 'alert') return [];
  const mine = how.kind === 'request';
  switch (batch.state) {
    case 'draft':
      if (!mine) return [];
      return batch.rows === 0 ? ['rows', 'cancel'] : ['ask', 'rows', 'cancel'];
    case 'waiting':
      if (!mine) return ['approve', 'rows', 'reject'];
      return view.approvers.alone ? ['approve', 'rows', 'withdraw'] : ['rows', 'withdraw'];
    case 'running':
      return ['pause', 'rows'];
    case 'paused':
      if (!anew) return ['resume', 'rows', 'stop-rest'];
      return mine && !view.approvers.alone ? ['rows', 'stop-rest'] : ['approve', 'rows', 'stop-rest'];
    case 'done':
      return ['rows'];
    default:
      return [];
  }
}
