/** What a simulated BOSMI keeps beside its pushes: accounts, and how it answers where its document leaves that open. */

export interface BosmiAccount {
  readonly username: string;
  readonly email: string;
  readonly apiKey: string;
  readonly merchantName: string;
  readonly isActive: boolean;
  /** Addresses that may call; null: not whitelisted, all may ("Whitelist your IPs if necessary"). */
  readonly whitelist: readonly string[] | null;
}

export interface BosmiManners {
  /** How a query tells of a paid push: as JSON, as its page prints it, or as its PHP sample prints what it decoded. */
  readonly paidForm: 'json' | 'php' | 'print_r';
  /** The HTTP status of an error is not told. */
  readonly errorStatus: number;
  /** PHP's own default for an `echo json_encode(…)` is text/html. */
  readonly jsonType: string;
  /** Only 07… is printed. */
  readonly takes01: boolean;
}

export interface BosmiState {
  accounts: BosmiAccount[];
  manners: BosmiManners;
  accountCount: number;
}

export function createState(): BosmiState {
  return {
    accounts: [],
    manners: { paidForm: 'json', errorStatus: 200, jsonType: 'application/json', takes01: false },
    accountCount: 0,
  };
}

export function accountOf(state: BosmiState, username: string): BosmiAccount {
  const account = state.accounts.find((one) => one.username === username);
  if (account === undefined) throw new Error(`no simulated BOSMI account ${username}`);
  return account;
}
