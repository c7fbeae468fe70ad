/** WhatsApp in the program. */
import type { Platform, PlatformDeps } from './app-platform.ts';
import { createWhatsappApi } from './channels/whatsapp/api.ts';
import { createWhatsappFiles } from './channels/whatsapp/files.ts';
import { createWhatsappSender } from './channels/whatsapp/send.ts';
import { withStatuses } from './channels/whatsapp/statuses.ts';
import type { Templates } from './channels/whatsapp/templates.ts';
import { createUpdateReader } from './channels/whatsapp/update.ts';
import { whatsappWebhook } from './channels/whatsapp/webhook.ts';
import type { WhatsappConfig } from './config.ts';
import type { Database } from './db/tables.ts';
import type { Vault } from './db/vault.ts';
import type { Clock } from './domain/clock.ts';
import type { Inbox } from './inbox/store.ts';
import type { Logger } from './ops/log.ts';
import { pause } from './ops/pause.ts';
import type { Aftermath } from './outbox/deliver.ts';
import { addressOfLane, closeWindow } from './payments/addresses.ts';
import { laneOfPerson } from './payments/identities.ts';

export interface WhatsappDeps extends PlatformDeps {
  readonly config: WhatsappConfig;
  readonly templates: Templates;
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly inbox: Inbox;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  /** What follows where a message did not arrive. */
  readonly aftermath: Aftermath;
}

const askTimeoutMs = 15_000;
const askAgainMs = 60_000;

export function createWhatsappPlatform(deps: WhatsappDeps): Platform {
  const { config, templates, db, vault, clock, inbox, fetch, log, onStored, aftermath } = deps;
  const { accessToken, phoneNumberId, apiRoot, appSecret, verifyToken } = config;
  const api = createWhatsappApi({ accessToken, phoneNumberId, apiRoot, fetch, log });
  const files = createWhatsappFiles({ api, apiRoot });
  const laneOf = (externalId: string): string => laneOfPerson(vault, { channel: 'whatsapp', externalId });
  const sender = createWhatsappSender({
    api,
    person: (lane) => addressOfLane(db, vault, lane),
    windowClosed: (lane, seen) => closeWindow(db, lane, seen),
    templates,
    clock,
    log,
  });
  let number: string | null = null;
  return {
    channel: 'whatsapp',
    sender,
    routes: whatsappWebhook({ appSecret, verifyToken, phoneNumberId, laneOf, inbox, log, onStored }),
    fetchFile: files.fetch,
    name: () => number,
    /** Meta calls us: nothing has to be asked before messages are handled. Its links want our number, though. */
    async start(signal, begin) {
      begin({
        botInfo,
        read: createUpdateReader({ laneOf }),
        around: (turns) => withStatuses({ clock, log, aftermath }, turns),
      });
      while (!signal.aborted && number === null) {
        const answer = await api.number({ timeoutMs: askTimeoutMs, signal });
        if (answer.kind === 'ok') number = answer.result.display_phone_number.replace(/\D/g, '');
        else await pause(askAgainMs, signal);
      }
      if (number !== null) log.info('WhatsApp answers for our number');
    },
    stop: async () => undefined,
  };
}

/** What grammY wants to know of a bot. It never leaves the process. */
const botInfo = {
  id: 1,
  is_bot: true,
  first_name: 'Malipo',
  username: 'malipo',
  can_join_groups: false,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
} as const;
