/** Why the data store cannot be used at start. The message is a whole sentence for the operator. */
export type DatabaseFaultCode =
  | 'no_binaries'
  | 'cannot_start'
  | 'not_a_cluster'
  | 'held'
  | 'too_old'
  | 'migration'
  | 'other_key';

export class DatabaseFault extends Error {
  readonly code: DatabaseFaultCode;
  /** True where the same start may work later without anyone changing anything. */
  readonly retryable: boolean;

  constructor(code: DatabaseFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseFault';
    this.code = code;
    this.retryable = retryableByCode[code];
  }
}

const retryableByCode = {
  no_binaries: false,
  cannot_start: true,
  not_a_cluster: false,
  held: true,
  too_old: false,
  migration: false,
  other_key: false,
} satisfies Record<DatabaseFaultCode, boolean>;
