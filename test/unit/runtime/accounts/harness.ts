/** What the tests of accounts share: an app of the endpoints on one engine, with their table empty. */
import { afterEach, beforeEach, inject, vi } from "vitest";
import type { Json } from "../../../../src/contract/plan.ts";
import { argon2 } from "../../../../src/runtime/accounts/argon2.ts";
import type { Build } from "../../../../src/runtime/build.ts";
import type { Database } from "../../../../src/runtime/database/database.ts";
import type { Engine } from "../../../../src/runtime/database/engine.ts";
import { callerOf } from "../../../support/app.ts";
import { buildOf } from "../../../support/build.ts";
import { secrets } from "../../../support/secrets.ts";

export interface AccountsHarness {
  readonly engine: Engine;
  readonly bindings: Readonly<Record<string, unknown>>;
  /** Names of the runtime's tables as the engine has them. */
  readonly run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly table: string;
  /** Without what the engine has no part in: each call leaves a connection open where tests run on Hyperdrive. */
  readonly isBrief: boolean;
  /** The runtime's sweep, as the trigger starts it. */
  readonly sweep: () => Promise<void>;
  /** What makes the table of revoked tokens. */
  readonly revokedTable: readonly string[];
  /** Sets the clock of the calls that follow, until the test ends. */
  readonly setClock: (milliseconds: number) => void;
  /** Replaces parts of the build. */
  readonly features?: Partial<Build["features"]>;
}

const LONG_KEY = "a7Qp2ZsW9dXc4RfV6tGb8YhN1uJm3IkOlP5zLxKcJvHbGnFmDqSwAeRtYuIoP0BvC";

/** Once per group of tests, with `true`. */
export function useAccounts(harness: AccountsHarness, emptiesTable = true) {
  const { engine, run, table, features = {} } = harness;
  const built = buildOf(inject("compiled").accounts, engine);
  const build: Build = { ...built, features: { ...built.features, argon2, ...features } };
  const call = callerOf(build, { LONG_KEY, AUDIENCE: "gallery", ...secrets, ...harness.bindings });
  if (emptiesTable) {
    beforeEach(async () => {
      await run("DROP TABLE IF EXISTS people");
      await run(table);
    });
    afterEach(() => void vi.useRealTimers());
  }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const ask = (path: string, payload: Json = null, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(payload);
    return call(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  };
  return { ask, bearer, run, call };
}

/** The engine, and how often a batch or a statement was sent to it. */
export function countingEngine(engine: Engine) {
  const counts = { batches: 0 };
  const counted: Engine = {
    ...engine,
    open(environment) {
      const database = engine.open(environment);
      const send =
        (batch: Database["batch"]): Database["batch"] =>
        (statements) => {
          counts.batches += statements.length === 0 ? 0 : 1;
          return batch(statements);
        };
      return {
        batch: send((statements) => database.batch(statements)),
        begin() {
          const session = database.begin();
          return {
            ...session,
            send: send((statements) => session.send(statements)),
            commit: send((statements) => session.commit(statements)),
          };
        },
      };
    },
  };
  return { engine: counted, counts };
}

export const setClock = (milliseconds: number): void => {
  vi.useFakeTimers({ toFake: ["Date"], now: milliseconds });
};
