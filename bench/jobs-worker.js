/**
 * The runtime that bench/jobs.ts measures: one upload that writes its rows in the request, and the same in a job. Plain
 * JavaScript because bench/ is type-checked for Node, which lacks the platform's types.
 */
import { createSluice } from "../src/index.ts";
import { buildOf } from "../test/support/build.ts";

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
  fileApi: false,
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
  checks: [],
  send: "commit",
};
/** Reads what the row before it returned, so each is a round trip of its own. */
const follow = {
  mode: "query",
  id: 3,
  sql: "INSERT INTO sluice_documents (id, collection, body, created_at, updated_at) VALUES (?1, 'bench', '{}', ?2, ?2) RETURNING id",
  writes: true,
  parameters: [value({ from: "result", step: 1, path: ["id"] }), value({ from: "now" })],
  columns: {},
  each: null,
  checks: [],
  send: "now",
};
const look = {
  ...follow,
  id: 4,
  sql: "SELECT count(*) AS total FROM sluice_documents WHERE id = ?1",
  writes: false,
  parameters: [value({ from: "result", step: 2, path: ["id"] })],
};
const answer = { step: 0, fields: ["storage_key"], shape: "list" };
const plan = (resource, steps, more) => ({
  id: `${resource}-01`,
  resource,
  authentication: null,
  steps,
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
const one = [upload, insert];
const three = [upload, { ...insert, send: "now" }, follow, look];
const plans = [
  plan("request", one),
  plan("job", one, { background }),
  plan("request-three", three, { atomic: false }),
  plan("job-three", three, { atomic: false, background: { ...background, steps: [1, 2, 3] } }),
];
const build = buildOf(plans);
const app = createSluice(build);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  queue: (batch, env) => app.queue(batch, env),
};
