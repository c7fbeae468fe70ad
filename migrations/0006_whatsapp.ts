import { type Kysely, sql } from 'kysely';

/** WhatsApp: a person's address and window, one person in two chats, what became of a message after it was taken. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(schema).execute(db);
}

const schema = `
alter table identity add column scoped_id text;
alter table identity add column address_sealed bytea;
alter table identity add column phone_hmac bytea;
alter table identity add column wrote_at timestamptz;
alter table identity add column person_id uuid references identity;
create unique index identity_scoped on identity (channel, scoped_id) where scoped_id is not null;
create index identity_person on identity (person_id) where person_id is not null;
create index identity_phone on identity (phone_hmac) where phone_hmac is not null;

create table chat_code (
  code_hmac bytea primary key,
  identity_id uuid not null unique references identity,
  expires_at timestamptz not null
);

create table chat_pair (
  person_id uuid not null references identity,
  chat_id uuid not null references identity,
  joined_at timestamptz not null,
  primary key (person_id, chat_id)
);
create index chat_pair_chat on chat_pair (chat_id);

alter table outbox drop constraint outbox_state_check;
alter table outbox add constraint outbox_state_check
  check (state in ('pending', 'held', 'sent', 'dropped', 'dead'));
alter table outbox add column delivered_at timestamptz;
alter table outbox add column read_at timestamptz;
alter table outbox add column failed_at timestamptz;
create index outbox_held on outbox (lane, id) where state = 'held';
create index outbox_whatsapp on outbox (external_id) where channel = 'whatsapp';
alter table outbox add earlier_ids text[];
create index outbox_parts on outbox using gin (earlier_ids) where earlier_ids is not null;
create index outbox_whatsapp_edits on outbox (target_id, id) where channel = 'whatsapp' and target_id is not null;

alter table sms add column cause text unique;
alter table sms drop constraint sms_kind_check;
alter table sms add constraint sms_kind_check check (kind in ('customer', 'merchant', 'payee', 'member'));
alter table sms drop constraint sms_about;
alter table sms add constraint sms_about check (num_nonnulls(payment_id, payout_id, cause) = 1);
`;
