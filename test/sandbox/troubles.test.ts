/** Protects "for the next prompt": a fault waits at every gateway, strikes at the one that is used, and then nowhere else. */
import { expect, it } from 'vitest';
import type { GatewayAtDesk } from '../../src/sandbox/gateway-at-desk.ts';
import { createFaults } from '../../src/sandbox/gateway-kit/faults.ts';
import type { DeskGatewayKind } from '../../src/sandbox/gateway-names.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTroubles } from '../../src/sandbox/troubles.ts';
import { createTestRandom } from '../support/clock.ts';

const phone = '254712345678';

function setUp() {
  const scheduler = createManualScheduler();
  const mpesa = createMpesa({ scheduler, random: createTestRandom() });
  mpesa.addSubscriber({ msisdn: phone, pin: '1234', balanceCents: 500_000n });
  const gateways: GatewayAtDesk[] = [];
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const answered: string[] = [];
  /** A gateway as the desk sees it, and what a prompt does there. */
  const open = (kind: DeskGatewayKind) => {
    const faults = createFaults();
    gateways.push({
      kind,
      arm: (fault, setting) => {
        faults.arm(fault, setting);
        changed();
      },
      clear: (fault) => {
        faults.clear(fault);
        changed();
      },
      isArmed: (fault) => faults.armed().some((one) => one.fault === fault),
      requests: () => [],
      webhooks: () => [],
      answeredSince: () => answered,
      secrets: () => [],
    });
    changed();
    return {
      armed: () => faults.armed().map(({ fault }) => fault),
      strike: () => {
        faults.take('callback_lost');
        changed();
      },
    };
  };
  const bluepay = open('bluepay');
  const troubles = createTroubles({
    scheduler,
    mpesa,
    gateways: () => gateways,
    onGatewayChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const missed = (): void => {
    answered.push(phone);
    changed();
  };
  return { bluepay, troubles, mpesa, open, missed };
}

it('is armed at every gateway, also at one that is connected later', () => {
  const { bluepay, troubles, open } = setUp();
  troubles.arm('callback-lost', true);
  const bosmi = open('bosmi');
  const smartpay = open('smartpay');
  expect([bluepay, bosmi, smartpay].map(({ armed }) => armed())).toEqual(Array(3).fill(['callback_lost']));
  troubles.arm('callback-lost', false);
  expect([bluepay, bosmi, smartpay].map(({ armed }) => armed())).toEqual(Array(3).fill([]));
});

it('strikes once, wherever the prompt went', () => {
  const { bluepay, troubles, open } = setUp();
  const bosmi = open('bosmi');
  troubles.arm('callback-lost', true);
  troubles.arm('gateway-slow', true);
  bosmi.strike();
  expect([troubles.isArmed('callback-lost'), troubles.isArmed('gateway-slow')]).toEqual([false, true]);
  expect([bluepay, bosmi].map(({ armed }) => armed())).toEqual([['slow'], ['slow']]);
});

it('switches the phones on again once any gateway has missed one', () => {
  const { troubles, mpesa, missed } = setUp();
  troubles.arm('phone-off', true);
  expect(mpesa.subscriber(phone)?.on).toBe(false);
  missed();
  expect(mpesa.subscriber(phone)?.on).toBe(true);
  expect(troubles.isArmed('phone-off')).toBe(false);
});
