/**
 * What a channel is to the outbox: it sends one message and says what became of it. Messages are in the form of the
 * Bot API, whatever the channel; a channel that is not Telegram translates.
 */
export interface ChannelMessage {
  /** The chat, as `channel:id`; a channel whose payloads name no address finds it by this. */
  readonly lane: string;
  /** The outbox row, where the message is one. */
  readonly rowId?: string;
  /** The Bot API method: sendMessage, editMessageText, answerCallbackQuery, … */
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The platform's id of our earlier message that this one edits or deletes. */
  readonly targetExternalId: string | null;
}

/** What a channel that costs money tells beside the outcome. */
export interface Told {
  readonly reason?: string;
  /** In the gateway's own word. */
  readonly status?: string;
  readonly messageId?: string | null;
  readonly parts?: number | null;
  readonly costCents?: bigint | null;
  readonly balanceCents?: bigint | null;
  /** The account that was to carry it did not, and the program did: why not, and what the account said of its balance. */
  readonly passed?: { readonly reason: string; readonly balanceCents: bigint | null };
}

/**
 * A file in a payload, as the value of `document` or `photo`, where the Bot API takes an InputFile. base64, since a payload
 * is kept as JSON until it is sent.
 */
export interface AttachedFile {
  readonly file: { readonly name: string; readonly mimeType: string; readonly base64: string };
}

/** A file that somebody sent, fetched from the platform. `detail` holds no token. */
export type FetchedFile =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'too_big' }
  /** The platform has it no more, or never had it. */
  | { readonly kind: 'gone'; readonly detail: string }
  | { readonly kind: 'later'; readonly detail: string; readonly afterSeconds: number | null };

export type SendOutcome =
  /** `externalId`: the platform's id of the message, where there is one; `earlierIds`: of parts that went ahead of it. */
  | {
      readonly kind: 'sent';
      readonly externalId: string | null;
      readonly earlierIds?: readonly string[];
      readonly told?: Told;
    }
  /**
   * Later. `afterSeconds`: the platform said when, for this message alone, this lane or the whole channel; null: by our
   * own back-off.
   */
  | {
      readonly kind: 'retry';
      readonly afterSeconds: number | null;
      readonly scope: 'message' | 'lane' | 'channel';
      readonly detail: string;
    }
  /** It will never work, and nobody misses it: a query that is too old, a text that is already there. */
  | { readonly kind: 'drop'; readonly detail: string; readonly told?: Told }
  /**
   * Not now: the platform takes it only after the person has written again, and that is when it goes out. `rung`: a template
   * told them meanwhile that something is here.
   */
  | {
      readonly kind: 'held';
      readonly detail: string;
      readonly rung: boolean;
      /** Of the template. */
      readonly externalId?: string | null;
    }
  /** The person does not want or cannot get messages from us. */
  | { readonly kind: 'blocked'; readonly detail: string }
  /** The message to edit is not there any more; its text can be sent anew. */
  | { readonly kind: 'target_gone'; readonly detail: string }
  /** The channel may have it and must not get it twice (an SMS without idempotency key). */
  | { readonly kind: 'unknown'; readonly detail: string; readonly told?: Told }
  /** Refused for a reason that we do not know: a fault of ours, for a person to look at. */
  | { readonly kind: 'dead'; readonly detail: string };

export interface ChannelSender {
  /** Answers within `sendTimeoutMs`, and does not throw. `detail` holds no secret and no whole phone. */
  send(message: ChannelMessage): Promise<SendOutcome>;
}

/** The outbox's lease outlasts two of these: an edit whose message is gone is sent anew in the same lease. */
export const sendTimeoutMs = 15_000;
