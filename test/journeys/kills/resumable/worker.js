/** The real app with a door for the test, `/__dump`. Plain JavaScript: the types of this folder are Node's. */
import { createSluice } from "../../../../src/index.ts";
import { buildOf } from "../../../support/build.ts";

export { ResumableUpload } from "../../../../src/runtime/resumable/resumable.ts";

/* global PLANS */
const app = createSluice(buildOf(PLANS));
const rows = async (env, sql) => (await env.DB.prepare(sql).all()).results;

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== "/__dump") return app.fetch(request, env, context);
    const { objects } = await env.BUCKET.list();
    return Response.json({
      files: await rows(env, "SELECT storage_key, status, file_size, checksum_sha256 FROM files"),
      rows: await rows(env, "SELECT id, storage_key FROM gallery"),
      objects: objects.map(({ key, size }) => ({ key, size })),
    });
  },
};
