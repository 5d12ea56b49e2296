/** The sample's endpoints as they are compiled, taking more files at once, and two more that are made of their steps. */
import { plans as sample } from "../../../.sluice/plans.ts";
import type { Plan, Step } from "../../../src/contract/plan.ts";
import type { ThumbnailRule } from "../../../src/contract/plan/files.ts";
import type { Parameter } from "../../../src/contract/plan/query.ts";

const MAX_FILES = 20;

function planOf(resource: string): Plan {
  const plan = sample.find((one) => one.resource === resource);
  if (plan === undefined) throw new Error(`The sample has no endpoint ${resource}`);
  return { ...plan, steps: plan.steps.map(withRoom) };
}

const withRoom = (step: Step): Step => (step.mode === "upload" ? { ...step, maxFiles: MAX_FILES } : step);

const withReplacing = (plan: Plan): Plan => ({
  ...plan,
  steps: plan.steps.map((step) => (step.mode === "upload" ? { ...step, replaces: true } : step)),
});

const storing = planOf("upload-gallery-and-store");

/** The same, its rows written by a job. */
const storingLater: Plan = {
  ...storing,
  id: "store-later",
  resource: "store-later",
  background: {
    steps: [1],
    answer: { step: 0, fields: ["storage_key"], shape: "list" },
    reads: { payload: false, headers: [], results: [0] },
    delaySeconds: 0,
    priority: "normal",
    maxAttempts: 3,
    keepsFiles: false,
    fingerprint: "store-later",
  },
};

/** Its statement alone, for a row of no file. */
const writing: Plan = {
  ...storing,
  id: "write",
  resource: "write",
  steps: storing.steps.flatMap((step) =>
    step.mode === "query" ? { ...step, each: null, parameters: step.parameters.map(withoutFile) } : [],
  ),
  answer: { step: 0, fields: null, shape: "auto" },
};

function withoutFile({ value, type }: Parameter): Parameter {
  return { value: value.from === "element" ? { from: "literal", value: "0" } : value, type };
}

/** What no endpoint of the sample does. */
const replacing: Plan = { ...withReplacing(planOf("upload-avatar")), id: "replace-avatar", resource: "replace-avatar" };
const thumbnailOf = (name: string, maxEdge: number): ThumbnailRule => {
  return { name, maxEdge, quality: 80, background: [255, 255, 255] };
};
/** The same uploads, of which smaller pictures are made. */
const showing: Plan = {
  ...planOf("upload-gallery"),
  id: "upload-shown",
  resource: "upload-shown",
  steps: planOf("upload-gallery").steps.map((step) =>
    step.mode === "upload"
      ? { ...step, thumbnails: [thumbnailOf("small", 16), thumbnailOf("large", 32)], linksThumbnails: true }
      : step,
  ),
};
/** The same uploads, counted for each caller. */
const countedTo = (maxFiles: number, name: string): Plan => ({
  ...planOf("upload-gallery"),
  id: name,
  resource: name,
  steps: planOf("upload-gallery").steps.map((step) =>
    step.mode === "upload"
      ? { ...step, quota: { name, per: { from: "claim", path: ["id"] }, maxBytes: 1e9, maxFiles } }
      : step,
  ),
});
/** A row and its file, as they are compiled for D1. */
const dropping: Plan = {
  ...writing,
  id: "drop",
  resource: "drop",
  steps: [
    {
      mode: "query",
      id: 1,
      sql: "DELETE FROM gallery WHERE storage_key = ?1 RETURNING storage_key",
      writes: true,
      parameters: [{ value: { from: "payload", path: ["key"] }, type: "any" }],
      columns: {},
      each: null,
      checks: [],
      send: "commit",
      deletes: {
        step: 1,
        column: "storage_key",
        maxKeys: 1000,
        rows: {
          sql: "WITH sluice_rows AS (SELECT storage_key FROM gallery WHERE storage_key = ?1)",
          parameters: [0],
          when: "before",
        },
      },
    },
    {
      mode: "delete-files",
      id: 2,
      maxKeys: 1000,
      keys: { from: "result", step: 0, path: ["storage_key"] },
    },
  ],
  answer: { step: 1, fields: null, shape: "list" },
};

export const plans: readonly Plan[] = [
  replacing,
  dropping,
  showing,
  countedTo(1000, "counted"),
  countedTo(1, "counted-out"),
  planOf("upload-gallery"),
  planOf("upload-avatar"),
  planOf("delete-gallery-files"),
  planOf("my-gallery"),
  storing,
  storingLater,
  writing,
];
