/** Which payouts count as money that went, or may have: for what is left to give back, duplicates, and limits. */
import { sql } from 'kysely';

/**
 * It ended without money, or waits for another try, and evidence says otherwise: until persons have settled that, its money
 * may have gone. Holds of rows of `payout` under this name.
 */
export const contradicted = (table: string) =>
  sql<boolean>`(${sql.ref(`${table}.flag`)} is not null
    and ${sql.ref(`${table}.state`)} in ('failed', 'waiting', 'rejected', 'expired', 'void'))`;

/** Waiting, under way, paid, or contradicted. Holds of rows of `payout` under this name. */
export const mayHaveGone = (table: string) =>
  sql<boolean>`(${sql.ref(`${table}.state`)} in
    ('waiting', 'approved', 'sending', 'sent_to_gateway', 'unknown', 'review', 'paid') or ${contradicted(table)})`;
