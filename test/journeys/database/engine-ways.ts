/** The ways in which the PostgreSQL engines write, opened in Node as the Worker opens them. */
import type { Database, Rows, Statement } from "../../../src/runtime/database/database.ts";
import type { Engine, EngineEnvironment } from "../../../src/runtime/database/engine.ts";
import { hyperdrive } from "../../../src/databases/hyperdrive.ts";
import { neon } from "../../../src/databases/neon.ts";

export interface EngineWay {
  readonly name: string;
  open(): Database;
  /** Writes the statements all or nothing. */
  write(database: Database, statements: readonly Statement[]): Promise<Rows>;
}

export interface Addresses {
  /** PostgreSQL's own protocol. */
  readonly url: string;
  readonly neonUrl: string;
}

const inBatch: EngineWay["write"] = (database, statements) => database.batch(statements);

/** The first statement on its own, as for a request in which a later one needs its result. */
const inSession: EngineWay["write"] = async (database, statements) => {
  const session = database.begin();
  try {
    const first = await session.send(statements.slice(0, 1));
    return [...first, ...(await session.commit(statements.slice(1)))];
  } finally {
    await session.rollback();
  }
};

export function engineWays({ url, neonUrl }: Addresses): readonly EngineWay[] {
  const environment: EngineEnvironment = {
    text: () => neonUrl,
    binding: (name) => (name === "HYPERDRIVE" ? { connectionString: url } : undefined),
  };
  const way = (name: string, engine: Engine, write: EngineWay["write"]): EngineWay => {
    return { name, open: () => engine.open(environment), write };
  };
  return [
    way("Neon, HTTP", neon, inBatch),
    way("Neon, WebSocket session", neon, inSession),
    way("Hyperdrive", hyperdrive, inBatch),
    way("Hyperdrive, session", hyperdrive, inSession),
  ];
}
