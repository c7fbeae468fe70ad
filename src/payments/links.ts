/**
 * Payment links: a shop's standing question, which whoever holds the link may answer with the own phone. The code is
 * unguessable and stored sealed; a link is found by the keyed HMAC of its code.
 */
import type { Locale, Tx } from '../db/tables.ts';
import { type Door, type Doors, doorsTo } from '../domain/doors.ts';
import { type BusinessId, type IdentityId, type LinkId, newId, type PaymentId } from '../domain/ids.ts';
import { token } from '../domain/random.ts';
import { audit } from '../ops/audit.ts';
import { type PaymentDeps, sealedAs } from './context.ts';

export interface NewLink {
  readonly businessId: BusinessId;
  /** Whose request a payment by this link is. */
  readonly createdBy: IdentityId;
  /** A payable sum; null: the customer says how much. */
  readonly amountCents: bigint | null;
  /** As `cleanNote` gives it. */
  readonly note: string;
  /** Paid once, it takes no more; otherwise it does until it expires or is closed. */
  readonly once: boolean;
  readonly expiresAt: Date;
}

/** paid: a once-link that was paid. open_prompt: a once-link whose prompt is not over yet. */
export type LinkState = 'open' | 'open_prompt' | 'paid' | 'closed' | 'expired';

export interface LinkView {
  readonly id: LinkId;
  readonly code: string;
  readonly businessId: BusinessId;
  readonly shop: string;
  readonly locale: Locale;
  readonly createdBy: IdentityId;
  readonly amountCents: bigint | null;
  readonly note: string;
  readonly once: boolean;
  readonly expiresAt: Date;
  readonly state: LinkState;
}

type LinkDeps = Pick<PaymentDeps, 'vault' | 'clock'>;

export async function createLink(
  tx: Tx,
  deps: Pick<PaymentDeps, 'vault' | 'clock' | 'random'>,
  link: NewLink,
): Promise<LinkId> {
  const id = newId<LinkId>(deps.clock, deps.random);
  const code = token(deps.random);
  const now = deps.clock.now();
  await tx
    .insertInto('pay_link')
    .values({
      id,
      business_id: link.businessId,
      created_by: link.createdBy,
      code_hmac: deps.vault.hmac('pay_link', code),
      code_sealed: deps.vault.seal(code, sealedAs.payLink(id)),
      amount_cents: link.amountCents,
      note: link.note,
      once: link.once,
      expires_at: link.expiresAt,
      closed_at: null,
      created_at: now,
    })
    .execute();
  await audit(tx, now, link.businessId, link.createdBy, 'link_made', {
    link: id,
    amountCents: link.amountCents === null ? null : Number(link.amountCents),
    once: link.once,
  });
  return id;
}

const codeShape = /^[a-f0-9]{32}$/;

/** null: there is no such link. */
export async function findLink(tx: Tx, deps: LinkDeps, code: string): Promise<LinkView | null> {
  if (!codeShape.test(code)) return null;
  const found = await tx
    .selectFrom('pay_link')
    .select('id')
    .where('code_hmac', '=', deps.vault.hmac('pay_link', code))
    .executeTakeFirst();
  return found === undefined ? null : lookAtLink(tx, deps, found.id);
}

export async function lookAtLink(tx: Tx, deps: LinkDeps, id: LinkId): Promise<LinkView> {
  const row = await tx
    .selectFrom('pay_link')
    .innerJoin('business', 'business.id', 'pay_link.business_id')
    .selectAll('pay_link')
    .select(['business.name', 'business.locale'])
    .where('pay_link.id', '=', id)
    .executeTakeFirstOrThrow();
  const now = deps.clock.now();
  const timed = row.closed_at !== null ? 'closed' : row.expires_at <= now ? 'expired' : null;
  const used = row.once ? await useOf(tx, id) : null;
  return {
    id,
    code: deps.vault.open(row.code_sealed, sealedAs.payLink(id)),
    businessId: row.business_id,
    shop: row.name,
    locale: row.locale,
    createdBy: row.created_by,
    amountCents: row.amount_cents,
    note: row.note,
    once: row.once,
    expiresAt: row.expires_at,
    state: used === 'paid' ? 'paid' : (timed ?? used ?? 'open'),
  };
}

/** What stands in the way of another payment by a once-link. A prompt that ended without money does not. */
async function useOf(
  tx: Tx,
  id: LinkId,
  except: PaymentId | null = null,
): Promise<'paid' | 'open_prompt' | null> {
  const payments = await tx
    .selectFrom('payment')
    .select('state')
    .where('link_id', '=', id)
    .where('id', 'is distinct from', except)
    .where('state', 'not in', ['cancelled', 'failed', 'expired'])
    .execute();
  if (payments.some(({ state }) => state === 'paid')) return 'paid';
  return payments.length > 0 ? 'open_prompt' : null;
}

/**
 * What another payment of the same once-link stands at; null: none stands in the way, or it may be paid many times. The link
 * stays locked: two payments of it come one after the other. The caller holds the payment's row.
 */
export async function otherUse(
  tx: Tx,
  payment: { readonly id: PaymentId; readonly link_id: LinkId | null },
): Promise<'paid' | 'open_prompt' | null> {
  if (payment.link_id === null) return null;
  const link = await tx
    .selectFrom('pay_link')
    .select('once')
    .where('id', '=', payment.link_id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return link.once ? await useOf(tx, payment.link_id, payment.id) : null;
}

/** false: it was closed before. Prompts that are out already go on. */
export async function closeLink(
  tx: Tx,
  deps: Pick<PaymentDeps, 'clock'>,
  id: LinkId,
  by: IdentityId,
): Promise<boolean> {
  const now = deps.clock.now();
  const closed = await tx
    .updateTable('pay_link')
    .set({ closed_at: now })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .returning('business_id')
    .executeTakeFirst();
  if (closed === undefined) return false;
  await audit(tx, now, closed.business_id, by, 'link_closed', { link: id });
  return true;
}

const looksBack = 50;

/** The links of a business that can still be paid, newest first. */
export async function openLinks(
  tx: Tx,
  deps: LinkDeps,
  businessId: BusinessId,
  most: number,
): Promise<LinkView[]> {
  const rows = await tx
    .selectFrom('pay_link')
    .select('id')
    .where('business_id', '=', businessId)
    .where('closed_at', 'is', null)
    .where('expires_at', '>', deps.clock.now())
    .orderBy('created_at', 'desc')
    .limit(looksBack)
    .execute();
  const links: LinkView[] = [];
  for (const { id } of rows) {
    if (links.length === most) break;
    const link = await lookAtLink(tx, deps, id);
    if (link.state !== 'paid') links.push(link);
  }
  return links;
}

/** Where a browser opens the link. */
export function linkUrl(deps: Pick<PaymentDeps, 'publicUrl'>, code: string): string {
  return `${deps.publicUrl}/pay/${code}`;
}

const startPrefix = 'pay_';

/** Where a chat opens it. */
export function linkInChats(doors: Doors, code: string): readonly Door[] {
  return doorsTo(doors, `${startPrefix}${code}`);
}

/** The code in what `/start` was given; null: it is not about a link. */
export function codeOfStart(argument: string): string | null {
  return argument.startsWith(startPrefix) ? argument.slice(startPrefix.length) : null;
}
