/** What no shipped ABI does: replaces files, deletes those that rows or a form name, and gives upload links. */
import type { Plan } from "../../../../src/contract/plan.ts";
import type { ThumbnailRule } from "../../../../src/contract/plan/files.ts";
import { planOf, queryStep, uploadStep } from "../../../support/plans.ts";

const answer = (step: number) => ({ step, fields: ["storage_key"], shape: "list" }) as const;
const one = uploadStep({ maxFiles: 1 });
const field = (name: string, result: number) =>
  ({ ...one, name, minFiles: 0, result, texts: [], replaces: true }) as const;

const thumbnail = (name: string, maxEdge: number): ThumbnailRule => {
  return { name, maxEdge, quality: 80, background: [255, 255, 255] };
};

/** `DELETE FROM drawers … RETURNING storage_key`, as it is compiled for D1. */
const emptying = (condition: string, parameters: Parameters<typeof queryStep>[0]["parameters"] = []) =>
  queryStep({
    id: 1,
    sql: `DELETE FROM drawers ${condition} RETURNING storage_key`,
    parameters,
    deletes: {
      step: 1,
      column: "storage_key",
      maxKeys: 1000,
      rows: {
        sql: `WITH sluice_rows AS (SELECT storage_key FROM drawers ${condition})`,
        parameters: parameters.map((_, index) => index),
        when: "before",
      },
    },
  });
const removing = {
  mode: "delete-files",
  id: 2,
  maxKeys: 1000,
  keys: { from: "result", step: 0, path: ["storage_key"] },
} as const;

/** Much more than all runs store; of one endpoint it is of a window of time. */
const withQuota = (plan: Plan): Plan => ({
  ...plan,
  steps: plan.steps.map((step) => {
    if (step.mode !== "upload") return step;
    const per = { from: "claim", path: ["id"] } as const;
    const window = plan.id === "cover-01" ? { windowSeconds: 86_400 } : {};
    return { ...step, quota: { name: plan.id, per, maxBytes: 1e12, maxFiles: 1e6, ...window } };
  }),
});

/** The files of all endpoints count. */
export const plansWithQuotas = (plans: readonly Plan[]): readonly Plan[] => [...plans, ...crashPlans].map(withQuota);

const crashPlans: readonly Plan[] = [
  planOf([{ ...one, replaces: true }], { id: "avatar-01", resource: "avatar" }),
  planOf([{ ...one, replaces: true, raw: true }], { id: "raw-01", resource: "raw", methods: ["POST", "PUT"] }),
  // Nothing that came by a link goes again, so that uses can be counted against files.
  planOf([{ ...one, links: { maxUploads: 1e6, maxLifeSeconds: 86_400 } }], { id: "linked-01", resource: "linked" }),
  planOf([{ ...one, replaces: true, thumbnails: [thumbnail("small", 16), thumbnail("large", 32)] }], {
    id: "shown-01",
    resource: "shown",
  }),
  planOf([{ ...one, replaces: { from: "payload", path: ["album"] } }], { id: "cover-01", resource: "cover" }),
  planOf([{ ...one, fields: { result: 1, texts: [], list: [field("document", 2), field("selfie", 3)] } }], {
    id: "papers-01",
    resource: "papers",
  }),
  planOf(
    [
      emptying(""),
      removing,
      { ...one, id: 3 },
      queryStep({
        id: 4,
        sql: "INSERT INTO drawers (storage_key) VALUES (?1)",
        parameters: [{ value: { from: "result", step: 2, path: ["storage_key"] }, type: "any" }],
      }),
    ],
    { id: "drawer-01", resource: "drawer", answer: answer(2) },
  ),
  planOf(
    [
      { ...one, resumable: true },
      queryStep({
        sql: "INSERT INTO films (storage_key) VALUES (?1)",
        parameters: [{ value: { from: "result", step: 0, path: ["storage_key"] }, type: "any" }],
      }),
    ],
    { id: "film-01", resource: "film", answer: answer(0) },
  ),
  planOf([emptying("WHERE storage_key = ?1", [{ value: { from: "payload", path: ["key"] }, type: "any" }]), removing], {
    id: "clear-drawer-01",
    resource: "clear-drawer",
    answer: { step: 1, fields: null, shape: "list" },
  }),
  planOf([one, { mode: "delete-files", id: 2, maxKeys: 1000, keys: { from: "payload", path: ["remove"] } }], {
    id: "swap-01",
    resource: "swap",
    answer: answer(0),
  }),
];
