import { type Kysely, sql } from 'kysely';

/** Payouts: who asked, who approved what exactly, what was set aside, what moved, and the log that nobody can edit. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(schema).execute(db);
}

const schema = `
alter table business add column payout_limits jsonb;
alter table business add column payout_alone boolean not null default false;
alter table business add column frozen_at timestamptz;
alter table business add column frozen_by uuid references identity;
alter table business add column approvals_group text;

create table invite (
  id uuid primary key,
  business_id uuid not null references business,
  role text not null check (role in ('owner', 'manager', 'cashier', 'viewer')),
  token_hmac bytea not null unique,
  for_identity uuid references identity,
  created_by uuid not null references identity,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_by uuid references identity,
  used_at timestamptz,
  revoked_at timestamptz
);
create index invite_open on invite (business_id, created_at) where used_at is null and revoked_at is null;

create table payout_batch (
  id uuid primary key,
  ref text not null unique,
  business_id uuid not null references business,
  account_id uuid not null references gateway_account,
  requested_by uuid not null references identity,
  file_name text not null,
  rows integer not null,
  total_cents bigint not null,
  state text not null check (state in
    ('draft','waiting','approved','running','paused','done','rejected','expired','void')),
  hash bytea,
  version integer not null,
  expires_at timestamptz,
  source_digest bytea not null,
  resend_reason text,
  paused_by uuid references identity,
  pause_reason text,
  other_sheets jsonb,
  next_look_at timestamptz,
  results integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index payout_batch_look on payout_batch (next_look_at) where next_look_at is not null;
create index payout_batch_source on payout_batch (business_id, source_digest);

create table stored_file (
  id uuid primary key,
  key text not null unique,
  business_id uuid not null references business,
  identity_id uuid not null references identity,
  lane text not null,
  kind text not null check (kind in ('file', 'pasted')),
  platform_id text,
  name text not null,
  mime text,
  state text not null check (state in ('wanted', 'here', 'read', 'refused')),
  sha256 bytea,
  bytes_sealed bytea,
  batch_id uuid references payout_batch,
  tries integer not null,
  due_at timestamptz not null,
  created_at timestamptz not null
);
create index stored_file_due on stored_file (due_at) where state in ('wanted', 'here');

create table payout_batch_row (
  batch_id uuid not null references payout_batch,
  number integer not null,
  text_sealed bytea not null,
  why text not null,
  primary key (batch_id, number)
);

create table payout (
  id uuid primary key,
  ref text not null unique,
  business_id uuid not null references business,
  account_id uuid not null references gateway_account,
  requested_by uuid not null references identity,
  batch_id uuid references payout_batch,
  batch_row integer,
  refund_of uuid references payment,
  amount_cents bigint not null check (amount_cents > 0),
  charge_cents bigint not null check (charge_cents >= 0),
  phone_sealed bytea not null,
  phone_hmac bytea not null,
  phone_masked text not null,
  payee_name text,
  note text not null,
  reference text not null,
  state text not null check (state in
    ('draft','waiting','approved','sending','sent_to_gateway','unknown','review','paid','failed','reversed',
     'rejected','expired','void')),
  reason text,
  flag text,
  round integer not null,
  version integer not null,
  hash bytea,
  resend_reason text,
  expires_at timestamptz,
  callback_hmac bytea not null unique,
  callback_sealed bytea not null,
  gateway_payout_id text,
  raw_code text,
  detail text,
  receipt text,
  receipt_final boolean,
  receipt_trust text,
  fee_cents bigint,
  sent_at timestamptz,
  paid_at timestamptz,
  ended_at timestamptz,
  lease_token uuid,
  lease_until timestamptz,
  checks integer not null,
  next_check_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (account_id, reference),
  unique (batch_id, batch_row)
);
create index payout_history on payout (business_id, created_at desc, id desc);
create index payout_queue on payout (account_id, updated_at, batch_row) where state = 'approved' and batch_id is null;
create index payout_queue_file on payout (batch_id, updated_at, batch_row) where state = 'approved' and batch_id is not null;
create index payout_sending on payout (lease_until) where state = 'sending';
create index payout_due on payout (next_check_at) where next_check_at is not null;
create index payout_waiting on payout (expires_at) where state = 'waiting';
create index payout_phone on payout (business_id, phone_hmac, created_at desc);
create index payout_gateway on payout (account_id, gateway_payout_id);
create index payout_refund on payout (refund_of) where refund_of is not null;

create table approval (
  id uuid primary key,
  business_id uuid not null references business,
  payout_id uuid references payout,
  batch_id uuid references payout_batch,
  round integer not null,
  hash bytea not null,
  kind text not null check (kind in ('approved', 'rejected', 'alone')),
  by_identity uuid not null references identity,
  why text,
  at timestamptz not null,
  check ((payout_id is null) <> (batch_id is null))
);
create unique index approval_payout on approval (payout_id, round);
create unique index approval_batch on approval (batch_id, round);

create table payout_mark (
  payout_id uuid not null references payout,
  round integer not null,
  verdict text not null check (verdict in ('paid', 'failed')),
  receipt text,
  by_identity uuid not null references identity,
  at timestamptz not null,
  primary key (payout_id, round)
);

create table payout_call (
  payout_id uuid not null references payout,
  round integer not null,
  sent_at timestamptz not null,
  outcome text check (outcome in ('accepted', 'refused', 'not_sent', 'unknown')),
  gateway_payout_id text,
  primary key (payout_id, round)
);
create index payout_call_gateway on payout_call (gateway_payout_id) where gateway_payout_id is not null;

create table payout_entry (
  id bigint generated always as identity primary key,
  business_id uuid not null references business,
  payout_id uuid not null references payout,
  round integer not null,
  kind text not null check (kind in ('reserve', 'post', 'void', 'reverse')),
  amount_cents bigint not null check (amount_cents > 0),
  phone_hmac bytea not null,
  requested_by uuid not null references identity,
  evidence_id bigint,
  at timestamptz not null,
  unique (payout_id, round, kind)
);
create index payout_entry_day on payout_entry (business_id, at);

create table payout_evidence (
  id bigint generated always as identity primary key,
  account_id uuid not null references gateway_account,
  payout_id uuid references payout,
  source text not null check (source in ('callback', 'lookup', 'answer', 'person')),
  trust text not null check (trust in ('signed', 'lookup', 'accepted_unsigned', 'hint', 'person')),
  verdict text not null check (verdict in ('paid', 'failed', 'pending', 'reversed')),
  reference text,
  gateway_payout_id text,
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
  unique (account_id, digest)
);
create index payout_evidence_payout on payout_evidence (payout_id);
create index payout_evidence_unmatched on payout_evidence (account_id, gateway_payout_id) where payout_id is null;

create table payout_event (
  id bigint generated always as identity primary key,
  payout_id uuid not null references payout,
  kind text not null,
  detail jsonb not null,
  at timestamptz not null
);
create index payout_event_payout on payout_event (payout_id, id);

alter table ledger add column payout_id uuid references payout;
create unique index ledger_out_payout on ledger (payout_id) where direction = 'out';
create unique index ledger_out_receipt on ledger (account_id, receipt) where direction = 'out';
alter table ledger alter column evidence_id drop not null;
alter table ledger add column payout_evidence_id bigint references payout_evidence;

alter table gateway_account add column next_payout_at timestamptz;
alter table inbox add column payout_id uuid references payout;

create table payout_card (
  id uuid primary key,
  payout_id uuid references payout,
  batch_id uuid references payout_batch,
  identity_id uuid not null references identity,
  kind text not null check (kind in ('request', 'approval', 'alert')),
  lane text not null,
  message_id bigint not null,
  version integer not null,
  nonce text not null unique,
  shown text not null,
  tries integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((payout_id is null) <> (batch_id is null))
);
create unique index payout_card_payout on payout_card (payout_id, identity_id, lane) where payout_id is not null;
create unique index payout_card_batch on payout_card (batch_id, identity_id, lane) where batch_id is not null;
create index payout_card_message on payout_card (message_id);

alter table sms alter column payment_id drop not null;
alter table sms add column payout_id uuid references payout;
alter table sms drop constraint sms_kind_check;
alter table sms add constraint sms_kind_check check (kind in ('customer', 'merchant', 'payee'));
alter table sms add constraint sms_about check ((payment_id is null) <> (payout_id is null));
create unique index sms_payout on sms (payout_id, kind) where payout_id is not null;

create table audit_entry (
  id bigint generated always as identity primary key,
  business_id uuid not null references business,
  at timestamptz not null,
  actor uuid references identity,
  action text not null,
  facts jsonb not null,
  batch integer
);
create index audit_open on audit_entry (business_id, id) where batch is null;
create index audit_closed on audit_entry (business_id, batch) where batch is not null;

create table audit_batch (
  business_id uuid not null references business,
  number integer not null,
  first_id bigint not null,
  last_id bigint not null,
  entries integer not null,
  previous bytea not null,
  head bytea not null,
  closed_at timestamptz not null,
  primary key (business_id, number)
);

create function refuse_change() returns trigger language plpgsql as $$
begin raise exception '% is append-only', tg_table_name; end $$;
create trigger payout_entry_append before update or delete on payout_entry
  for each row execute function refuse_change();
create trigger approval_append before update or delete on approval
  for each row execute function refuse_change();
create trigger audit_batch_append before update or delete on audit_batch
  for each row execute function refuse_change();
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.batch is null and new.batch is not null
     and (new.id, new.business_id, new.at, new.action, new.facts) = (old.id, old.business_id, old.at, old.action, old.facts)
     and new.actor is not distinct from old.actor
  then return new; end if;
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger audit_entry_append before update or delete on audit_entry
  for each row execute function refuse_audit_change();
`;
