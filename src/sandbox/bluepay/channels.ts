/** GET and POST /api/payment_channels.php. */

import { readFields } from '../gateway-kit/fields.ts';
import { enter } from './entry.ts';
import type { Call, Office, Route } from './office.ts';
import type { Answer } from './wire.ts';
import { channelsUnauthorized, json, refusal, withWarnings } from './wire.ts';

export const channelsRoute: Route = { methods: ['GET', 'POST'], handle: listChannels };

function listChannels(office: Office, call: Call): Answer {
  const entry = enter(office, call, channelsUnauthorized);
  if (entry.kind === 'refused') return entry.answer;
  const fields = readFields({ ...Object.fromEntries(call.query), ...entry.body }, {});
  if (fields.kind !== 'read') return refusal(422, fields.words);
  const channels = entry.account.channels.map((channel) => ({
    channel_id: channel.channelId,
    channel_type: channel.channelType,
    short_code: channel.shortCode,
    is_active: channel.isActive,
  }));
  return withWarnings(json({ ok: true, payment_channels: channels }), entry.legacy);
}
