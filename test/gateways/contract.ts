/**
 * The kit that every adapter passes: what the house relies on at every gateway, whatever its document calls things. Which
 * parts run is decided by the abilities of the opened gateway, and each ability must be described by the fixture.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { gatewayTitle } from '../../src/gateways/registry.ts';
import { silentLog } from '../../src/ops/log.ts';
import { callbackCases } from './contract-callback-cases.ts';
import { collectCases } from './contract-collect-cases.ts';
import type { GatewayFixture } from './contract-fixture.ts';
import { fuzzCases } from './contract-fuzz-cases.ts';
import { lookupCases } from './contract-lookup-cases.ts';
import { actionCases, canBeAsked, configCases, questionCases, smsCases } from './contract-other-cases.ts';
import { payoutCases } from './contract-payout-cases.ts';
import { expectNothingTold, openOver } from './contract-stage.ts';
import { tokenCases } from './contract-token-cases.ts';

const described = ['lookup', 'callback', 'sms', 'payout', 'actions'] as const;

export function describeGateway(fixture: GatewayFixture): void {
  const http = createGatewayHttp({ fetch: globalThis.fetch, log: silentLog });
  const gateway = openOver(fixture, 'https://gateway.example', http);
  const { callback, lookup, payout, sms } = gateway;

  describe(fixture.name, () => {
    afterEach(() => expectNothingTold(fixture));

    test('each ability that the gateway has is described, and no other', () => {
      expect(gateway.kind).toBe(fixture.kind);
      expect(gatewayTitle(fixture.kind)).not.toBeNull();
      const have = (of: object) => described.filter((name) => Reflect.get(of, name) !== undefined);
      expect(have(gateway)).toEqual(have(fixture));
    });

    describe('configuration', () => configCases(fixture));
    describe('collect', () => collectCases(fixture));
    const { token, lookup: toldLookup, callback: toldCallback, sms: toldSms, payout: toldPayout } = fixture;
    if (token !== undefined) describe('token', () => tokenCases(fixture, token));
    if (lookup !== undefined && toldLookup !== undefined)
      describe('look-up', () => lookupCases(fixture, lookup, toldLookup));
    if (callback !== undefined && toldCallback !== undefined)
      describe('callback', () => callbackCases(callback, toldCallback));
    if (sms !== undefined && toldSms !== undefined) describe('sms', () => smsCases(fixture, sms, toldSms));
    if (payout !== undefined && toldPayout !== undefined)
      describe('payout', () => payoutCases(fixture, payout, toldPayout));
    if (canBeAsked(gateway)) describe('questions', () => questionCases(fixture, gateway));
    if (gateway.actions !== undefined) describe('actions', () => actionCases(fixture, gateway));
    describe('whatever comes', () => fuzzCases(fixture));
  });
}
