/** The chats that somebody connected. */
import type { Platform, PlatformDeps } from './app-platform.ts';
import { createTelegramPlatform, type TelegramDeps } from './app-telegram.ts';
import { createWhatsappPlatform, type WhatsappDeps } from './app-whatsapp.ts';
import type { Config } from './config.ts';

type PlatformsDeps = Pick<Config, 'telegram' | 'whatsapp'> &
  Omit<TelegramDeps & WhatsappDeps, 'config' | keyof PlatformDeps>;

export function platformsOf(deps: PlatformsDeps): ((waking: PlatformDeps) => Platform)[] {
  const { telegram, whatsapp } = deps;
  const platforms: ((waking: PlatformDeps) => Platform)[] = [];
  if (telegram !== null)
    platforms.push((waking) => createTelegramPlatform({ ...deps, ...waking, config: telegram }));
  if (whatsapp !== null)
    platforms.push((waking) => createWhatsappPlatform({ ...deps, ...waking, config: whatsapp }));
  return platforms;
}
