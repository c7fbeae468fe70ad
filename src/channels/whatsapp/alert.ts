/** Tells the operator once that WhatsApp takes nothing from us, and once that it does again. */
import type { Logger } from '../../ops/log.ts';
import { type Meaning, remedies } from './codes.ts';

export interface Alert {
  refused(meaning: Meaning, detail: string): void;
  works(): void;
}

export function createAlert(log: Logger): Alert {
  const told = new Set<Meaning>();
  return {
    refused(meaning, detail) {
      const remedy = remedies[meaning];
      if (remedy === null || told.has(meaning)) return;
      told.add(meaning);
      log.error({ detail }, `WhatsApp takes nothing from us: ${remedy}`);
    },
    works() {
      if (told.size === 0) return;
      told.clear();
      log.info('WhatsApp works again');
    },
  };
}
