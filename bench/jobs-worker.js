/**
 * The runtime that bench/jobs.ts measures: one upload that writes its rows in the request, and the same in a job. Plain
 * JavaScript because bench/ is type-checked for Node, which lacks the platform's types.
 */
import { createApp, runDelivered } from "../src/app.ts";
import { engine } from "../src/database/d1/d1-engine.ts";

const value = (reference) => ({ value: reference, type: "any" });
const parameters = [
  value({ from: "generator", kind: "NANOID" }),
  value({ from: "literal", value: "bench" }),
  value({ from: "result", step: 0, path: ["storage_key"] }),
  value({ from: "literal", value: 1 }),
  value({ from: "now" }),
];
const upload = {
  mode: "upload",
  id: 1,
  maxFiles: 1,
  maxFileBytes: 10_000_000,
  types: ["*/*"],
  folder: [{ from: "literal", value: "bench" }],
  visibility: "public",
  owner: null,
  expiresSeconds: null,
  imageFields: [],
  issuesLinks: false,
  stripsMetadata: false,
  strictImages: false,
};
const insert = {
  mode: "query",
  id: 2,
  sql: "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES (?1, ?2, ?3, 'x', ?4, ?5, ?5) RETURNING id",
  writes: true,
  parameters,
  columns: {},
  each: null,
  mustReturn: false,
  send: "commit",
};
const answer = { step: 0, fields: ["storage_key"], shape: "list" };
const plan = (resource, more) => ({
  id: `${resource}-01`,
  resource,
  authentication: null,
  steps: [upload, insert],
  answer,
  environment: [],
  atomic: true,
  ...more,
});
const background = {
  steps: [1],
  answer,
  reads: { payload: false, headers: [], results: [0] },
  delaySeconds: 0,
  priority: "normal",
  maxAttempts: 4,
  keepsFiles: false,
  fingerprint: "bench",
};
const plans = [plan("request"), plan("job", { background })];
const app = createApp(plans, engine);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  queue: (batch, env) => runDelivered(batch, env, plans, engine),
};
