/** The tables as Kysely sees them; the truth is in `migrations/`. bigint columns are JavaScript bigint. */
import type { Generated, Kysely, Transaction } from 'kysely';
import type {
  AccountId,
  AttemptId,
  BusinessId,
  CardId,
  IdentityId,
  LinkId,
  MemberId,
  PaymentId,
  PayoutId,
  SmsId,
} from '../domain/ids.ts';
import type { AttemptState, Effect, Flag, PaymentState, Reason, Trust } from '../domain/payment.ts';
import type { Role } from '../domain/roles.ts';
import type { PayoutDB } from './tables-payouts.ts';

export type Locale = 'en' | 'sw';
export type ChatChannel = 'telegram' | 'whatsapp';

export interface VaultKeyTable {
  key_id: Buffer;
  proof: Buffer;
}

/** Cents as text, since JSON has no bigint. */
export interface StoredLimits {
  readonly single: string;
  readonly day: string;
  readonly memberDay: string;
  readonly payeeDay: string;
  /** Above it the approver types the last four digits of the phone. */
  readonly digitsAbove: string;
  readonly aloneDay: string;
}

export interface BusinessTable {
  id: BusinessId;
  name: string;
  locale: Locale;
  customer_sms: boolean;
  /** Whom the merchant's SMS goes to; null: none is sent. */
  merchant_sms_phone_sealed: Buffer | null;
  /** null: the defaults of `domain/payout-limits.ts`. */
  payout_limits: StoredLimits | null;
  /** A business of one approves its own payouts, within a lower limit. */
  payout_alone: Generated<boolean>;
  /** Nothing is sent while it stands. */
  frozen_at: Date | null;
  frozen_by: IdentityId | null;
  /** The lane of the group that the owner named for approvals. */
  approvals_group: string | null;
  /** Which account a new request uses first; null: the oldest that takes prompts. */
  default_account_id: AccountId | null;
  created_at: Date;
}

export interface IdentityTable {
  id: IdentityId;
  channel: ChatChannel;
  /** Telegram's user id; on WhatsApp a keyed hash of the number, or the id of `scoped_id` where no number is known. */
  external_id: string;
  /** WhatsApp's own id of the person for this business account, which outlives a change of number. */
  scoped_id: Generated<string | null>;
  /** Where WhatsApp reaches the person: the number, sealed. null: by `scoped_id`, or on another channel. */
  address_sealed: Generated<Buffer | null>;
  /** The Kenyan mobile number that the chat was last seen to have on WhatsApp, for asking whether two chats are one phone. */
  phone_hmac: Generated<Buffer | null>;
  /** When the person last wrote: opens WhatsApp's 24 hours, and says which chat is used. */
  wrote_at: Generated<Date | null>;
  /** The same person's first chat, where this is the second one. Members and payments know the first. */
  person_id: Generated<IdentityId | null>;
  name: string | null;
  locale: Locale | null;
  current_business_id: BusinessId | null;
  created_at: Date;
}

export interface MemberTable {
  id: MemberId;
  business_id: BusinessId;
  identity_id: IdentityId;
  role: Role;
  created_at: Date;
  removed_at: Date | null;
  /** The audit entry of an operator's change that nobody in a chat was told of yet. */
  untold_entry: Generated<bigint | null>;
}

export interface GatewayAccountTable {
  id: AccountId;
  business_id: BusinessId;
  kind: string;
  name: string;
  /** What members see, such as "Paybill 123456". */
  label: string;
  config_sealed: Buffer;
  callback_hmac: Buffer;
  callback_sealed: Buffer;
  accepts_unsigned: boolean;
  state: 'active' | 'stopped';
  stopped_reason: string | null;
  /** The look-up budget: the next moment at which a look-up of this account may start. */
  next_lookup_slot: Date;
  created_at: Date;
  /** When the owner was told that the business can ask for money through it. */
  announced_at: Date | null;
  /** The gateway's prepaid balance for its own services, as it last told it. */
  service_balance_cents: bigint | null;
  service_balance_at: Date | null;
  /** When the owner was last told that it runs low; null again once it was filled. */
  low_balance_told_at: Date | null;
  /** Look-ups in a row that told nothing. */
  lookup_misses: Generated<number>;
  /** New prompts are held back until then: the gateway asked for it, or fails. */
  rest_until: Date | null;
  rest_reason: string | null;
  /** Where the gateway lands the money, as it told it at set-up or when a person last agreed to it. */
  setup_seen: string | null;
  /** Keyed, of the whole of it: what is shown masks phones, and two phones can look alike. */
  setup_hmac: Buffer | null;
  setup_seen_at: Date | null;
  /** The gateway's own limit of payouts: the next one may start then. */
  next_payout_at: Date | null;
  /** The balances that the gateway told last, as JSON. */
  balances_seen: string | null;
  balances_at: Date | null;
  /** When the program asked for them by itself, answered or not. */
  balances_asked_at: Date | null;
  /** Which balances in units the owner was told run low; one that was filled is none of them any more. */
  low_units_told: Generated<string[]>;
  /** When the gateway is asked again; null: at once. */
  setup_due_at: Date | null;
}

/** /balance: gateways are asked outside the turn, and the answer is a message of its own. */
export interface BalanceQuestionTable {
  id: string;
  business_id: BusinessId;
  identity_id: IdentityId;
  key: string;
  asked_at: Date;
  lease_until: Date | null;
}

export interface AccountTokenTable {
  id: string;
  account_id: AccountId;
  operation: 'confirmation' | 'validation';
  token_hmac: Buffer;
  token_sealed: Buffer;
  created_at: Date;
}

/** What an operator did at a gateway: written before the call, so that a crash after it leaves a trace. */
export interface AccountActionTable {
  id: string;
  account_id: AccountId;
  action: string;
  state: 'started' | 'done' | 'refused' | 'unknown';
  detail: string | null;
  secret_sealed: Buffer | null;
  started_at: Date;
  ended_at: Date | null;
}

/** Money that a customer sent by themselves, as an unsigned confirmation told it: it settles nothing alone. */
export interface UnclaimedTable {
  id: string;
  account_id: AccountId;
  receipt: string;
  amount_cents: bigint;
  bill_reference: string;
  phone_hmac: Buffer | null;
  phone_masked: string | null;
  payer_name: string | null;
  trust: Trust;
  inbox_id: bigint | null;
  seen_at: Date;
  payment_id: PaymentId | null;
  /** When a person compared it with the gateway's statement. */
  compared_at: Generated<Date | null>;
  compared_by: Generated<IdentityId | null>;
}

export interface PhoneLinkTable {
  identity_id: IdentityId;
  channel: ChatChannel;
  phone_sealed: Buffer;
  phone_hmac: Buffer;
  linked_at: Date;
}

export interface PaymentTable {
  id: PaymentId;
  ref: string;
  business_id: BusinessId;
  account_id: AccountId;
  requested_by: IdentityId;
  amount_cents: bigint;
  phone_sealed: Buffer;
  phone_hmac: Buffer;
  phone_masked: string;
  payer_name: string | null;
  note: string;
  state: PaymentState;
  reason: Reason | null;
  flag: Flag | null;
  /** The requester stopped it before it was sent. */
  stopped: boolean;
  paid_at: Date | null;
  /** The state that was told before a late success, for "Earlier we said". */
  told_before: string | null;
  /** The link that the customer paid by. */
  link_id: LinkId | null;
  created_at: Date;
  updated_at: Date;
}

/** The unguessable address of a receipt; there only once the payment is proved paid. */
export interface ReceiptPageTable {
  payment_id: PaymentId;
  code_hmac: Buffer;
  code_sealed: Buffer;
  created_at: Date;
}

export interface CustomerAnswerTable {
  payment_id: PaymentId;
  identity_id: IdentityId;
  answer: 'me' | 'not_me' | 'amount' | 'goods' | 'other';
  at: Date;
  /** When a member looked at what the customer said is wrong. */
  decided_at: Date | null;
}

/** The first time that a member checked a code of the payment: goods were given on it. */
export interface ReceiptCheckTable {
  payment_id: PaymentId;
  identity_id: IdentityId;
  at: Date;
}

export interface SmsTable {
  id: SmsId;
  business_id: BusinessId;
  /** null: the program's own SMS carries it, since no account does. */
  account_id: AccountId | null;
  /** Exactly one of the three is there. */
  payment_id: PaymentId | null;
  payout_id: PayoutId | null;
  /** What a member is told, once. */
  cause: Generated<string | null>;
  kind: 'customer' | 'merchant' | 'payee' | 'member';
  /** The gateway's idempotency key. */
  reference: string;
  phone_masked: string;
  /** accepted: its gateway has sent it on. BluePay and SmartPay report no delivery, so that none is `delivered` there. */
  state: 'waiting' | 'accepted' | 'delivered' | 'refused' | 'unknown';
  reason: string | null;
  /** What the gateway answered last, such as its own status of the message. */
  detail: string | null;
  message_id: string | null;
  parts: number | null;
  cost_cents: bigint | null;
  created_at: Date;
  /** A call that may have sent it is under way, or its answer was lost: only where its gateway takes no key. */
  called_at: Date | null;
  ended_at: Date | null;
}

export interface PayLinkTable {
  id: LinkId;
  business_id: BusinessId;
  created_by: IdentityId;
  code_hmac: Buffer;
  code_sealed: Buffer;
  /** null: the customer says how much. */
  amount_cents: bigint | null;
  note: string;
  once: boolean;
  expires_at: Date;
  closed_at: Date | null;
  created_at: Date;
}

export interface LinkUseTable {
  id: Generated<bigint>;
  link_id: LinkId;
  payment_id: PaymentId;
  phone_hmac: Buffer;
  /** The network address that asked; null from a chat, and where a proxy names none. */
  address_hmac: Buffer | null;
  /** From a chat, with a phone that the platform says is the person's own. */
  vouched: boolean;
  at: Date;
}

export interface AttemptTable {
  id: AttemptId;
  payment_id: PaymentId;
  account_id: AccountId;
  number: number;
  reference: string;
  amount_cents: bigint;
  phone_sealed: Buffer;
  phone_hmac: Buffer;
  callback_hmac: Buffer;
  callback_sealed: Buffer;
  state: AttemptState;
  reason: Reason | null;
  raw_code: string | null;
  detail: string | null;
  correlation_id: string | null;
  request_id: string | null;
  receipt: string | null;
  receipt_final: boolean | null;
  /** Who named the receipt: a number that a person typed gives way to the gateway's own. */
  receipt_trust: Trust | null;
  /** What came in, where it was credited; it differs from the amount only where a person accepted that. */
  paid_cents: bigint | null;
  queued_at: Date;
  sent_at: Date | null;
  prompted_at: Date | null;
  live_until: Date | null;
  lease_token: string | null;
  lease_until: Date | null;
  checks: number;
  next_check_at: Date | null;
  /** The gateway takes no prompt for this phone until then. */
  wait_until: Date | null;
  ended_at: Date | null;
}

export interface EvidenceTable {
  id: Generated<bigint>;
  account_id: AccountId;
  attempt_id: AttemptId | null;
  /** The attempt whose own callback URL, or look-up, brought it. */
  attempt_hint: AttemptId | null;
  source: 'callback' | 'lookup' | 'answer' | 'person';
  trust: Trust;
  verdict: 'paid' | 'failed' | 'pending' | 'reversed';
  reference: string | null;
  correlation_id: string | null;
  request_id: string | null;
  amount_cents: bigint | null;
  receipt: string | null;
  receipt_final: boolean | null;
  phone_hmac: Buffer | null;
  reason: string | null;
  raw_code: string;
  effect: Effect | 'unmatched';
  inbox_id: bigint | null;
  by_identity: IdentityId | null;
  digest: Buffer;
  seen_at: Date;
  /** When a person or a proof settled the doubt that it raised: the same fact told again raises none. */
  decided_at: Date | null;
}

export interface LedgerTable {
  id: Generated<bigint>;
  business_id: BusinessId;
  account_id: AccountId;
  payment_id: PaymentId | null;
  attempt_id: AttemptId | null;
  direction: 'in' | 'out';
  amount_cents: bigint;
  receipt: string | null;
  trust: Trust;
  /** null: money out, whose evidence is a row of its own kind. */
  evidence_id: bigint | null;
  payout_id: PayoutId | null;
  payout_evidence_id: bigint | null;
  posted_at: Date;
}

export interface EventTable {
  id: Generated<bigint>;
  payment_id: PaymentId;
  attempt_id: AttemptId | null;
  kind: string;
  detail: Record<string, unknown>;
  at: Date;
}

export interface InboxTable {
  id: Generated<bigint>;
  source: 'telegram' | 'whatsapp' | 'gateway';
  key: string;
  lane: string | null;
  account_id: AccountId | null;
  attempt_id: AttemptId | null;
  payout_id: PayoutId | null;
  body_sealed: Buffer;
  state: 'pending' | 'done' | 'dead';
  tries: number;
  due_at: Date;
  error: string | null;
  received_at: Date;
  handled_at: Date | null;
}

export interface ChannelCursorTable {
  channel: string;
  value: bigint;
}

export interface ConversationTable {
  key: string;
  state_sealed: Buffer;
  updated_at: Date;
}

export interface CardTable {
  id: CardId;
  payment_id: PaymentId;
  identity_id: IdentityId;
  kind: 'request' | 'alert';
  lane: string;
  /** The outbox row that is the message; `edit…` rows name it as their target. */
  message_id: bigint;
  version: number;
  nonce: string;
  /** A digest of what the card says, so that it is edited only when that changes. */
  shown: string;
  created_at: Date;
  updated_at: Date;
}

export interface OutboxTable {
  /** Also the virtual message id that conversations see; starts at 2^40, so that it never meets a real one. */
  id: Generated<bigint>;
  key: string;
  channel: 'telegram' | 'whatsapp' | 'sms';
  lane: string;
  /** The Bot API method. */
  method: string;
  payload_sealed: Buffer;
  /** The outbox row whose message this one edits or deletes. */
  target_id: bigint | null;
  /** held: outside WhatsApp's 24 hours, until the person writes. */
  state: 'pending' | 'held' | 'sent' | 'dropped' | 'dead';
  tries: number;
  due_at: Date;
  lease_token: string | null;
  lease_until: Date | null;
  /** The platform's id of the message that was sent. */
  external_id: string | null;
  /** Of the parts that went ahead of it, where one message was too much for the platform. */
  earlier_ids: Generated<readonly string[] | null>;
  error: string | null;
  created_at: Date;
  sent_at: Date | null;
  /** What the platform told after it had taken the message. */
  delivered_at: Generated<Date | null>;
  read_at: Generated<Date | null>;
  failed_at: Generated<Date | null>;
}

/** A code that joins two chats of one person, as a keyed hash. */
export interface ChatCodeTable {
  code_hmac: Buffer;
  identity_id: IdentityId;
  expires_at: Date;
}

/** Which chats were ever one person's, also where they were parted since: they are no two people. Nothing leaves it. */
export interface ChatPairTable {
  person_id: IdentityId;
  chat_id: IdentityId;
  /** When they were joined for the first time. */
  joined_at: Date;
}

export interface ChannelPauseTable {
  /** A channel or one lane of it, after 429. */
  key: string;
  until: Date;
}

export interface DB extends PayoutDB {
  vault_key: VaultKeyTable;
  business: BusinessTable;
  identity: IdentityTable;
  member: MemberTable;
  gateway_account: GatewayAccountTable;
  balance_question: BalanceQuestionTable;
  account_token: AccountTokenTable;
  account_action: AccountActionTable;
  unclaimed: UnclaimedTable;
  phone_link: PhoneLinkTable;
  receipt_page: ReceiptPageTable;
  customer_answer: CustomerAnswerTable;
  receipt_check: ReceiptCheckTable;
  sms: SmsTable;
  pay_link: PayLinkTable;
  link_use: LinkUseTable;
  payment: PaymentTable;
  attempt: AttemptTable;
  evidence: EvidenceTable;
  ledger: LedgerTable;
  event: EventTable;
  inbox: InboxTable;
  channel_cursor: ChannelCursorTable;
  conversation: ConversationTable;
  card: CardTable;
  outbox: OutboxTable;
  channel_pause: ChannelPauseTable;
  chat_code: ChatCodeTable;
  chat_pair: ChatPairTable;
}

export type Database = Kysely<DB>;
export type Tx = Transaction<DB>;
