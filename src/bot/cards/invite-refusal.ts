/** Why an invitation cannot be used, in one sentence that names the next step. */
import type { Locale } from '../../db/tables.ts';
import { showTime } from '../../domain/eat.ts';
import type { InviteState, InviteView } from '../../payouts/invite-view.ts';
import type { Say } from '../kit.ts';

const keys = {
  foreign: 'join-foreign',
  member: 'join-member',
  used: 'join-used',
  revoked: 'join-revoked',
  expired: 'join-expired',
} as const satisfies Record<Exclude<InviteState, 'open'>, string>;

/** null as `view`: there is no such invitation. null as answer: it can be used. */
export function inviteRefusal(view: InviteView | null, now: Date, locale: Locale): Required<Say> | null {
  if (view === null) return { key: 'join-none', values: {} };
  if (view.state === 'open') return null;
  return { key: keys[view.state], values: { shop: view.shop, end: showTime(view.expiresAt, now, locale) } };
}
