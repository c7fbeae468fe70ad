import { unsignedStkCallback } from '../stk-callback.ts';

/** Daraja's callback, unsigned, to the one URL of the key: a hint, which the transaction's own answer confirms. */
export const callback = unsignedStkCallback('lookup');
