/** The whole runtime over one engine, as src/worker.ts makes it, with doors for the run that examines it. */
import { createSluice } from "../../../../src/index.ts";
import type { Engine } from "../../../../src/runtime/database/engine.ts";
import type { Plan } from "../../../../src/contract/plan.ts";
import { buildOf, runSweep } from "../../../support/build.ts";
import { OBJECTS_PATH, SWEEP_PATH, type StoredObject } from "../door.ts";

/** Compiled for the engine; put in when the Worker is bundled. */
declare const PLANS: readonly Plan[];

/** Objects that are read at the same time. */
const READERS = 8;

export function serveWith(engine: Engine): ExportedHandler<Env> {
  const app = createSluice(buildOf(PLANS, engine));
  return {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url);
      if (pathname === OBJECTS_PATH) return Response.json(await listObjects(env.BUCKET));
      if (pathname !== SWEEP_PATH) return app.fetch(request, env, context);
      await runSweep(env, engine);
      return new Response("swept");
    },
  };
}

async function listObjects(bucket: R2Bucket): Promise<readonly StoredObject[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list(cursor === undefined ? {} : { cursor });
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  const found: StoredObject[] = [];
  const waiting = keys.values();
  const read = async () => {
    for (const key of waiting) found.push({ key, sha256: await digest(bucket, key) });
  };
  await Promise.all(Array.from({ length: READERS }, read));
  return found;
}

async function digest(bucket: R2Bucket, key: string): Promise<string> {
  const object = await bucket.get(key);
  if (object === null) return "";
  const hash = await crypto.subtle.digest("SHA-256", await object.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
