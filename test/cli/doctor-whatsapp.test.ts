/** Protects the operator who connects a number: each thing that may be wrong at Meta's side is told apart. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { runCli } from '../../src/cli/run.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createWhatsappServer, type WhatsappServer } from '../../src/sandbox/whatsapp/server.ts';
import { accessToken, appSecret, numberId, verifyToken } from '../sandbox/whatsapp-kit.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { environmentOf } from './operator.ts';

let database: TestDatabase;
let whatsapp: WhatsappServer;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
  const scheduler = createManualScheduler();
  const made = {
    scheduler,
    random: systemRandom,
    phoneNumberId: numberId,
    accessToken,
    appSecret,
    verifyToken,
  };
  whatsapp = createWhatsappServer(made);
  await whatsapp.listen();
});
afterAll(async () => {
  await whatsapp.close();
  await database.close();
});

async function findings(over: Record<string, string> = {}): Promise<(name: string) => Finding | undefined> {
  const env = {
    ...environmentOf(database),
    WHATSAPP_PHONE_NUMBER_ID: numberId,
    WHATSAPP_ACCESS_TOKEN: accessToken,
    WHATSAPP_APP_SECRET: appSecret,
    WHATSAPP_VERIFY_TOKEN: verifyToken,
    WHATSAPP_API_ROOT: whatsapp.url,
    ...over,
  };
  const around = { env, clock: systemClock, random: systemRandom, fetch, readStdin: async () => '' };
  const ran = await runCli(['doctor', '--json'], around);
  expect(ran.stdout + ran.stderr).not.toContain(env.WHATSAPP_ACCESS_TOKEN);
  const { checks } = JSON.parse(ran.stdout) as { checks: Finding[] };
  return (name) => checks.find((check) => check.name === name);
}

it('names the number, and says that nothing has come yet', async () => {
  const of = await findings();
  expect(of('whatsapp')).toMatchObject({ state: 'ok', detail: expect.stringMatching(/^the number is \+/) });
  expect(of('whatsapp webhook')).toMatchObject({ state: 'hint', todo: expect.stringContaining('/whatsapp') });
  expect(of('whatsapp templates')).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('receipt_customer'),
  });
});

it('tells a refused token from a number that is not there', async () => {
  const token = await findings({ WHATSAPP_ACCESS_TOKEN: 'EAAother' });
  expect(token('whatsapp')).toMatchObject({ state: 'wrong', detail: 'the access token is refused' });
  const number = await findings({ WHATSAPP_PHONE_NUMBER_ID: '1' });
  expect(number('whatsapp')).toMatchObject({
    state: 'wrong',
    todo: expect.stringContaining('WHATSAPP_PHONE_NUMBER_ID'),
  });
});

it('wants an https address, where the API is Meta’s own', async () => {
  const of = await findings({
    WHATSAPP_API_ROOT: 'https://graph.example.invalid/v23.0',
    PUBLIC_URL: 'http://pay.example.com',
  });
  expect(of('whatsapp webhook')).toMatchObject({ state: 'wrong', todo: expect.stringContaining('https') });
});
