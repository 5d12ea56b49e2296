// oxlint-disable-next-line typescript/triple-slash-reference -- a declaration for a file of another package
/// <reference path="../runtime/database/postgres/pg-client.d.ts" />
/** PostgreSQL behind Cloudflare's Hyperdrive as the deployment's database, through the binding HYPERDRIVE and pg. */
import Client from "pg/lib/client.js";
import { hyperdriveBinding } from "../contract/bindings.ts";
import { misconfigured } from "../contract/problem.ts";
import type { Engine } from "../runtime/database/engine.ts";
import { readDatabaseTimeout } from "../runtime/database/postgres/database-timeout.ts";
import { createPostgresDatabase } from "../runtime/database/postgres/database.ts";
import { dialect } from "../runtime/database/postgres/dialect.ts";
import { createSocketTransport } from "../runtime/database/postgres/socket-transport.ts";

/**
 * Everything runs between BEGIN and COMMIT, reads too: Hyperdrive answers reads outside of a transaction from a cache
 * that may be a minute old. https://developers.cloudflare.com/hyperdrive/concepts/query-caching/
 */
export const hyperdrive: Engine = {
  dialect,
  open(environment) {
    const binding = environment.binding(hyperdriveBinding) as { readonly connectionString: string } | undefined;
    if (binding === undefined) {
      throw misconfigured(`there is no Hyperdrive binding ${hyperdriveBinding}`);
    }
    const { statementMilliseconds, answerMilliseconds } = readDatabaseTimeout(environment);
    const createClient = () => new Client({ connectionString: binding.connectionString });
    return createPostgresDatabase(createSocketTransport(createClient, answerMilliseconds), statementMilliseconds);
  },
};
