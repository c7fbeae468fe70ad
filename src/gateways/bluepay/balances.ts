import type { Balance, BalancesOutcome } from '../abilities.ts';
import { type BluepayWire, readBody, readFlag, readKes } from './wire.ts';

/** Service tokens pay BluePay's fees; the B2C wallet holds what is paid out. */
export async function balances(wire: BluepayWire): Promise<BalancesOutcome> {
  const outcome = await wire.ask('/api/v1/b2c/wallet/balance', {});
  if (outcome.kind !== 'answer') return { kind: 'no_answer', detail: `BluePay: ${outcome.detail}` };
  const body = readBody(outcome.json);
  const said = body === null ? 'The answer is no JSON object.' : wire.sentence(body);
  if (outcome.status === 401 || outcome.status === 403)
    return { kind: 'refused', detail: `BluePay refused (${outcome.status}): ${said}` };
  // The document names two keys and shows no body: its other payout answers stand under "data".
  const held = readBody(body?.data) ?? body;
  const service = readKes(readBody(held?.service_wallet)?.balance_kes);
  const float = readKes(readBody(held?.b2c_wallet)?.balance_kes);
  const told: Balance[] = [
    ...(service === null ? [] : [{ of: 'service', cents: service, units: null } as const]),
    ...(float === null ? [] : [{ of: 'float', cents: float, units: null } as const]),
  ];
  if (outcome.status !== 200 || readFlag(body?.ok) === false || told.length === 0)
    return { kind: 'no_answer', detail: `BluePay (${outcome.status}): ${said}` };
  return { kind: 'balances', balances: told };
}
