/** Tells the operator once that Africa's Talking sends nothing for us, and once that it does again. */
import type { Logger } from '../../ops/log.ts';
import type { Refusal } from './codes.ts';

/** null: it is about one message, and nothing that an operator could do. */
const remedies = {
  credentials_refused:
    'compare AFRICASTALKING_USERNAME and AFRICASTALKING_API_KEY with the app in its dashboard',
  no_balance: 'top up the app in its dashboard',
  not_configured: 'AFRICASTALKING_FROM is no sender id or short code of the app',
  phone_refused: null,
  text_refused: null,
  provider_refused: null,
} as const satisfies Record<Refusal, string | null>;

export interface SmsAlert {
  refused(reason: Refusal, detail: string): void;
  works(): void;
}

export function createSmsAlert(log: Logger): SmsAlert {
  const told = new Set<Refusal>();
  return {
    refused(reason, detail) {
      const remedy = remedies[reason];
      if (remedy === null || told.has(reason)) return;
      told.add(reason);
      log.error({ detail }, `Africa's Talking sends nothing for us: ${remedy}`);
    },
    works() {
      if (told.size === 0) return;
      told.clear();
      log.info("Africa's Talking sends again");
    },
  };
}
