/** A sender of ours before the emulated Cloud API, with one person by number and one by id, and all that was logged. */
import { pino } from 'pino';
import { createWhatsappApi, type WhatsappApi } from '../../../src/channels/whatsapp/api.ts';
import { createWhatsappSender, type WhatsappPerson } from '../../../src/channels/whatsapp/send.ts';
import { defaultTemplates, type Templates } from '../../../src/channels/whatsapp/templates.ts';
import { createManualScheduler } from '../../../src/sandbox/scheduler.ts';
import { createWhatsappServer } from '../../../src/sandbox/whatsapp/server.ts';
import { createTestRandom } from '../../support/clock.ts';

export const accessToken = 'EAAtest-token';
export const phoneNumberId = '106540352242922';
export const amina = '254712345678';
export const guest = 'KE.13491208655302741918';
export const lane = 'whatsapp:amina';
export const guestLane = 'whatsapp:guest';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export function memoryLog() {
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

export async function startCloud({ templates = defaultTemplates }: { templates?: Templates } = {}) {
  const scheduler = createManualScheduler();
  const server = createWhatsappServer({
    ...{ scheduler, random: createTestRandom(), phoneNumberId, accessToken },
    ...{ appSecret: 'app-secret', verifyToken: 'verify' },
  });
  await server.listen();
  const { control } = server;
  control.addPerson({ id: amina, firstName: 'Amina', started: true });
  control.addPerson({ id: guest, firstName: 'Guest', started: true });
  const { log, lines } = memoryLog();
  const api: WhatsappApi = createWhatsappApi({ accessToken, phoneNumberId, apiRoot: server.url, fetch, log });
  const people = new Map<string, WhatsappPerson>([
    [lane, { kind: 'phone', value: amina, wroteAt: scheduler.now(), locale: 'en' }],
    [guestLane, { kind: 'scoped', value: guest, wroteAt: scheduler.now(), locale: 'sw' }],
  ]);
  const closed: string[] = [];
  const sender = createWhatsappSender({
    ...{ api, templates, clock: scheduler, log },
    person: async (at) => people.get(at) ?? null,
    windowClosed: async (at) => void closed.push(at),
  });
  return {
    ...{ server, control, scheduler, api, lines, people, closed },
    close: () => server.close(),
    send: (method: string, payload: Record<string, unknown>, at = lane) =>
      sender.send({ lane: at, method, payload, targetExternalId: null }),
    /** What Amina, or somebody else, sees of ours: oldest first. */
    seen: (who = amina) => control.messages(who).filter(({ fromBot }) => fromBot),
    advanceHours: (hours: number) => scheduler.advance(hours * 3_600_000),
    bodies: () => control.calls('messages').map(({ params }) => params),
  };
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

export const inline = (...labels: string[]) => ({
  reply_markup: {
    inline_keyboard: labels.map((text, i) => [{ text, callback_data: `k:1:${i}` }]),
  },
});
