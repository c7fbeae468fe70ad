/** Where a payout's card stands: in somebody's own chat, or in the group that an owner named. */
import type { Tx } from '../../db/tables.ts';
import type { IdentityId } from '../../domain/ids.ts';
import type { PayoutView } from './payout-view.ts';
import { laneOf, loadReader, type Reader } from './post.ts';

/** Where a card stands, and how it is said there. `identityId`: whose card it is; in a group, whose request. */
export interface Place {
  readonly identityId: IdentityId;
  readonly reader: Reader;
  readonly lane: string;
  readonly group: boolean;
}

export function isGroupLane(lane: string): boolean {
  return /^[a-z]+:-/.test(lane);
}

export async function placeOf(
  tx: Tx,
  view: Pick<PayoutView, 'business'>,
  identityId: IdentityId,
  lane: string | null,
): Promise<Place> {
  if (lane === null || !isGroupLane(lane)) {
    const reader = await loadReader(tx, identityId, view.business.locale);
    return { identityId, reader, lane: laneOf(reader), group: false };
  }
  const [channel = 'telegram', chatId = ''] = lane.split(':');
  const { locale } = view.business;
  const reader = {
    id: identityId,
    channel: channel as Reader['channel'],
    chatId,
    locale,
    belongsToSeveral: true,
  };
  return { identityId, reader, lane, group: true };
}
