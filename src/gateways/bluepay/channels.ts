import type { CheckOutcome, OpenGateway } from '../gateway.ts';
import { type BluepayWire, type Body, readBody, readFlag, readText } from './wire.ts';

type Completing = Awaited<ReturnType<NonNullable<OpenGateway['complete']>>>;

interface Channel {
  readonly id: string;
  readonly shortCode: string;
  readonly type: string;
  readonly active: boolean;
}

type Listing =
  | { readonly kind: 'channels'; readonly channels: readonly Channel[] }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'no_answer'; readonly detail: string };

/** The only call of BluePay that changes nothing and proves the credentials. */
async function listChannels(wire: BluepayWire): Promise<Listing> {
  const outcome = await wire.ask('/api/payment_channels.php', {});
  if (outcome.kind !== 'answer') return { kind: 'no_answer', detail: `BluePay: ${outcome.detail}` };
  const body = readBody(outcome.json);
  const said = body === null ? 'The answer is no JSON object.' : wire.sentence(body);
  if (outcome.status === 401 || outcome.status === 403)
    return { kind: 'refused', detail: `BluePay refused the credentials (${outcome.status}): ${said}` };
  const channels = outcome.status === 200 && readFlag(body?.ok) === true ? body?.payment_channels : null;
  if (!Array.isArray(channels)) return { kind: 'no_answer', detail: `BluePay (${outcome.status}): ${said}` };
  return { kind: 'channels', channels: channels.map(readChannel).filter((each) => each !== null) };
}

function readChannel(value: unknown): Channel | null {
  const body: Body = readBody(value) ?? {};
  const id = readText(body.channel_id);
  const shortCode = readText(body.short_code);
  if (id === null || shortCode === null) return null;
  // A channel that does not say so is not taken for active.
  const active = readFlag(body.is_active) === true;
  return { id, shortCode, type: readText(body.channel_type) ?? 'channel', active };
}

/** "Paybill 123456": members see it. */
function labelOf(channel: Channel): string {
  const type = channel.type.toLowerCase();
  return `${type.slice(0, 1).toUpperCase()}${type.slice(1)} ${channel.shortCode}`;
}

function listed(channels: readonly Channel[]): string {
  if (channels.length === 0) return 'The account has no channels.';
  const each = channels.map(
    (one) => `${labelOf(one)}${one.active ? '' : ' (inactive)'}, channel id ${one.id}`,
  );
  return `The account has: ${each.join('; ')}.`;
}

type Choice =
  | { readonly kind: 'channel'; readonly channel: Channel }
  | { readonly kind: 'none'; readonly why: string };

function choose(wire: BluepayWire, channels: readonly Channel[]): Choice {
  const { channelId, shortCode } = wire.config;
  const asked = channelId === undefined ? `the short code ${shortCode}` : `the channel id ${channelId}`;
  const matching = channels.filter((one) =>
    channelId === undefined ? one.shortCode === shortCode : one.id.toLowerCase() === channelId.toLowerCase(),
  );
  const none = (why: string): Choice => ({ kind: 'none', why: `${why} ${listed(channels)}` });
  if (matching.length === 0) return none(`No channel of this account has ${asked}.`);
  const active = matching.filter((one) => one.active);
  const [channel] = active;
  if (channel === undefined) return none(`The channel with ${asked} is inactive.`);
  if (active.length > 1) return none(`Several active channels have ${asked}; give the channel id.`);
  if (shortCode !== undefined && channel.shortCode !== shortCode)
    return none(`The channel with ${asked} has another short code than ${shortCode}.`);
  return { kind: 'channel', channel };
}

export async function check(wire: BluepayWire): Promise<CheckOutcome> {
  const listing = await listChannels(wire);
  if (listing.kind !== 'channels') return listing;
  const choice = choose(wire, listing.channels);
  if (choice.kind === 'none') return { kind: 'refused', detail: choice.why };
  return {
    kind: 'checked',
    label: labelOf(choice.channel),
    detail: `credentials accepted, channel ${choice.channel.id} is active`,
  };
}

/** A given channel id is kept as it is; a short code costs one call. */
export async function complete(wire: BluepayWire): Promise<Completing> {
  if (wire.config.channelId !== undefined) return { kind: 'completed', config: wire.config };
  const listing = await listChannels(wire);
  if (listing.kind !== 'channels') return { kind: 'refused', detail: listing.detail };
  const choice = choose(wire, listing.channels);
  return choice.kind === 'none'
    ? { kind: 'refused', detail: choice.why }
    : { kind: 'completed', config: { ...wire.config, channelId: choice.channel.id } };
}
