/**
 * The floors of the house, the ground floor first: a file may import from its own room and from rooms below it.
 */

export interface Room {
  readonly name: string;
  /** Paths of files, or of folders with a slash at their end. The longest one that fits a file names its room. */
  readonly paths: readonly string[];
  /** Rooms below that it must not know all the same. */
  readonly not?: readonly string[];
  /** Packages that may be imported, `node:` for all of Node's own; absent = any. */
  readonly packages?: readonly string[];
}

const none: readonly string[] = [];

/** A room of what runs in workerd: the compiler is another world. */
const edge = (name: string, paths: readonly string[], packages = none, not = none): Room => ({
  name,
  paths: paths.map((path) => `src/${path}`),
  packages,
  not: ["compiler", ...not],
});

const room = (name: string, packages = none, not = none): Room => edge(name, [`runtime/${name}/`], packages, not);

export const rooms: readonly Room[] = [
  { name: "contract", paths: ["src/contract/", "package.json"], packages: none },
  { name: "compiler", paths: ["src/compiler/"] },
  edge("client", ["client/"]),
  edge("react", ["client/react/"], ["react"]),
  edge("leaves", [
    "runtime/byte-reader.ts",
    "runtime/bytes.ts",
    "runtime/development/",
    "runtime/extended-value.ts",
    "runtime/sigv4.ts",
    "runtime/exact-number.ts",
    "runtime/log.ts",
    "runtime/secrets.ts",
  ]),
  edge("admission", ["runtime/admission/", "runtime/client-address.ts"]),
  room("multipart"),
  room("media", none, ["multipart"]),
  room("image", ["node:zlib", "jpeg-js", "thumbhash"], ["multipart", "media"]),
  room("storage", none, ["multipart", "image", "media"]),
  edge("settings", ["runtime/settings.ts"]),
  room("database", ["drizzle-orm", "@neondatabase/serverless", "pg"], ["multipart", "image", "media", "storage"]),
  edge(
    "databases",
    ["databases/"],
    ["drizzle-orm", "@neondatabase/serverless", "pg", "mongodb", "node:net", "node:tls"],
    ["multipart", "image", "media", "storage"],
  ),
  room("files", ["drizzle-orm"], ["multipart", "image"]),
  room("links", ["nanoid", "drizzle-orm"], ["multipart", "image"]),
  room("body", none, ["image", "database", "files", "links"]),
  room("auth", ["jose"], ["image", "database", "files", "links"]),
  edge("idempotency keys", ["runtime/idempotency/keys.ts"], ["drizzle-orm"], ["multipart", "image"]),
  edge("call", ["runtime/call/", "runtime/deployment.ts", "runtime/hooks.ts"], ["nanoid"], ["multipart"]),
  room("rate-limits", ["cloudflare:workers"], ["multipart", "image", "files", "links"]),
  room("http", none, ["multipart", "image"]),
  room("idempotency", none, ["image"]),
  room("upload"),
  room("quotas", ["drizzle-orm"], ["image", "links"]),
  room("thumbnails", ["drizzle-orm"], ["multipart"]),
  room("pipeline"),
  room("documents", none, ["multipart", "image", "files", "links"]),
  room("accounts", ["jose", "drizzle-orm", "bcryptjs", "@phi-ag/argon2"]),
  room("webhooks", none, ["multipart", "image", "files", "links"]),
  edge("build", ["runtime/build.ts", "runtime/probes.ts"]),
  room("upload-links", ["nanoid", "drizzle-orm"], ["multipart", "image"]),
  room("resumable", ["cloudflare:workers", "drizzle-orm"], ["multipart", "image", "links"]),
  room("jobs", ["drizzle-orm"], ["multipart"]),
  room("file-api", none, ["jobs", "multipart"]),
  room("routes", ["hono"], ["jobs", "multipart", "image"]),
  edge("app", ["runtime/app.ts", "runtime/triggers.ts"], ["hono"]),
  { name: "cli", paths: ["src/cli/"] },
  edge("package", ["index.ts"], ["hono"]),
];
