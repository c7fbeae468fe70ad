/**
 * Gives the statements that come again and again a name, so that PostgreSQL parses each of them once a connection, and plans
 * it once where one plan serves all values. docs/decisions/0006 has the reasons and the limits.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** What is said seldom, such as a statement whose length follows a list, is not worth a plan in every connection. */
const usesBeforeName = 3;
/** Over the process's life. The paths of a payment and a turn need about a hundred. */
const mostNames = 300;
const mostCounted = 2000;
const longestText = 4000;

/** A name is given for good: a connection that has prepared it may be used again at any time. */
function createNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  const uses = new Map<string, number>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size === mostNames || text.length > longestText) return undefined;
    const count = (uses.get(text) ?? 0) + 1;
    if (count < usesBeforeName) {
      if (uses.size === mostCounted) uses.clear();
      uses.set(text, count);
      return undefined;
    }
    uses.delete(text);
    const name = `m${names.size}`;
    names.set(text, name);
    return name;
  };
}

/** `isDirect`: nothing stands between this connection and the server, so that the next statement meets the same session. */
export function preparing(pool: pg.Pool, isDirect: (client: pg.ClientBase) => boolean): PostgresPool {
  const nameOf = createNames();
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client);
      if (known !== undefined) return known;
      const made = isDirect(client) ? named(client, nameOf) : (client as unknown as PostgresPoolClient);
      clients.set(client, made);
      return made;
    },
  };
}

function named(client: pg.PoolClient, nameOf: (text: string) => string | undefined): PostgresPoolClient {
  let stale = false;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    // Without values pg speaks the simple protocol: `begin` and its like have nothing to plan.
    const name = values.length === 0 ? undefined : nameOf(text);
    try {
      return await client.query({ text, values: values as unknown[], ...(name !== undefined && { name }) });
    } catch (err) {
      stale ||= isStalePlan(err);
      throw err;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || stale),
  };
}

/**
 * A migration changed what a prepared statement answers (0A000), or somebody threw the session's statements away (26000). The
 * connection is given up; on another one the same work succeeds.
 */
export function isStalePlan(err: unknown): boolean {
  if (!(err instanceof Error)) return false;
  const { code } = err as { code?: unknown };
  return code === '26000' || (code === '0A000' && err.message.startsWith('cached plan must not change'));
}
