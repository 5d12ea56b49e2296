/** Serves the bundled worker until it is killed: `node host.ts <bundle> <storage folder> <port>`. Tells its parent when it listens. */
import { readFile } from "node:fs/promises";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { resumableUploadClass, resumableUploadsBinding } from "../../../../src/contract/bindings.ts";
import { d1Statements } from "../../../support/d1-migrations.ts";
import { secrets } from "../../../support/secrets.ts";

const [bundle = "", folder = "", port = ""] = process.argv.slice(2);

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    resourcePersistencePath: `${folder}/state`,
    workers: [
      {
        name: "uploads",
        modules: true,
        script: await readFile(bundle, "utf8"),
        compatibilityDate: "2026-10-20",
        compatibilityFlags: ["nodejs_compat"],
        r2Buckets: ["BUCKET"],
        d1Databases: ["DB"],
        durableObjects: { [resumableUploadsBinding]: { className: resumableUploadClass, useSQLite: true } },
        bindings: { ...secrets, ALLOWED_ORIGINS: "*" },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(port) }],
      },
    ],
  }),
);
await miniflare.ready;
const database = await miniflare.getD1Database("DB");
const isNew = (await database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'gallery'").first()) === null;
if (isNew) await database.batch(d1Statements().map((sql) => database.prepare(sql)));
process.send?.("listening");
