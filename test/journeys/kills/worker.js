/**
 * The real app with a door for the test: `/__tick` is the minute's trigger, `/__dump` shows everything, `/__counts` how many
 * jobs are in each state. In jobs, the
 * database fails now and then, half of the times after the batch was run. Plain JavaScript: the types of this folder are
 * Node's.
 */
import { createSluice } from "../../../src/index.ts";
import { buildOf, runSweep } from "../../support/build.ts";

/* global PLANS */
const build = buildOf(PLANS);
const app = createSluice(build);

function faulty(env) {
  const rate = Number(env.FAULT_RATE);
  const DB = new Proxy(env.DB, {
    get(target, name) {
      const member = target[name];
      if (name !== "batch") return typeof member === "function" ? member.bind(target) : member;
      return async (statements) => {
        const fails = Math.random() < rate;
        const isAfter = Math.random() < 0.5;
        if (fails && !isAfter) throw new Error("D1_ERROR: injected before");
        const results = await target.batch(statements);
        if (fails) throw new Error("D1_ERROR: injected after");
        return results;
      };
    },
  });
  return { ...env, DB };
}

const rows = async (env, sql) => (await env.DB.prepare(sql).all()).results;

async function dump(env) {
  const objects = [];
  let cursor;
  do {
    const page = await env.BUCKET.list(cursor === undefined ? {} : { cursor });
    objects.push(...page.objects.map(({ key }) => key));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return {
    jobs: await rows(env, "SELECT id, endpoint, state, attempts, files, problem FROM sluice_jobs"),
    files: await rows(env, "SELECT storage_key, status FROM files"),
    photos: await rows(env, "SELECT album, storage_key FROM photos"),
    albums: await rows(env, "SELECT id FROM albums"),
    steps: await rows(env, "SELECT job_id FROM sluice_job_steps"),
    total: (await rows(env, "SELECT total FROM counters"))[0].total,
    objects,
  };
}

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/__dump") return Response.json(await dump(env));
    if (pathname === "/__counts") {
      const counts = await rows(env, "SELECT state, count(*) AS total FROM sluice_jobs GROUP BY state");
      return Response.json(Object.fromEntries(counts.map(({ state, total }) => [state, total])));
    }
    if (pathname === "/__tick") {
      await app.scheduled({ cron: "* * * * *", scheduledTime: 60_000 }, faulty(env));
      return new Response("ok");
    }
    if (pathname === "/__sweep") {
      // As if an hour had passed since the last upload.
      await env.DB.exec("UPDATE sluice_files SET updated_at = '2020-01-01T00:00:00.000Z' WHERE status = 'pending'");
      await runSweep(env);
      return new Response("ok");
    }
    return app.fetch(request, env, context);
  },
  queue: (batch, env) => app.queue(batch, faulty(env)),
};
