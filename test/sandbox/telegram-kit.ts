import { createManualScheduler, type ManualScheduler } from '../../src/sandbox/scheduler.ts';
import type { TelegramControl } from '../../src/sandbox/telegram/control.ts';
import type { Answer } from '../../src/sandbox/telegram/http.ts';
import { createTelegramServer, type TelegramServer } from '../../src/sandbox/telegram/server.ts';
import { createTestRandom } from '../support/clock.ts';

export const token = '7000000001:AAtest_token-of_the_sandbox';
export const amina = 1001;
export const brian = 1002;
export const stranger = 1003;

export interface Kit {
  readonly server: TelegramServer;
  readonly control: TelegramControl;
  readonly scheduler: ManualScheduler;
  call(method: string, params?: Record<string, unknown>): Promise<Answer>;
  /** The result of a call that must be accepted. */
  done<T = { message_id: number }>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** `error_code description` of a call that must be refused. */
  refusal(method: string, params?: Record<string, unknown>): Promise<string>;
}

/** A server with two people who started the bot and one who did not. */
export async function startKit(): Promise<Kit> {
  const scheduler = createManualScheduler();
  const server = createTelegramServer({ scheduler, random: createTestRandom(), token });
  await server.listen();
  const { control } = server;
  control.addUser({
    id: amina,
    firstName: 'Amina',
    languageCode: 'sw',
    phone: '+254712345678',
    started: true,
  });
  control.addUser({ id: brian, firstName: 'Brian', started: true });
  control.addUser({ id: stranger, firstName: 'Stranger' });

  async function call(method: string, params: Record<string, unknown> = {}): Promise<Answer> {
    const response = await fetch(`${server.url}/bot${token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    const answer = (await response.json()) as Answer;
    if (response.status !== (answer.ok ? 200 : answer.error_code))
      throw new Error(`HTTP ${response.status} beside ${JSON.stringify(answer)}`);
    return answer;
  }

  return {
    server,
    control,
    scheduler,
    call,
    done: async <T>(method: string, params?: Record<string, unknown>) => {
      const answer = await call(method, params);
      if (!answer.ok) throw new Error(`${method}: ${answer.description}`);
      return answer.result as T;
    },
    refusal: async (method, params) => {
      const answer = await call(method, params);
      if (answer.ok) throw new Error(`${method} was accepted: ${JSON.stringify(answer.result)}`);
      return `${answer.error_code} ${answer.description}`;
    },
  };
}

export const inline = (
  ...rows: Record<string, unknown>[][]
): { inline_keyboard: Record<string, unknown>[][] } => ({
  inline_keyboard: rows,
});
