import { type Kysely, sql } from 'kysely';

/** Customers who shared their own phone, and owners who are told when their business can ask for money. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(schema).execute(db);
}

const schema = `
create table phone_link (
  identity_id uuid primary key references identity,
  channel text not null,
  phone_sealed bytea not null,
  phone_hmac bytea not null,
  linked_at timestamptz not null,
  unique (channel, phone_hmac)
);

alter table gateway_account add column announced_at timestamptz;
create index gateway_account_new on gateway_account (created_at) where announced_at is null;
create index card_message on card (message_id);
`;
