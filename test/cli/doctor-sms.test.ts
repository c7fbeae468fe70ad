/** Protects the operator who sets up SMS: a key that is refused, an empty account and no answer are told apart. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { runCli } from '../../src/cli/run.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { closedPort } from '../gateways/loopback.ts';
import {
  type AfricasTalkingServer,
  apiKey,
  openAfricasTalking,
  username,
} from '../support/africastalking.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { environmentOf } from './operator.ts';

let database: TestDatabase;
let server: AfricasTalkingServer;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  const scheduler = createManualScheduler();
  const mpesa = createMpesa({ scheduler, random: systemRandom });
  ({ server } = await openAfricasTalking({ scheduler, random: systemRandom, mpesa }));
});
afterAll(async () => {
  await server.close();
  await database.close();
});

const keyed = (over: Record<string, string> = {}) => ({
  AFRICASTALKING_USERNAME: username,
  AFRICASTALKING_API_KEY: apiKey,
  AFRICASTALKING_API_ROOT: server.url,
  ...over,
});

async function finding(more: Record<string, string>): Promise<Finding | undefined> {
  const env = { ...environmentOf(database), ...more };
  const around = { env, clock: systemClock, random: systemRandom, fetch, readStdin: async () => '' };
  const ran = await runCli(['doctor', '--json'], around);
  expect(ran.stdout + ran.stderr).not.toContain('atsk_');
  const { checks } = JSON.parse(ran.stdout) as { checks: Finding[] };
  return checks.find((check) => check.name === 'sms');
}

it('says that the gateways alone send SMS', async () => {
  expect(await finding({})).toMatchObject({ state: 'ok', detail: expect.stringContaining('not configured') });
});

it('says what is left, and that it is little', async () => {
  expect(await finding(keyed())).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('KES 1785.50 left'),
  });
  server.control.setBalance(4999);
  expect(await finding(keyed())).toMatchObject({ state: 'hint', todo: expect.stringContaining('top up') });
});

it('tells a refused key from no answer', async () => {
  expect(await finding(keyed({ AFRICASTALKING_API_KEY: 'atsk_other' }))).toMatchObject({
    state: 'wrong',
    todo: expect.stringContaining('AFRICASTALKING_API_KEY'),
  });
  expect(await finding(keyed({ AFRICASTALKING_API_ROOT: await closedPort() }))).toMatchObject({
    state: 'wrong',
    detail: expect.stringContaining('does not answer'),
  });
});
