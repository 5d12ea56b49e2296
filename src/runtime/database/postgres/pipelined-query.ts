/**
 * Several queries as one "query" of pg's client: all sent before the first answer, with a single Sync after them, so
 * that they cost one round trip and the server skips the rest after a failure.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 *
 * pg's own pipeline option is not in the version inside Neon's driver; what is used here (a query object with `submit`
 * and the protocol's callbacks) is the interface of pg-cursor, which both have.
 */
import type { Column, Query, QueryResult } from "./transport.ts";

/** The part of the client's connection that writes the extended protocol's messages. */
interface Wire {
  parse(message: { readonly name: string; readonly text: string; readonly types: readonly number[] }): void;
  bind(message: { readonly values: (string | null)[] }): void;
  describe(message: { readonly type: "P"; readonly name: string }): void;
  execute(message: { readonly portal: string }): void;
  sync(): void;
  /** Node's sockets buffer what is written in between; those of Workers have neither method. */
  readonly stream: { cork?(): void; uncork?(): void };
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** What the client calls on a query when its turn has come. */
export interface PipelinedQuery {
  submit(wire: Wire): void;
  handleRowDescription(message: RowDescription): void;
  handleDataRow(message: { readonly fields: readonly (string | null)[] }): void;
  handleCommandComplete(): void;
  handleEmptyQuery(): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

/** The query to hand to the client, and what becomes of it. */
export function pipeline(queries: readonly Query[]) {
  const { promise, resolve, reject } = Promise.withResolvers<readonly QueryResult[]>();
  const results: QueryResult[] = [];
  let columns: readonly Column[] = [];
  let rows: (readonly (string | null)[])[] = [];

  const complete = () => {
    results.push({ columns, rows });
    columns = [];
    rows = [];
  };
  const query: PipelinedQuery = {
    submit(wire) {
      wire.stream.cork?.();
      for (const { sql, values } of queries) {
        wire.parse({ name: "", text: sql, types: [] });
        wire.bind({ values: [...values] });
        wire.describe({ type: "P", name: "" });
        wire.execute({ portal: "" });
      }
      wire.sync();
      wire.stream.uncork?.();
    },
    handleRowDescription({ fields }) {
      columns = fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
    },
    handleDataRow: ({ fields }) => void rows.push(fields),
    handleCommandComplete: complete,
    handleEmptyQuery: complete,
    handleError: reject,
    handleReadyForQuery: () => resolve(results),
  };
  return { query, results: promise };
}
