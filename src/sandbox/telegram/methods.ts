import type { Telegram, Upload } from './core.ts';
import type { Params } from './rules.ts';

/** One Bot API call, read. */
export interface Call {
  readonly params: Params;
  readonly files: ReadonlyMap<string, Upload>;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** Answers the `result` of the call, or throws a Refusal. */
export type Method = (telegram: Telegram, call: Call) => unknown;

/** By the documented name; the server takes names in any case. */
export type Methods = Readonly<Record<string, Method>>;
