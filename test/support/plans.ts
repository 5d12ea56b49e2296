/** Plans for tests, as the compiler would write them. */
import { sqliteMustFind } from "../../src/compiler/sql/sqlite/guard.ts";
import type { Authentication } from "../../src/contract/plan/authentication.ts";
import type { Plan } from "../../src/contract/plan.ts";
import type { UploadStep } from "../../src/contract/plan/files.ts";
import type { QueryStep } from "../../src/contract/plan/query.ts";
import type { Reference } from "../../src/contract/plan/reference.ts";

export const authentication: Authentication = {
  header: "x-access-token",
  bearer: false,
  algorithm: "HS256",
  keyName: "JWT_SECRET_KEY",
  claims: ["id"],
};

export const claimId: Reference = { from: "claim", path: ["id"] };

export function uploadStep(change: Partial<UploadStep> = {}): UploadStep {
  return {
    mode: "upload",
    id: 1,
    maxFiles: 2,
    maxFileBytes: 20 * 1024 * 1024,
    types: ["image/png", "image/jpeg"],
    folder: [{ from: "literal", value: "gallery" }, claimId],
    visibility: "public",
    fileApi: false,
    expiresSeconds: null,
    imageFields: ["width", "height", "dominant_color"],
    issuesLinks: true,
    stripsMetadata: false,
    strictImages: false,
    ...change,
  };
}

export interface QueryChange extends Partial<QueryStep> {
  readonly sql: string;
  /** With the check of that, as on D1. */
  readonly mustReturn?: boolean;
}

export function queryStep({ mustReturn = false, ...change }: QueryChange): QueryStep {
  const { sql, parameters = [], checks = [] } = change;
  const writes = !sql.startsWith("SELECT");
  const guarded = sqliteMustFind({ sql, writes, placeholders: parameters.length });
  return {
    mode: "query",
    id: 2,
    writes,
    parameters,
    columns: {},
    each: null,
    send: "commit",
    ...change,
    checks: [...(mustReturn ? guarded.checks : []), ...checks],
  };
}

export function planOf(steps: Plan["steps"], change: Partial<Plan> = {}): Plan {
  return {
    id: "test-01",
    resource: "test",
    authentication,
    steps,
    answer: { step: steps.length - 1, fields: null, shape: "auto" },
    environment: ["JWT_SECRET_KEY"],
    atomic: true,
    ...change,
  };
}
