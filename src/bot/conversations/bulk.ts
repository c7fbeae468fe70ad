/** What is typed about a file of payouts: why the same is sent again, its total, why it is turned down. */
import type { BatchId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import { cleanText, toAsciiFigures } from '../../domain/typed-text.ts';
import { audit } from '../../ops/audit.ts';
import { approveBatch, rejectBatch } from '../../payouts/bulk-approve.ts';
import { lockBatchForDecision } from '../../payouts/bulk-decide.ts';
import { askBatch } from '../../payouts/bulk-request.ts';
import { sayBulkApproval } from '../cards/bulk-approval.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { type Answer, createKit, type Kit, type Read, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { readReason } from './reason.ts';

export const bulkId = 'bulk@1';

export interface BulkStart {
  readonly batchId: BatchId;
  /** Of what the person saw on the card that they pressed. */
  readonly version: number;
  /** Who asked, by name. */
  readonly by: string;
  /** `rest`: the total of what is left, where another approves that. */
  readonly ask: 'again' | 'total' | 'rest' | 'reject';
  /** again: how many rows. total, rest: the number of the batch. */
  readonly count: string;
}

export function bulkConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: BulkStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    if (start.ask === 'total' || start.ask === 'rest') return askTotal(deps, kit, start);
    const again = start.ask === 'again';
    const say: Say = again
      ? { key: 'bulk-again', values: { count: start.count } }
      : { key: 'why', values: { by: start.by } };
    const why = await kit.ask<string>({ id: 'why', say, read: (answer) => readReason(answer, say) });
    if (why === null) return;
    const done = await kit.act((turn) =>
      again ? ask(deps, turn, start, why) : reject(deps, turn, start, why),
    );
    if (done !== '') await kit.tell({ key: done });
  };
}

/** The role is checked here again: it may have changed while the question stood open. */
async function ask(deps: BotDeps, turn: Turn, { batchId }: BulkStart, why: string): Promise<string> {
  const { business_id } = await turn.tx
    .selectFrom('payout_batch')
    .select('business_id')
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow();
  const membership = turn.memberships.find(({ businessId }) => businessId === business_id);
  if (membership === undefined || !may(membership.role, 'request_payout')) return 'not-yours';
  const { kind } = await askBatch(turn.tx, deps, batchId, turn.identity.id, why);
  return kind === 'waiting' ? '' : 'old-card';
}

async function reject(
  deps: BotDeps,
  turn: Turn,
  { batchId, version }: BulkStart,
  why: string,
): Promise<string> {
  const done = await rejectBatch(turn.tx, deps, { batchId, version, by: turn.identity.id, why });
  return done === 'rejected' ? '' : done === 'not_now' ? 'old-card' : 'not-yours';
}

const mostTries = 3;

/** Whoever types the total has read it. */
async function askTotal(deps: BotDeps, kit: Kit, start: BulkStart): Promise<void> {
  const asked: Say = {
    key: start.ask === 'rest' ? 'bulk-total-rest' : 'bulk-total',
    values: { ref: start.count },
  };
  if (await kit.act(async (turn) => (await triesAt(turn, start.batchId)) >= mostTries))
    return kit.tell({ key: 'bulk-total-over' });
  let say = asked;
  for (let number = 1; number <= mostTries; number++) {
    const cents = await kit.ask<string>({
      id: `total-${number}`,
      say,
      digits: true,
      read: (answer) => readTotal(answer, asked),
    });
    if (cents === null) return;
    const said = await kit.act((turn) => tryTotal(deps, turn, start, cents));
    if (said.key === '') return;
    say = { key: said.key, values: { ...said.values } };
    if (said.key !== 'bulk-total-no') return kit.tell(say);
  }
}

/** How often the person typed another total than that of what their card asks; a card that is gone takes none. */
async function triesAt({ tx, identity }: Turn, batchId: BatchId): Promise<number> {
  const cards = await tx
    .selectFrom('payout_card')
    .select('tries')
    .where('batch_id', '=', batchId)
    .where('identity_id', '=', identity.id)
    .forUpdate()
    .execute();
  return cards.length === 0 ? mostTries : Math.max(...cards.map(({ tries }) => tries));
}

/** Whole shillings in digits, as cents in text. */
function readTotal(answer: Answer, asked: Say): Read<string> {
  const typed = answer.kind === 'text' ? toAsciiFigures(cleanText(answer.text)) : '';
  const digits = typed.replace(/^(?:kshs?|kes)\.?|\/=$/gi, '').replace(/[\s,]/g, '');
  return /^\d{1,12}$/.test(digits) ? { value: `${digits}00` } : { again: asked };
}

interface Said {
  readonly key: string;
  readonly values: { readonly [name: string]: string };
  readonly [name: string]: string | { readonly [name: string]: string };
}

/** Wrong totals are counted on the cards of the person: who begins anew has no more tries. */
async function tryTotal(deps: BotDeps, turn: Turn, start: BulkStart, cents: string): Promise<Said> {
  const { tx, identity } = turn;
  const { batchId, version } = start;
  const { business } = await lockBatchForDecision(tx, batchId);
  const before = await triesAt(turn, batchId);
  if (before >= mostTries) return { key: 'bulk-total-over', values: {} };
  const totalCents = BigInt(cents);
  const outcome = await approveBatch(tx, deps, { batchId, version, by: identity.id, totalCents });
  if (outcome.kind === 'approved') return { key: '', values: {} };
  if (outcome.kind !== 'total') {
    const { key, values } = sayBulkApproval(outcome, start.ask === 'rest');
    return { key, values: { ...values } };
  }
  const tries = before + 1;
  await audit(tx, deps.clock.now(), business.id, identity.id, 'batch_total_wrong', {
    batch: batchId,
    tries,
  });
  await tx
    .updateTable('payout_card')
    .set({ tries })
    .where('batch_id', '=', batchId)
    .where('identity_id', '=', identity.id)
    .execute();
  return tries === mostTries
    ? { key: 'bulk-total-over', values: {} }
    : { key: 'bulk-total-no', values: { left: String(mostTries - tries) } };
}
