import type { CallbackAbility } from '../gateway.ts';
import { readStkCallback, stkCallbackAnswer } from '../stk-callback.ts';

/** Unsigned, to the URL that each prompt names: a hint where the account can ask, a capability where it cannot. */
export function createCallback(canAsk: boolean): CallbackAbility {
  return {
    trust: canAsk ? 'lookup' : 'capability',
    authenticate: () => 'genuine',
    idempotencyKey: () => null,
    read: readStkCallback,
    answer: stkCallbackAnswer,
  };
}
