/** Where the real program lies, and the environment that an operator would give it. Nothing of our own goes in. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WhatsappKeys } from './whatsapp-at-desk.ts';

export const programFile = fileURLToPath(new URL('../main.ts', import.meta.url));
export const commandFile = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
export const leashUrl = new URL('./leash.ts', import.meta.url).href;

/** What a process needs of its system; every credential and address of ours stays outside. */
const systemNames = [
  'PATH',
  'HOME',
  'TZ',
  'TMPDIR',
  'USER',
  // Windows.
  'SystemRoot',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
];

export interface Place {
  /** Absolute: DATA_DIR of the program. */
  readonly directory: string;
  readonly host: string;
  readonly publicUrl: string;
  readonly logLevel: string;
  readonly telegramToken: string;
  readonly telegramUrl: string;
  /** null: Telegram alone. */
  readonly whatsapp: (WhatsappKeys & { readonly phoneNumberId: string; readonly url: string }) | null;
}

export type Environment = Readonly<Record<string, string>>;

export function environmentOf(
  place: Place,
  port: number,
  own: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  const system = systemNames.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return {
    ...Object.fromEntries(system),
    PORT: String(port),
    HOST: place.host,
    PUBLIC_URL: place.publicUrl,
    DATA_DIR: place.directory,
    TELEGRAM_BOT_TOKEN: place.telegramToken,
    TELEGRAM_API_ROOT: place.telegramUrl,
    ...whatsappOf(place),
    LOG_LEVEL: place.logLevel,
    // Node's own: its second start and every command compile nothing any more.
    NODE_COMPILE_CACHE: own.NODE_COMPILE_CACHE ?? path.join(place.directory, 'cache'),
  };
}

function whatsappOf({ whatsapp }: Place): Environment {
  if (whatsapp === null) return {};
  return {
    WHATSAPP_PHONE_NUMBER_ID: whatsapp.phoneNumberId,
    WHATSAPP_ACCESS_TOKEN: whatsapp.accessToken,
    WHATSAPP_APP_SECRET: whatsapp.appSecret,
    WHATSAPP_VERIFY_TOKEN: whatsapp.verifyToken,
    WHATSAPP_API_ROOT: whatsapp.url,
  };
}
