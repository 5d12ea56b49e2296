import { createRequire } from "node:module";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import {
  rateLimiterClass,
  rateLimitsBinding,
  resumableUploadClass,
  resumableUploadsBinding,
} from "./src/contract/bindings.ts";
import { bundleDriver } from "./test/support/bundle-driver.ts";
import { d1Statements } from "./test/support/d1-migrations.ts";
import { secrets } from "./test/support/secrets.ts";

// Wrangler would announce on every start that secrets come from nowhere; the bindings below are all there is.
process.env["WRANGLER_LOG"] ??= "error";
process.env["WRANGLER_SEND_METRICS"] ??= "false";
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] ??= "false";

const main = "./test/support/bare-worker.ts";
/** A project's wrangler.toml has them where an ABI has a `rate_limit`, or is `resumable`. */
const durableObjects = {
  [rateLimitsBinding]: { className: rateLimiterClass, useSQLite: true },
  [resumableUploadsBinding]: { className: resumableUploadClass, useSQLite: true },
};
const wrangler = { configPath: "./wrangler.toml" };
/** In place of the sample's: tests of quotas have their own. */
const unlimited = { FILE_API_QUOTA: "" };

/** workerd with local R2, D1 and queues. */
async function onD1() {
  const bindings = { ...secrets, ...unlimited, TEST_MIGRATIONS: d1Statements() };
  return {
    resolve: { alias: { ...alias, mongodb: await bundleDriver(import.meta.dirname) } },
    plugins: [
      cloudflareTest({
        main,
        wrangler,
        // An Images binding is optional in a deployment: tests ask for it by making an app with it.
        miniflare: { images: { binding: "RENDERER" }, durableObjects, bindings },
      }),
    ],
  };
}

/** workerd with a throw-away PostgreSQL, which the global setup starts. */
const onPostgres = () => ({
  resolve: { alias },
  plugins: [
    cloudflareTest(({ inject }) => {
      const database = inject<{ readonly url: string } | null>("postgres");
      return {
        main,
        wrangler,
        miniflare: {
          bindings: unlimited,
          durableObjects,
          hyperdrives: database === null ? {} : { HYPERDRIVE: database.url },
        },
      };
    }),
  ],
});

// What a module requires, rather than imports, the plugin resolves by this configuration, not by the project's: as Node
// would, for which this package is empty.
const alias = {
  "pg-cloudflare": createRequire(import.meta.url)
    .resolve("pg-cloudflare/package.json")
    .replace("package.json", "dist/index.js"),
};

/** A file's suffix names its project: `*.workers.test.ts`. A machine with other things to do is no failure. */
const named = (name: string) => ({
  name,
  include: [`test/**/*.${name}.test.ts`],
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
});
const compiled = "./test/support/compiled/provide.ts";
const onWorkers = await onD1();

const inWorkers = (name: string) => ({
  ...named(name),
  globalSetup: ["./test/support/provide-mongo.ts", compiled],
  // Two workers for all files, each with storage of its own, which every test empties itself: a start costs seconds, and
  // one would leave the second core idle. The Node tests share them.
  isolate: false,
  maxWorkers: 2,
  testTimeout: 30_000,
});
const inPostgres = (name: string, isolate = false) => ({
  ...named(name),
  globalSetup: ["./test/support/node/provide-postgres.ts", compiled],
  isolate,
  // All of them write to the one database: one after the other, when the other projects are done.
  fileParallelism: false,
  sequence: { groupOrder: 1 },
  testTimeout: 30_000,
});

export default defineConfig({
  resolve: { alias },
  test: {
    // The Worker logs every refusal: only a failed test shows its lines.
    silent: "passed-only",
    slowTestThreshold: 5000,
    reporters: [["default", { summary: false }]],
    projects: [
      { ...onWorkers, test: inWorkers("workers") },
      { ...onPostgres(), test: inPostgres("postgres") },
      // What runs at build time or drives the runtime from outside.
      { test: { ...named("node"), isolate: false, maxWorkers: 2, testTimeout: 60_000 } },
      // From here on each is a suite of tools/suite.ts: what `npm test` has no time for, thousands of attacks, hundreds of
      // pictures, a browser, servers that start again and again.
      {
        ...onWorkers,
        test: {
          ...named("attacks"),
          globalSetup: ["./test/journeys/attacks/build/provide-plans.ts"],
          isolate: false,
          maxWorkers: 2,
          testTimeout: 30_000,
        },
      },
      { test: { ...named("pictures"), testTimeout: 60_000 } },
      { ...onWorkers, test: inWorkers("workers-slow") },
      // A file's connections to Hyperdrive end with its worker: of all files together they would be more than a server takes.
      { ...onPostgres(), test: inPostgres("postgres-slow", true) },
      // Two files at once, each with servers and folders of its own: while one waits for its process, the other computes.
      { test: { ...named("slow"), maxWorkers: 2, testTimeout: 300_000, hookTimeout: 300_000 } },
      {
        test: {
          ...named("browser"),
          globalSetup: ["test/journeys/browser/browser-server.ts"],
          // Side by side they would only wait for each other.
          fileParallelism: false,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
