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

export const rooms: readonly Room[] = [
  { name: "contract", paths: ["src/contract/"], packages: none },
  { name: "compiler", paths: ["src/compiler/"] },
  { name: "cli", paths: ["src/cli/"] },
  {
    name: "leaves",
    paths: ["src/bytes.ts", "src/sigv4.ts", "src/exact-number.ts", "src/secrets.ts"],
    not: ["compiler", "cli"],
    packages: none,
  },
  {
    name: "admission",
    paths: ["src/admission/", "src/http/client-address.ts"],
    not: ["compiler", "cli"],
    packages: none,
  },
  { name: "multipart", paths: ["src/multipart/"], not: ["compiler", "cli"], packages: none },
  { name: "media", paths: ["src/media/"], not: ["compiler", "cli", "multipart"], packages: none },
  {
    name: "image",
    paths: ["src/image/"],
    not: ["compiler", "cli", "multipart", "media"],
    packages: ["node:zlib", "jpeg-js", "thumbhash"],
  },
  { name: "storage", paths: ["src/storage/"], not: ["compiler", "cli", "multipart", "image", "media"], packages: none },
  {
    name: "database",
    paths: ["src/database/"],
    not: ["compiler", "cli", "multipart", "image", "media", "storage"],
    packages: ["drizzle-orm", "@neondatabase/serverless", "pg", "mongodb", "node:net", "node:tls"],
  },
  { name: "files", paths: ["src/files/"], not: ["compiler", "cli", "multipart", "image"], packages: ["drizzle-orm"] },
  {
    name: "auth",
    paths: ["src/auth/"],
    not: ["compiler", "cli", "multipart", "image", "database", "files"],
    packages: none,
  },
  { name: "http", paths: ["src/http/"], not: ["compiler", "cli", "multipart", "image"], packages: ["nanoid"] },
  {
    name: "pipeline",
    paths: ["src/pipeline/"],
    not: ["compiler", "cli"],
    packages: ["jose", "nanoid", "drizzle-orm"],
  },
  { name: "settings", paths: ["src/settings.ts"], not: ["compiler", "cli"], packages: none },
  {
    name: "services",
    paths: ["src/build.ts", "src/services.ts", "src/probes.ts"],
    not: ["compiler", "cli"],
    packages: none,
  },
  { name: "jobs", paths: ["src/jobs/"], not: ["compiler", "cli"], packages: ["drizzle-orm"] },
  { name: "file-api", paths: ["src/file-api/"], not: ["compiler", "cli", "jobs"], packages: none },
  { name: "app", paths: ["src/app.ts", "src/triggers.ts"], not: ["compiler", "cli"], packages: ["hono"] },
  { name: "generated", paths: ["src/generated/"], not: ["compiler", "cli"], packages: none },
  { name: "worker", paths: ["src/worker.ts"], not: ["compiler", "cli"], packages: none },
];
