/** Everything outside the program: the chat platform, the phones, the gateway; new, or as the last playground left it. */
import type { Random } from '../domain/random.ts';
import { type Bluepay, createBluepay } from './bluepay/index.ts';
import type { Account } from './bluepay/store.ts';
import { businessName, people, phones } from './cast.ts';
import type { ChannelId } from './chat-names.ts';
import type { Saved } from './desk-file.ts';
import { bluepayAtDesk, type GatewayAtDesk, parkedAtDesk } from './gateway-at-desk.ts';
import { type MoreGateways, openMoreGateways } from './more-gateways.ts';
import { createMpesa, type Mpesa } from './mpesa.ts';
import { createOutage, type Outage } from './outage.ts';
import type { Scheduler } from './scheduler.ts';
import { createTelegramServer, type TelegramServer } from './telegram/server.ts';
import { createTroubles, type Troubles } from './troubles.ts';
import { openWhatsapp, type WhatsappAtDesk } from './whatsapp-at-desk.ts';

export interface World {
  readonly telegram: TelegramServer;
  readonly telegramToken: string;
  readonly whatsapp: WhatsappAtDesk;
  readonly mpesa: Mpesa;
  readonly bluepay: Bluepay;
  readonly account: Account;
  readonly moreGateways: MoreGateways;
  readonly troubles: Troubles;
  readonly outages: Readonly<Record<ChannelId, Outage>>;
  /** Those that listen, BluePay first. */
  gateways(): readonly GatewayAtDesk[];
  onChange(listener: (where: Where) => void): void;
  snapshot(): Pick<
    Saved,
    'telegramToken' | 'bluepayPort' | 'telegram' | 'whatsapp' | 'mpesa' | 'bluepay' | 'park' | 'troubles'
  >;
  close(): Promise<void>;
}

/** Where something changed; wire: between WhatsApp and the program, where no chat shows it. */
export type Where = 'chat' | 'phone' | 'gateway' | 'troubles' | 'wire';

export type WorldOpening =
  | { readonly kind: 'world'; readonly world: World }
  | { readonly kind: 'port_taken'; readonly port: number };

export interface WorldDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Where platforms and gateways reach the program. */
  readonly publicUrl: string;
}

/** Below the ports that systems give to outgoing connections, so that nothing takes ours between two starts. */
const firstPort = 20_000;
const portCount = 10_000;
const portTries = 20;

export async function openWorld(deps: WorldDeps, saved: Saved | null): Promise<WorldOpening> {
  const telegramToken = saved?.telegramToken ?? newToken(deps.random);
  const telegram = createTelegramServer({ ...deps, token: telegramToken, botUsername: 'malipo_bot' });
  const mpesa = createMpesa(deps);
  const opening = await openGateways(deps, mpesa, saved);
  if (opening.kind === 'port_taken') return opening;
  const { bluepay, port, moreGateways } = opening;
  if (saved === null) populate(telegram, mpesa);
  else telegram.control.restore(saved.clean ? saved.telegram : skipped(saved.telegram));
  const account = bluepay.control.accounts()[0] ?? addMerchant(bluepay);
  await telegram.listen();
  const whatsapp = await openWhatsapp(deps, saved?.whatsapp);
  const atBluepay = bluepayAtDesk(bluepay.control);
  const gateways = (): readonly GatewayAtDesk[] => [atBluepay, ...moreGateways.listening().map(parkedAtDesk)];
  const onGatewayChange = (listener: () => void): (() => void) => {
    const leave = [bluepay.control.onChange(listener), moreGateways.onChange(listener)];
    return () => {
      for (const each of leave) each();
    };
  };
  const troubles = createTroubles({ ...deps, mpesa, gateways, onGatewayChange });
  if (saved !== null) troubles.restore(saved.troubles);
  const listeners = new Set<(where: Where) => void>();
  const changed = (where: Where): void => {
    for (const listener of listeners) listener(where);
  };
  const outageOf = (platform: { setDown(down: boolean): void }): Outage =>
    createOutage(platform, deps.scheduler, () => changed('troubles'));
  const outages = { telegram: outageOf(telegram.control), whatsapp: outageOf(whatsapp.server.control) };
  // A call alone, such as the next long poll, shows nowhere.
  telegram.control.onChange(({ kind }) => kind !== 'call' && changed('chat'));
  whatsapp.server.control.onChange(({ kind }) => changed(kind === 'message' ? 'chat' : 'wire'));
  mpesa.onChange(() => changed('phone'));
  onGatewayChange(() => changed('gateway'));
  troubles.onChange(() => changed('troubles'));
  const world: World = {
    telegram,
    telegramToken,
    whatsapp,
    mpesa,
    bluepay,
    account,
    moreGateways,
    troubles,
    outages,
    gateways,
    onChange: (listener) => void listeners.add(listener),
    snapshot: () => ({
      telegramToken,
      bluepayPort: port,
      telegram: telegram.control.snapshot(),
      whatsapp: whatsapp.snapshot(),
      mpesa: mpesa.snapshot(),
      bluepay: bluepay.control.snapshot(),
      park: moreGateways.snapshot(),
      troubles: troubles.snapshot(),
    }),
    close: async () => {
      troubles.close();
      for (const outage of Object.values(outages)) outage.close();
      await Promise.all([telegram.close(), whatsapp.server.close(), bluepay.close(), moreGateways.close()]);
    },
  };
  return { kind: 'world', world };
}

interface OpenBluepay {
  readonly kind: 'open';
  readonly bluepay: Bluepay;
  readonly port: number;
}
type PortTaken = Extract<WorldOpening, { kind: 'port_taken' }>;
type GatewaysOpening = (OpenBluepay & { readonly moreGateways: MoreGateways }) | PortTaken;

async function openGateways(deps: WorldDeps, mpesa: Mpesa, saved: Saved | null): Promise<GatewaysOpening> {
  const opening = await openBluepay(deps, mpesa, saved);
  if (opening.kind === 'port_taken') return opening;
  try {
    const moreGateways = await openMoreGateways({ ...deps, mpesa, pickPort }, saved?.park);
    return { ...opening, moreGateways };
  } catch (cause) {
    await opening.bluepay.close();
    if (isTaken(cause)) return { kind: 'port_taken', port: cause.port };
    throw cause;
  }
}

function pickPort(random: Random): number {
  return firstPort + (random.bytes(4).readUInt32BE() % portCount);
}

/** The program knows the gateway by its address, so that an old desk has its port back or does not open. */
async function openBluepay(
  deps: WorldDeps,
  mpesa: Mpesa,
  saved: Saved | null,
): Promise<OpenBluepay | PortTaken> {
  const tries = saved === null ? portTries : 1;
  for (let left = tries; ; left--) {
    const port = saved?.bluepayPort ?? pickPort(deps.random);
    const bluepay = createBluepay({ ...deps, mpesa, port });
    if (saved !== null) {
      mpesa.restore(saved.mpesa);
      bluepay.control.restore(saved.clean ? saved.bluepay : withCountersSkipped(saved));
    }
    try {
      await bluepay.listen();
      return { kind: 'open', bluepay, port };
    } catch (cause) {
      if (!isTaken(cause)) throw cause;
      if (left <= 1) return { kind: 'port_taken', port };
    }
  }
}

function isTaken(cause: unknown): cause is Error & { readonly port: number } {
  return (
    cause instanceof Error && 'code' in cause && (cause.code === 'EADDRINUSE' || cause.code === 'EACCES')
  );
}

function newToken(random: Random): string {
  return `110201543:${random.bytes(26).toString('base64url')}`;
}

function populate(telegram: TelegramServer, mpesa: Mpesa): void {
  for (const { telegramId: id, name: firstName, language: languageCode, phone } of people)
    telegram.control.addUser({ id, firstName, languageCode, phone, started: true });
  for (const { msisdn, pin, balanceCents } of phones) mpesa.addSubscriber({ msisdn, pin, balanceCents });
}

/** Tokens and a float that a day of playing does not use up. */
export const filled = { serviceTokenKes: 1_000_000, b2cWalletKes: 1_000_000 } as const;

function addMerchant(bluepay: Bluepay): Account {
  return bluepay.control.addAccount({ merchantName: businessName, ...filled });
}

/**
 * After a kill the file may be a moment older than the program's database, which knows numbers that were given out
 * meanwhile: those are never given out again.
 */
const skip = 1000;

function skipped(telegram: Saved['telegram']): Saved['telegram'] {
  const { nextMessageId, nextUpdateId } = telegram;
  return {
    ...telegram,
    nextMessageId: Number(nextMessageId) + skip,
    nextUpdateId: Number(nextUpdateId) + skip,
  };
}

function withCountersSkipped({ bluepay }: Saved): Saved['bluepay'] {
  const { store } = bluepay;
  const { counters } = store;
  const { stk, payment, sms } = counters;
  return {
    ...bluepay,
    store: { ...store, counters: { ...counters, stk: stk + skip, payment: payment + skip, sms: sms + skip } },
  };
}
