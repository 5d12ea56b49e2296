/** Which PostgreSQL a command may touch: the deployed one is never a developer's own. */
import { describe, expect, test } from "vitest";
import { checkDatabaseUrl, databaseNamed } from "../../../../src/cli/migrations/deployed-database.ts";

const local = [
  "postgresql://me:secret@localhost/app",
  "postgres://me:secret@LOCALHOST.:5432/app",
  "postgresql://me:secret@127.0.0.1/app",
  "postgresql://me:secret@127.1:5432/app",
  "postgresql://me:secret@[::1]:5432/app",
  "postgresql://me:secret@0.0.0.0/app",
  "postgresql://me:secret@db.localhost/app",
  "postgresql://me:secret@host.docker.internal/app",
  "postgresql:///app",
  "postgresql://me:secret@db.example.com/app?host=localhost",
  "postgresql://me:secret@db.example.com/app?host=/var/run/postgresql",
  "postgresql://me:secret@%2Fvar%2Frun/app",
];
const deployed = [
  "postgresql://me:secret@ep-one-two-123.eu-central-1.aws.neon.tech/app?sslmode=require",
  "postgres://me:secret@10.0.0.7:5432/app",
  "postgresql://me:secret@localhost.example.com/app",
  "postgresql://me:secret@localhost/app?host=db.example.com",
];

describe("the deployed database", () => {
  test.each(local)("is not %s", (url) => {
    expect(checkDatabaseUrl(url, false)).toBe(url);
    expect(() => checkDatabaseUrl(url, true)).toThrow(/^DATABASE_URL names .+, which is on this machine: /);
    expect(() => checkDatabaseUrl(url, true)).not.toThrow(/secret/);
  });

  test.each(deployed)("may be %s", (url) => expect(checkDatabaseUrl(url, true)).toBe(url));
});

test.each(["mysql://localhost/app", "app", "https://db.example.com"])("%s is no address", (url) => {
  expect(() => checkDatabaseUrl(url, false)).toThrow("is no address of the form");
});

test.each([
  ["postgresql://me:secret@db.example.com:5433/app", { host: "db.example.com", port: "5433", path: "/app" }],
  ["postgresql://me:secret@a/app?host=b&port=6", { host: "b", port: "6", path: "/app" }],
])("%s is told of without its password", (url, named) => expect(databaseNamed(url)).toEqual(named));
