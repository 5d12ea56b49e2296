/** A new project, and this repository, as Cloudflare's deploy button and wrangler read them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { bindingDescriptions } from "../../../src/cli/init/binding-descriptions.ts";
import { projectFiles } from "../../../src/cli/init/project-files.ts";
import { parseVars } from "../../../src/cli/local/secrets.ts";
import { databaseNames } from "../../../src/contract/database-names.ts";
import { root } from "../compiler/support.ts";

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly cloudflare: { readonly bindings: Readonly<Record<string, { readonly description: string }>> };
}

interface Bound {
  readonly binding: string;
}

interface Configuration {
  readonly secrets: { readonly required: readonly string[] };
  readonly observability: unknown;
  readonly placement?: unknown;
  readonly r2_buckets: readonly Bound[];
  readonly d1_databases?: readonly (Bound & { readonly database_id?: string })[];
  readonly hyperdrive?: readonly Bound[];
  readonly queues?: { readonly producers: readonly Bound[] };
}

const repository = (path: string): string => readFileSync(join(root, path), "utf8");
const projects = databaseNames.map((database) => {
  const files = new Map(projectFiles({ name: "my-uploads", database, gallery: false }));
  return [`a project on ${database}`, (path: string) => files.get(path) ?? ""] as const;
});

describe.each([["this repository", repository] as const, ...projects])("%s", (_title, read) => {
  const manifest = JSON.parse(read("package.json")) as Manifest;
  const configuration = parse(read("wrangler.toml")) as unknown as Configuration;
  const { secrets, r2_buckets, d1_databases = [], hyperdrive = [], queues } = configuration;

  test("describes what the button asks for, and nothing else", () => {
    const asked = [...r2_buckets, ...d1_databases, ...hyperdrive, ...(queues?.producers ?? [])].map(
      ({ binding }) => binding,
    );
    const told = Object.entries(manifest.cloudflare.bindings).map(([name, { description }]) => [name, description]);
    expect(told).toEqual([...asked, ...secrets.required].map((name) => [name, bindingDescriptions[name]]));
  });

  test("has the button's two commands, and its logs on", () => {
    expect(manifest.scripts).toMatchObject({
      build: expect.stringMatching(/sluice(?:\.ts)? build$/),
      deploy: expect.stringMatching(/sluice(?:\.ts)? deploy$/),
    });
    expect(configuration.observability).toEqual({ enabled: true });
    expect(d1_databases.flatMap(({ database_id }) => database_id ?? [])).toEqual([]);
  });

  test("names its secrets without a value: the button would put it on everybody's Worker", () => {
    expect(parseVars(read(".dev.vars.example"))).toEqual(
      Object.fromEntries(secrets.required.map((name) => [name, ""])),
    );
  });
});

test.each(projects)("%s runs near its database, unless that is D1", (title, read) => {
  const { placement } = parse(read("wrangler.toml")) as unknown as Configuration;
  expect(placement).toEqual(title.endsWith("d1") ? undefined : { mode: "smart" });
});

test.each(["wrangler.json", "wrangler.jsonc", "wrangler.toml"])(
  "init leaves a %s as it is, and adds no other",
  (name) => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-init-"));
    try {
      writeFileSync(join(folder, name), "{}");
      const { stdout, status } = spawnSync(process.execPath, [join(root, "src/cli/sluice.ts"), "init"], {
        cwd: folder,
        encoding: "utf8",
      });
      expect([status, stdout]).toEqual([0, expect.stringContaining(`  ${name}  was there: left as it is\n`)]);
      const others = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"].filter((other) => other !== name);
      expect(others.filter((other) => existsSync(join(folder, other)))).toEqual([]);
      expect(readFileSync(join(folder, name), "utf8")).toBe("{}");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
