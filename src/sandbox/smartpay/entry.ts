/** Who is calling, and how often: the order is IP limit, header, key, limits of the key. */
import type { Call, Route } from '../gateway-kit/server.ts';
import type { Office } from '../gateway-kit/simulator.ts';
import type { Answer, Read } from '../gateway-kit/wire.ts';
import { entered, refused, withHeaders } from '../gateway-kit/wire.ts';
import { eatTime } from '../mpesa/texts.ts';
import type { Key, SmartpayState } from './state.ts';
import { changeKey } from './state.ts';
import { error } from './wire.ts';

export type SmartpayOffice = Office<SmartpayState>;

/** `X-API-Key`: the SMS endpoints only. */
export type Way = 'Authorization' | 'X-API-Key';
type KeyedHandle = (office: SmartpayOffice, key: Key, call: Call) => Answer | Promise<Answer>;

const minuteMs = 60_000;

export function open(office: SmartpayOffice, handle: (call: Call) => Answer): Route['handle'] {
  return (call) => ipLimit(office, call) ?? handle(call);
}

export function keyed(
  office: SmartpayOffice,
  handle: KeyedHandle,
  way: Way = 'Authorization',
): Route['handle'] {
  return async (call) => {
    const limited = ipLimit(office, call);
    if (limited !== null) return limited;
    const entry = enter(office, call, way);
    if (entry.kind === 'refused') return entry.answer;
    const key = entry.value;
    const answer = keyLimit(office, key) ?? (await handle(office, touched(office, key), call));
    return withHeaders(answer, remaining(office, key));
  };
}

function enter({ state }: SmartpayOffice, call: Call, way: Way): Read<Key> {
  const header = call.headers[way.toLowerCase()];
  if (header === undefined) return refused(error('MISSING_AUTH', `${way} header missing`));
  const given = way === 'X-API-Key' ? header : /^Bearer (\S+)$/.exec(header)?.[1];
  const key = state.keys.find((one) => one.apiKey === given && !one.deleted && !one.disabled);
  return key === undefined ? refused(error('INVALID_API_KEY')) : entered(key);
}

function touched({ state, scheduler }: SmartpayOffice, key: Key): Key {
  return changeKey(state, key.id, { lastUsedAt: scheduler.now().getTime() });
}

function ipLimit({ state, scheduler }: SmartpayOffice, { ip }: Call): Answer | null {
  const now = scheduler.now().getTime();
  const hits = recent(state.ipHits[ip], now);
  if (hits.length >= state.limits.ipPerMinute) return error('IP_RATE_LIMIT');
  state.ipHits[ip] = [...hits, now];
  return null;
}

/** A request that is refused here does not count. */
function keyLimit({ state, scheduler }: SmartpayOffice, { id }: Key): Answer | null {
  const now = scheduler.now();
  const hits = recent(state.keyHits[id], now.getTime());
  if (hits.length >= state.limits.keyPerMinute) return error('RATE_LIMIT_MINUTE');
  const count = countToday(state, id, now);
  if (count >= state.limits.keyPerDay) return error('RATE_LIMIT_DAY');
  state.keyHits[id] = [...hits, now.getTime()];
  state.days[id] = { day: dayOf(now), count: count + 1 };
  return null;
}

function remaining({ state, scheduler }: SmartpayOffice, { id }: Key): { readonly [name: string]: string } {
  const now = scheduler.now();
  const inMinute = state.limits.keyPerMinute - recent(state.keyHits[id], now.getTime()).length;
  const inDay = state.limits.keyPerDay - countToday(state, id, now);
  return { 'X-RateLimit-Remaining': String(inMinute), 'X-RateLimit-Day-Remaining': String(inDay) };
}

function recent(hits: readonly number[] | undefined, now: number): readonly number[] {
  return (hits ?? []).filter((at) => now - at < minuteMs);
}

function countToday(state: SmartpayState, id: number, now: Date): number {
  const entry = state.days[id];
  return entry?.day === dayOf(now) ? entry.count : 0;
}

/** The document names no zone; everything else at SmartPay is Kenyan. */
const dayOf = (at: Date): string => eatTime(at).slice(0, 10);
