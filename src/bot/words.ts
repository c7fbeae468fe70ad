import { fileURLToPath } from 'node:url';
import { I18n } from '@grammyjs/i18n';
import type { Locale } from '../db/tables.ts';

/** Every sentence of the bot, by key, in English and Swahili. Values are text: numbers are formatted before. */
export interface Words {
  say(locale: Locale, key: string, values?: Readonly<Record<string, string>>): string;
}

export function createWords(): Words {
  const i18n = new I18n({
    defaultLocale: 'en',
    directory: fileURLToPath(new URL('./locales', import.meta.url)),
    fluentBundleOptions: { useIsolating: false },
  });
  return {
    say(locale, key, values = {}) {
      const text = i18n.translate(locale, key, values);
      // Fluent answers "{key}" for a key that it does not have: a bug of ours, which a person should never read.
      if (text === `{${key}}`) throw new Error(`There is no text "${key}" in ${locale}.`);
      return text.trim();
    },
  };
}

/** Names, notes and codes come from people: in an HTML message they are escaped, so that they stay text. */
export function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
