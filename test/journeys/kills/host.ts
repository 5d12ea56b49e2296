/**
 * Serves a bundled worker until it is killed: `node host.ts <folder> <port>`. The folder has what server.ts wrote, and
 * keeps what the worker stores. Tells its parent when it listens.
 */
import { readFile } from "node:fs/promises";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { secrets } from "../../support/secrets.ts";
import { OPTIONS_FILE, type Served } from "./served.ts";

const [folder = "", port = ""] = process.argv.slice(2);
const { bundle, statements, bindings, ...more } = JSON.parse(
  await readFile(`${folder}/${OPTIONS_FILE}`, "utf8"),
) as Served;

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    resourcePersistencePath: `${folder}/state`,
    workers: [
      {
        name: "served",
        modules: true,
        script: await readFile(bundle, "utf8"),
        compatibilityDate: "2026-10-20",
        compatibilityFlags: ["nodejs_compat"],
        r2Buckets: ["BUCKET"],
        d1Databases: ["DB"],
        ...more,
        bindings: { ...secrets, ...bindings },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(port) }],
      },
    ],
  }),
);
await miniflare.ready;
const database = await miniflare.getD1Database("DB");
const isNew = (await database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'files'").first()) === null;
if (isNew) await database.batch(statements.map((sql) => database.prepare(sql)));
process.send?.("listening");
