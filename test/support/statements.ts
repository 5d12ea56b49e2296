/** What the runtime asks of D1, and D1's query plans for it. */

interface Asked {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface RecordedDatabase {
  readonly database: D1Database;
  /** Since the last call. */
  take(): readonly Asked[];
}

/** The database, and every statement that was bound for it. */
export function recordStatements(database: D1Database): RecordedDatabase {
  let asked: Asked[] = [];
  const recording = new Proxy(database, {
    get(target, name: keyof D1Database) {
      if (name === "prepare") {
        return (sql: string) => {
          const statement = target.prepare(sql);
          const bind = (...values: unknown[]) => {
            asked.push({ sql, values });
            return statement.bind(...values);
          };
          return new Proxy(statement, { get: (_, member) => (member === "bind" ? bind : Reflect.get(_, member)) });
        };
      }
      const member = target[name];
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  return {
    database: recording,
    take() {
      const taken = asked;
      asked = [];
      return taken;
    },
  };
}

/** Each statement's plan, its lines joined. */
export async function explain(database: D1Database, statements: readonly Asked[]): Promise<readonly string[]> {
  const plans = await database.batch<{ detail: string }>(
    statements.map(({ sql, values }) => database.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...values)),
  );
  return plans.map(({ results }) => results.map(({ detail }) => detail).join("; "));
}

/** The database, and how many rows D1 says that its batches have read. */
export function countReads(database: D1Database): { readonly database: D1Database; readonly read: () => number } {
  let rows = 0;
  const counting = new Proxy(database, {
    get(target, name: keyof D1Database) {
      const member = target[name];
      if (name !== "batch") return typeof member === "function" ? member.bind(target) : member;
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        for (const { meta } of results) rows += meta.rows_read;
        return results;
      };
    },
  });
  return { database: counting, read: () => rows };
}
