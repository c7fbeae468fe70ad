import { type Kysely, sql } from 'kysely';

/**
 * The path of a payment: who asks, what was asked, what was sent, what was learnt, what was said.
 * `sealed` columns are AES-256-GCM under MASTER_KEY; `*_hmac` columns are keyed, so that equality can be asked.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(schema).execute(db);
}

const schema = `
create table vault_key (
  key_id bytea primary key,
  proof bytea not null
);

create table business (
  id uuid primary key,
  name text not null check (char_length(name) between 1 and 40),
  locale text not null check (locale in ('en', 'sw')),
  customer_sms boolean not null,
  created_at timestamptz not null
);

create table identity (
  id uuid primary key,
  channel text not null check (channel in ('telegram', 'whatsapp')),
  external_id text not null,
  name text,
  locale text check (locale in ('en', 'sw')),
  current_business_id uuid references business,
  created_at timestamptz not null,
  unique (channel, external_id)
);

create table member (
  id uuid primary key,
  business_id uuid not null references business,
  identity_id uuid not null references identity,
  role text not null check (role in ('owner', 'manager', 'cashier', 'viewer')),
  created_at timestamptz not null,
  removed_at timestamptz,
  untold_entry bigint,
  unique (business_id, identity_id)
);
create index member_identity on member (identity_id);

create table gateway_account (
  id uuid primary key,
  business_id uuid not null references business,
  kind text not null,
  name text not null,
  label text not null,
  config_sealed bytea not null,
  callback_hmac bytea not null unique,
  callback_sealed bytea not null,
  accepts_unsigned boolean not null,
  state text not null check (state in ('active', 'stopped')),
  stopped_reason text,
  next_lookup_slot timestamptz not null,
  created_at timestamptz not null,
  unique (business_id, name)
);

create table payment (
  id uuid primary key,
  ref text not null unique,
  business_id uuid not null references business,
  account_id uuid not null references gateway_account,
  requested_by uuid not null references identity,
  amount_cents bigint not null check (amount_cents > 0),
  phone_sealed bytea not null,
  phone_hmac bytea not null,
  phone_masked text not null,
  payer_name text,
  note text not null,
  state text not null check (state in
    ('created','sending','prompted','paid','cancelled','failed','expired','unknown','review')),
  reason text,
  flag text,
  stopped boolean not null,
  paid_at timestamptz,
  told_before text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index payment_history on payment (business_id, created_at desc, id desc);
create index payment_review on payment (business_id, updated_at) where flag is not null;

create table attempt (
  id uuid primary key,
  payment_id uuid not null references payment,
  account_id uuid not null references gateway_account,
  number integer not null,
  reference text not null,
  amount_cents bigint not null check (amount_cents > 0),
  phone_sealed bytea not null,
  phone_hmac bytea not null,
  callback_hmac bytea not null unique,
  callback_sealed bytea not null,
  state text not null check (state in
    ('queued','sending','prompted','unknown','paid','failed','refused','not_sent')),
  reason text,
  raw_code text,
  detail text,
  correlation_id text,
  request_id text,
  receipt text,
  receipt_final boolean,
  receipt_trust text,
  paid_cents bigint,
  queued_at timestamptz not null,
  sent_at timestamptz,
  prompted_at timestamptz,
  live_until timestamptz,
  lease_token uuid,
  lease_until timestamptz,
  checks integer not null,
  next_check_at timestamptz,
  ended_at timestamptz,
  unique (payment_id, number),
  unique (account_id, reference)
);
create index attempt_queue on attempt (queued_at) where state in ('queued', 'sending');
create index attempt_live on attempt (live_until) where state = 'prompted';
create index attempt_due on attempt (next_check_at) where next_check_at is not null;
create index attempt_correlation on attempt (account_id, correlation_id);
create index attempt_request on attempt (account_id, request_id);
create index attempt_phone on attempt (phone_hmac, queued_at desc);

create table evidence (
  id bigint generated always as identity primary key,
  account_id uuid not null references gateway_account,
  attempt_id uuid references attempt,
  source text not null check (source in ('callback', 'lookup', 'answer', 'person')),
  trust text not null check (trust in ('signed', 'lookup', 'accepted_unsigned', 'hint', 'person')),
  verdict text not null check (verdict in ('paid', 'failed', 'pending', 'reversed')),
  reference text,
  correlation_id text,
  request_id text,
  amount_cents bigint,
  receipt text,
  receipt_final boolean,
  phone_hmac bytea,
  reason text,
  raw_code text not null,
  effect text not null,
  inbox_id bigint,
  by_identity uuid references identity,
  digest bytea not null,
  seen_at timestamptz not null,
  decided_at timestamptz,
  unique (account_id, digest)
);
create index evidence_attempt on evidence (attempt_id);
create index evidence_unmatched on evidence (account_id, correlation_id) where attempt_id is null;

create table ledger (
  id bigint generated always as identity primary key,
  business_id uuid not null references business,
  account_id uuid not null references gateway_account,
  payment_id uuid references payment,
  attempt_id uuid references attempt,
  direction text not null check (direction in ('in', 'out')),
  amount_cents bigint not null check (amount_cents > 0),
  receipt text,
  trust text not null,
  evidence_id bigint not null references evidence,
  posted_at timestamptz not null
);
create unique index ledger_in_attempt on ledger (attempt_id) where direction = 'in';
create unique index ledger_in_receipt on ledger (account_id, receipt) where direction = 'in';

create table event (
  id bigint generated always as identity primary key,
  payment_id uuid not null references payment,
  attempt_id uuid references attempt,
  kind text not null,
  detail jsonb not null,
  at timestamptz not null
);
create index event_payment on event (payment_id, id);

create table inbox (
  id bigint generated always as identity primary key,
  source text not null check (source in ('telegram', 'whatsapp', 'gateway')),
  key text not null,
  lane text,
  account_id uuid references gateway_account,
  attempt_id uuid references attempt,
  body_sealed bytea not null,
  state text not null check (state in ('pending', 'done', 'dead')),
  tries integer not null,
  due_at timestamptz not null,
  error text,
  received_at timestamptz not null,
  handled_at timestamptz,
  unique (source, key)
);
create index inbox_pending on inbox (source, id) where state = 'pending';
create index inbox_lane on inbox (lane, id) where state = 'pending';
create index inbox_dead on inbox (id) where state = 'dead';

create table channel_cursor (
  channel text primary key,
  value bigint not null
);

create table conversation (
  key text primary key,
  state_sealed bytea not null,
  updated_at timestamptz not null
);

create table card (
  id uuid primary key,
  payment_id uuid not null references payment,
  identity_id uuid not null references identity,
  kind text not null check (kind in ('request', 'alert')),
  lane text not null,
  message_id bigint not null,
  version integer not null,
  nonce text not null,
  shown text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (payment_id, identity_id)
);
create unique index card_nonce on card (nonce);

create table outbox (
  id bigint generated always as identity (start with 1099511627776) primary key,
  key text not null unique,
  channel text not null check (channel in ('telegram', 'whatsapp', 'sms')),
  lane text not null,
  method text not null,
  payload_sealed bytea not null,
  target_id bigint,
  state text not null check (state in ('pending', 'sent', 'dropped', 'dead')),
  tries integer not null,
  due_at timestamptz not null,
  lease_token uuid,
  lease_until timestamptz,
  external_id text,
  error text,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index outbox_pending on outbox (channel, id) where state = 'pending';
create index outbox_lane on outbox (lane, id) where state = 'pending';
create index outbox_external on outbox (lane, external_id);
create index outbox_dead on outbox (id) where state = 'dead';

create table channel_pause (
  key text primary key,
  until timestamptz not null
);
`;
