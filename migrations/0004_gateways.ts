import { type Kysely, sql } from 'kysely';

/** Several accounts of a business at several gateways: which one is asked first, what was seen there, what was done there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(schema).execute(db);
}

const schema = `
alter table business add column default_account_id uuid references gateway_account;

alter table gateway_account add column rest_until timestamptz;
alter table gateway_account add column rest_reason text;
alter table gateway_account add column balances_seen text;
alter table gateway_account add column balances_at timestamptz;
alter table gateway_account add column balances_asked_at timestamptz;
alter table gateway_account add column low_units_told text[] not null default '{}';
alter table gateway_account add column setup_due_at timestamptz;
alter table gateway_account add column lookup_misses integer not null default 0;
alter table gateway_account add column setup_seen text;
alter table gateway_account add column setup_hmac bytea;
alter table gateway_account add column setup_seen_at timestamptz;

alter table attempt add column wait_until timestamptz;
create index attempt_account on attempt (account_id, queued_at desc);

create index attempt_unknown on attempt (account_id) where state = 'unknown';
create index evidence_seen on evidence (account_id, source, seen_at desc);
create index evidence_unmatched_reference on evidence (account_id, reference) where attempt_id is null;
create index evidence_unmatched_request on evidence (account_id, request_id) where attempt_id is null;

create table balance_question (
  id uuid primary key,
  business_id uuid not null references business,
  identity_id uuid not null references identity,
  key text not null unique,
  asked_at timestamptz not null,
  lease_until timestamptz
);

-- The attempt whose own callback URL brought it: what named another one there is never applied to that other one.
alter table evidence add column attempt_hint uuid references attempt;

create table account_token (
  id uuid primary key,
  account_id uuid not null references gateway_account,
  operation text not null check (operation in ('confirmation', 'validation')),
  token_hmac bytea not null unique,
  token_sealed bytea not null,
  created_at timestamptz not null,
  unique (account_id, operation)
);

create table account_action (
  id uuid primary key,
  account_id uuid not null references gateway_account,
  action text not null,
  state text not null check (state in ('started', 'done', 'refused', 'unknown')),
  detail text,
  secret_sealed bytea,
  started_at timestamptz not null,
  ended_at timestamptz
);
create index account_action_account on account_action (account_id, started_at desc);

create table unclaimed (
  id uuid primary key,
  account_id uuid not null references gateway_account,
  receipt text not null,
  amount_cents bigint not null check (amount_cents > 0),
  bill_reference text not null,
  phone_hmac bytea,
  phone_masked text,
  payer_name text,
  trust text not null,
  inbox_id bigint,
  seen_at timestamptz not null,
  payment_id uuid references payment,
  compared_at timestamptz,
  compared_by uuid references identity,
  unique (account_id, receipt)
);
`;
