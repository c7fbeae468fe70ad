/** Protects the choice of gateways at the desk: quiet until chosen, and after a restart where the program knows them. */
import { afterEach, expect, it } from 'vitest';
import { parkedKinds } from '../../src/sandbox/gateway-names.ts';
import { type GatewayPark, openGatewayPark } from '../../src/sandbox/gateway-park.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTestRandom } from '../support/clock.ts';
import { phone, raw } from './gateway-kit.ts';

const parks: GatewayPark[] = [];
afterEach(async () => {
  for (const park of parks.splice(0)) await park.close();
});

function deps() {
  const scheduler = createManualScheduler();
  const random = createTestRandom();
  const mpesa = createMpesa({ scheduler, random });
  mpesa.addSubscriber({ msisdn: phone, pin: '1234', balanceCents: 500_000n });
  return { scheduler, random, mpesa, pickPort: () => 0 };
}

it('listens when a shop opens an account, once, and gives what `gateway add` takes', async () => {
  const park = await openGatewayPark(deps());
  parks.push(park);
  expect(park.listening()).toEqual([]);
  const opened = await Promise.all(parkedKinds.map((kind) => park.open(kind, 'MAMA NJERI SHOP')));
  const [again, twin] = await Promise.all([park.open('bosmi', 'TWO'), park.open('bosmi', 'THREE')]);
  expect(park.listening().map(({ kind }) => kind)).toHaveLength(parkedKinds.length);
  expect([again.config.baseUrl, twin.config.baseUrl]).toEqual(Array(2).fill(opened[1]?.config.baseUrl));
  expect(
    opened.map(({ kind, config, acceptUnsigned }) => [kind, Object.keys(config), acceptUnsigned]),
  ).toEqual([
    ['smartpay', ['baseUrl', 'apiKey'], false],
    ['bosmi', ['baseUrl', 'apiKey', 'username', 'email'], false],
    ['sayapay', ['baseUrl', 'consumerKey', 'consumerSecret', 'paths'], false],
    ['daraja-php', ['baseUrl', 'shortCode'], true],
  ]);
});

it('is where it was after a restart, with its accounts and where they told results to', async () => {
  const park = await openGatewayPark(deps());
  parks.push(park);
  const { config, tellResultsTo } = await park.open('smartpay', 'MAMA NJERI SHOP');
  tellResultsTo('https://malipo.example/cb/1');
  const snapshot = JSON.parse(JSON.stringify(park.snapshot()));
  await park.close();
  parks.push(await openGatewayPark(deps(), snapshot));
  const headers = { authorization: `Bearer ${config.apiKey}` };
  const answer = await raw(`${config.baseUrl}/keys`, { headers });
  expect(await answer.json()).toMatchObject({ accounts: [{ callbackurl: 'https://malipo.example/cb/1' }] });
  expect(parks[1]?.listening()[0]?.secrets()).toEqual([config.apiKey]);
});

it('does not open where another listens on its port', async () => {
  const park = await openGatewayPark(deps());
  parks.push(park);
  await park.open('bosmi', 'MAMA NJERI SHOP');
  await expect(openGatewayPark(deps(), park.snapshot())).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
