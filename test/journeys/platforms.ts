/** The emulated chat platforms of a world: one of them, or both. */
import type { Config } from '../../src/config.ts';
import type { ChatChannel } from '../../src/db/tables.ts';
import type { Random } from '../../src/domain/random.ts';
import { knowIdentity } from '../../src/payments/identities.ts';
import type { ManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTelegramServer } from '../../src/sandbox/telegram/server.ts';
import { createWhatsappServer } from '../../src/sandbox/whatsapp/server.ts';
import type { TestDatabase } from '../support/database.ts';
import {
  type Chat,
  type TelegramServer,
  telegramChat,
  type WhatsappOptions,
  type WhatsappServer,
  whatsappChat,
} from './chats.ts';
import { botToken, whatsappKeys } from './shop.ts';
import { createSide, type Side } from './side.ts';
import { poll } from './watch.ts';

export interface Platforms {
  readonly telegram: TelegramServer;
  readonly whatsapp: WhatsappServer;
  readonly chats: readonly Chat[];
  readonly secrets: readonly string[];
  side(channel: ChatChannel): Side;
  /** Whoever was added is known to the program as they would be. */
  known(): Promise<void>;
  config(): Pick<Config, 'telegram' | 'whatsapp'>;
  /** What was sent to nobody has been given up for the moment, so that it comes in its order later. */
  starting(): Promise<void>;
  /** The program listens: what came meanwhile is sent to it. */
  started(publicUrl: string): Promise<void>;
  close(): Promise<void>;
}

export interface PlatformsDeps {
  readonly scheduler: ManualScheduler;
  readonly random: Random;
  readonly database: TestDatabase;
  readonly wanted: ChatChannel | 'both';
}

export async function openPlatforms(deps: PlatformsDeps): Promise<Platforms> {
  const { scheduler, random, wanted } = deps;
  const telegram = createTelegramServer({ scheduler, random, token: botToken });
  const whatsapp = createWhatsappServer({ scheduler, random, ...whatsappKeys });
  const { wroteBefore, known } = createMemory(deps, whatsapp);
  const sides = {
    telegram: createSide(telegramChat(telegram), deps.database.db),
    whatsapp: createSide(whatsappChat(whatsapp, { wroteBefore }), deps.database.db),
  } as const;
  const isOn = (channel: ChatChannel): boolean => wanted === 'both' || wanted === channel;
  if (isOn('telegram')) await telegram.listen();
  if (isOn('whatsapp')) await whatsapp.listen();
  let subscribed = false;
  return {
    ...{ telegram, whatsapp, known },
    chats: (['telegram', 'whatsapp'] as const).filter(isOn).map((channel) => sides[channel].chat),
    secrets: [botToken, whatsappKeys.accessToken, whatsappKeys.appSecret, whatsappKeys.verifyToken],
    side: (channel) => {
      if (!isOn(channel)) throw new Error(`this world has no ${channel}`);
      return sides[channel];
    },
    config: () => ({
      telegram: isOn('telegram') ? { token: botToken, apiRoot: telegram.url, webhookSecret: null } : null,
      whatsapp: isOn('whatsapp') ? { ...whatsappKeys, apiRoot: whatsapp.url } : null,
    }),
    starting: async () => {
      if (isOn('whatsapp'))
        await poll('WhatsApp does not rest', () => whatsapp.control.pendingUpdates() === 0);
    },
    started: async (publicUrl) => {
      if (!isOn('whatsapp')) return;
      if (subscribed) return whatsapp.control.redeliver();
      const { verified } = await whatsapp.control.subscribe(`${publicUrl}/whatsapp`);
      if (!verified) throw new Error('the webhook of WhatsApp was not verified');
      subscribed = true;
    },
    close: async () => {
      if (isOn('telegram')) await telegram.close();
      if (isOn('whatsapp')) await whatsapp.close();
    },
  };
}

/** Who wrote before the story begins is known with the time of it, and with the language that they chose then. */
function createMemory(deps: PlatformsDeps, whatsapp: WhatsappServer) {
  const { database, scheduler: clock, random } = deps;
  const { db, vault } = database;
  let under = Promise.resolve();
  let waiting = 0;
  const wroteBefore: WhatsappOptions['wroteBefore'] = (externalId, { languageCode }) => {
    waiting++;
    whatsapp.control.hold('message');
    under = under.then(async () => {
      await db.transaction().execute(async (tx) => {
        const who = { channel: 'whatsapp', externalId, scopedId: null, name: null } as const;
        const { id } = await knowIdentity(tx, { vault, clock, random }, who);
        if (languageCode === 'sw')
          await tx.updateTable('identity').set({ locale: 'sw' }).where('id', '=', id).execute();
      });
      waiting--;
      if (waiting === 0) whatsapp.control.release();
    });
  };
  return { wroteBefore, known: () => under };
}
