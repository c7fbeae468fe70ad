import { type Kysely, sql } from 'kysely';

/** The customer's side: receipt pages, what customers answered, SMS, and links by which they pay. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(schema).execute(db);
}

const schema = `
create table receipt_page (
  payment_id uuid primary key references payment,
  code_hmac bytea not null unique,
  code_sealed bytea not null,
  created_at timestamptz not null
);

create table customer_answer (
  payment_id uuid not null references payment,
  identity_id uuid not null references identity,
  answer text not null check (answer in ('me', 'not_me', 'amount', 'goods', 'other')),
  at timestamptz not null,
  decided_at timestamptz,
  primary key (payment_id, identity_id)
);

alter table business add column merchant_sms_phone_sealed bytea;

create table sms (
  id uuid primary key,
  business_id uuid not null references business,
  account_id uuid references gateway_account,
  payment_id uuid not null references payment,
  kind text not null check (kind in ('customer', 'merchant')),
  reference text not null unique,
  phone_masked text not null,
  state text not null check (state in ('waiting', 'accepted', 'delivered', 'refused', 'unknown')),
  reason text,
  detail text,
  message_id text,
  parts integer,
  cost_cents bigint,
  created_at timestamptz not null,
  called_at timestamptz,
  ended_at timestamptz,
  unique (payment_id, kind)
);

alter table gateway_account add column service_balance_cents bigint;
alter table gateway_account add column service_balance_at timestamptz;
alter table gateway_account add column low_balance_told_at timestamptz;

create table pay_link (
  id uuid primary key,
  business_id uuid not null references business,
  created_by uuid not null references identity,
  code_hmac bytea not null unique,
  code_sealed bytea not null,
  amount_cents bigint check (amount_cents > 0),
  note text not null,
  once boolean not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  created_at timestamptz not null
);
create index pay_link_business on pay_link (business_id, created_at desc);

create table link_use (
  id bigint generated always as identity primary key,
  link_id uuid not null references pay_link,
  payment_id uuid not null references payment,
  phone_hmac bytea not null,
  address_hmac bytea,
  vouched boolean not null,
  at timestamptz not null
);
create index link_use_link on link_use (link_id, at);
create index link_use_phone on link_use (phone_hmac, at);
create index link_use_address on link_use (address_hmac, at);
create index link_use_payment on link_use (payment_id);

alter table payment add column link_id uuid references pay_link;
create index payment_link on payment (link_id) where link_id is not null;

create table receipt_check (
  payment_id uuid primary key references payment,
  identity_id uuid not null references identity,
  at timestamptz not null
);
create index attempt_receipt on attempt (receipt) where receipt is not null;
create index evidence_receipt on evidence (receipt) where receipt is not null;
create index ledger_look_alike on ledger (translate(receipt, 'OIL', '011'));
`;
