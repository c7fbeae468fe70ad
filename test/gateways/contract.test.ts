// Protects the house from any one gateway: what holds for all of them is tried on all of them.
import { expect, test } from 'vitest';
import { knownKinds } from '../../src/gateways/registry.ts';
import { describeGateway } from './contract.ts';
import { bluepayBasic, bluepayBearer, bluepayBody } from './contract-bluepay.ts';
import { bosmiForm, bosmiJson } from './contract-bosmi.ts';
import { darajaPhp, darajaPhpOpen } from './contract-daraja-php.ts';
import { sayapay, sayapayWithoutQuery } from './contract-sayapay.ts';
import { smartpay } from './contract-smartpay.ts';

const fixtures = [
  ...[bluepayBearer, bluepayBasic, bluepayBody, smartpay, bosmiJson, bosmiForm],
  ...[darajaPhp, darajaPhpOpen, sayapay, sayapayWithoutQuery],
];

test('no gateway is left out', () => {
  expect([...new Set(fixtures.map(({ kind }) => kind))]).toEqual(knownKinds);
});

for (const fixture of fixtures) describeGateway(fixture);
