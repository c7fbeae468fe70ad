/** Which payouts count as money that went, or may have: for what is left to give back, duplicates, and limits. */
import { sql } from 'kysely';

/**
 * It ended without money, or waits for another try, and evidence says otherwise: until persons have settled that, its money
 * may have gone. Holds of rows of `payout` under this name.
 */
export const contradicted = (table: string) =>
  sql<boolean>`(${sql.ref(`${table}.flag`)} is not null
    and ${sql.ref(`${table}.state`)} in ('failed', 'waiting', 'rejected', 'expired', 'void'))`;

/** Sent, or contradicted, and nobody knows yet whether its money went. Holds of rows of `payout` under this name. */
export const notKnownYet = (table: string) =>
  sql<boolean>`(${sql.ref(`${table}.state`)} in
    ('sending', 'sent_to_gateway', 'unknown', 'review') or ${contradicted(table)})`;

/** Waiting, under way, or not known yet: no time settles it. Holds of rows of `payout` under this name. */
export const isOpen = (table: string) =>
  sql<boolean>`(${sql.ref(`${table}.state`)} in ('waiting', 'approved') or ${notKnownYet(table)})`;

/** Open, or paid after this moment. Holds of rows of `payout` under this name. */
export const openOrPaidSince = (table: string, since: Date) =>
  sql<boolean>`(${isOpen(table)}
    or (${sql.ref(`${table}.state`)} = 'paid' and ${sql.ref(`${table}.updated_at`)} > ${since}))`;

/** Waiting, under way, paid, or contradicted. Holds of rows of `payout` under this name. */
export const mayHaveGone = (table: string) =>
  sql<boolean>`(${sql.ref(`${table}.state`)} = 'paid' or ${isOpen(table)})`;
