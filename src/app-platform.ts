/** What a chat platform is to the program: where messages go out, where they come in, and when it is known who we are. */
import type { UserFromGetMe } from './bot/context.ts';
import type { ReadUpdate } from './bot/updates.ts';
import type { ChannelSender, FetchedFile } from './channels/channel.ts';
import type { ChatChannel, Tx } from './db/tables.ts';
import type { InboxHandler, InboxRow } from './inbox/claim.ts';
import type { Routes } from './ops/server.ts';

export interface TurnStart {
  readonly botInfo: UserFromGetMe;
  readonly read: (tx: Tx, row: InboxRow) => Promise<ReadUpdate | null>;
  /** For what comes to the same inbox and is no turn. */
  readonly around?: (turns: InboxHandler) => InboxHandler;
}

export interface Platform {
  readonly channel: ChatChannel;
  readonly sender: ChannelSender;
  /** null: nothing is received over HTTP. */
  readonly routes: Routes | null;
  fetchFile(id: string, mostBytes: number): Promise<FetchedFile>;
  /** The bot's name or number, by which people find it; null until the platform has told it. */
  name(): string | null;
  /** Receives until the signal; calls `begin` once turns can be handled, and ends when all is set up. */
  start(signal: AbortSignal, begin: (start: TurnStart) => void): Promise<void>;
  stop(): Promise<void>;
}

export interface PlatformDeps {
  /** Something new is in the inbox. */
  readonly onStored: () => void;
}
