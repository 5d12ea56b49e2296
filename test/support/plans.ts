/** Plans for tests, as the compiler would write them. */
import type { Authentication, Plan, QueryStep, Reference, UploadStep } from "../../src/contract/plan.ts";

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

export function queryStep(change: Partial<QueryStep> & Pick<QueryStep, "sql">): QueryStep {
  return {
    mode: "query",
    id: 2,
    writes: !change.sql.startsWith("SELECT"),
    parameters: [],
    columns: {},
    each: null,
    mustReturn: false,
    send: "commit",
    ...change,
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
