// Protects the ledger from each gateway's own wording: what its adapter reads is settled on a real database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttemptId } from '../../src/domain/ids.ts';
import type { Trust } from '../../src/domain/payment.ts';
import type { GatewayEvidence } from '../../src/gateways/gateway.ts';
import { type Desk, openDesk } from '../payments/desk.ts';
import { has } from './adapters.support.ts';
import { bluepayBearer } from './contract-bluepay.ts';
import { bosmiJson } from './contract-bosmi.ts';
import { deliveryOf, paidFacts } from './contract-callback-cases.ts';
import { darajaPhp } from './contract-daraja-php.ts';
import type { GatewayFixture } from './contract-fixture.ts';
import { sayapayWithoutQuery } from './contract-sayapay.ts';
import { smartpay } from './contract-smartpay.ts';
import { openFixture, replies, stage } from './contract-stage.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

type Told = Pick<GatewayEvidence, 'ids' | 'reference'>;

/** A callback that is believed as it is. */
function byCallback(fixture: GatewayFixture) {
  const told = has(fixture.callback);
  return async (amount: number, { ids, reference }: Told): Promise<GatewayEvidence> => {
    const ability = has(openFixture(fixture, 'https://gateway.example').callback);
    const facts = { ...paidFacts, amount, reference, correlationId: ids.correlationId, phone: undefined };
    const reading = ability.read(deliveryOf(told, told.paid({ ...facts, receipt: newReceipt() })));
    if (reading.kind !== 'collect') throw new Error(reading.kind);
    return reading.evidence;
  };
}

/** A look-up, where callbacks are only a hint or there are none. */
function byLookup(fixture: GatewayFixture) {
  const { keys, paidAmount } = has(fixture.lookup);
  return async (amount: number, { ids, reference }: Told): Promise<GatewayEvidence> => {
    const { gateway } = await stage(fixture, replies({ status: 200, body: has(paidAmount)(amount) }));
    const outcome = await has(gateway.lookup).lookup(keys);
    if (outcome.kind !== 'evidence') throw new Error(outcome.kind);
    const { evidence } = outcome;
    return {
      ...evidence,
      ids: evidence.ids.correlationId === null ? { ...ids, correlationId: null } : ids,
      reference: evidence.reference === null ? null : reference,
      receipt: { number: newReceipt(), final: true },
      msisdn: null,
    };
  };
}

let receipts = 0;
const newReceipt = () => `TFH774D${String(++receipts).padStart(3, '0')}`;

describe.each([
  ['bluepay', 'signed', byCallback(bluepayBearer)],
  ['smartpay', 'lookup', byLookup(smartpay)],
  ['bosmi', 'lookup', byLookup(bosmiJson)],
  ['daraja-php', 'accepted_unsigned', byCallback(darajaPhp)],
  ['sayapay', 'accepted_unsigned', byCallback(sayapayWithoutQuery)],
] as const)('%s', (kind, trust: Trust, evidence) => {
  let names = 0;
  async function prompted() {
    const ids = { correlationId: `ws_CO_${kind}_${++names}`, requestId: `${kind}-${names}` };
    desk.gateway.collect = async () => ({ kind: 'accepted', ids });
    const account = await desk.addAccount(`${kind} ${names}`, kind);
    const { id, attempt } = await desk.prompted(100, account);
    return { id, attempt, ids, reference: (await desk.attemptOf(attempt)).reference };
  }
  const tell = (attempt: AttemptId, what: GatewayEvidence, hint: AttemptId | null = attempt) =>
    desk.told(attempt, { ...what, trust, hint });

  test('the amount that was asked for is paid, once, however often it is told', async () => {
    const sale = await prompted();
    const paid = await evidence(100, sale);
    expect(await tell(sale.attempt, paid)).toMatchObject({ effect: 'paid' });
    expect(await tell(sale.attempt, paid)).toMatchObject({ effect: 'nothing_new' });
    expect(await desk.payment(sale.id)).toMatchObject({ state: 'paid', flag: null });
    expect(await desk.ledger(sale.id)).toMatchObject([
      { amount_cents: 100_00n, receipt: paid.receipt?.number, trust },
    ]);
  });

  test.each([99, 250])('%d shillings instead of 100 are flagged, and not credited', async (amount) => {
    const sale = await prompted();
    expect(await tell(sale.attempt, await evidence(amount, sale))).toMatchObject({
      effect: 'amount_differs',
    });
    expect(await desk.payment(sale.id)).toMatchObject({ flag: 'amount_differs' });
    expect((await desk.payment(sale.id)).state).not.toBe('paid');
    expect(await desk.ledger(sale.id)).toEqual([]);
  });

  test('somebody else’s id changes nothing here', async () => {
    const sale = await prompted();
    const other = { ids: { correlationId: 'ws_CO_x', requestId: 'x' }, reference: 'POTHER01' };
    const told = await evidence(100, other);
    for (const hint of [null, sale.attempt])
      expect(await tell(sale.attempt, told, hint)).toMatchObject({ effect: 'unmatched' });
    expect(await desk.payment(sale.id)).toMatchObject({ state: 'prompted', flag: null });
    expect(await desk.ledger(sale.id)).toEqual([]);
  });
});
