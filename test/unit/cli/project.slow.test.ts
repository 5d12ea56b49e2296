/** What is shipped: the ABIs, the schema, the command. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { compileAbis } from "../../../src/compiler/compile.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import { emitJsonSchema } from "../../../src/compiler/emit.ts";
import {
  buildPath,
  isStale,
  plansPath,
  readAbis,
  readMigrations,
  schemaPath,
  workerPath,
} from "../../../src/cli/project.ts";
import { nearest } from "../../../src/compiler/text/suggest.ts";
import { toJsonc } from "../../support/node/to-jsonc.ts";
import { abi, root, upload } from "../compiler/support.ts";

describe("shipped", () => {
  test("the ABIs compile without a warning, and the schema is fresh", async () => {
    const { plans, diagnostics } = await compileAbis(readAbis(root), {
      database: openTarget(sqliteTarget, readMigrations(root)),
    });
    expect(diagnostics).toEqual([]);
    expect(plans.every(({ atomic }) => atomic)).toBe(true);
    expect(isStale(root, schemaPath, emitJsonSchema())).toBe(false);
  });

  test("the output does not depend on the order of the files", async () => {
    const options = { database: openTarget(sqliteTarget, readMigrations(root)) };
    const forwards = await compileAbis(readAbis(root), options);
    const backwards = await compileAbis(readAbis(root).toReversed(), options);
    expect(backwards.plans).toEqual(forwards.plans);
  });

  test("the JSON Schema accepts them, and refuses a misspelt property", () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(root, schemaPath), "utf8")));
    for (const { name, text } of readAbis(root)) {
      expect([name, schema.safeParse(JSON.parse(text)).success]).toEqual([name, true]);
    }
    expect(schema.safeParse(abi([upload()])).success).toBe(true);
    expect(schema.safeParse(abi([upload({ max_file_upload: 1 })])).success).toBe(false);
  });
});

describe("the command", () => {
  let copy = "";
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), "sluice-abi-"));
    for (const path of ["abis", "migrations", "wrangler.toml"]) {
      cpSync(join(root, path), join(copy, path), { recursive: true });
    }
    // Without SQL the command need not load its parsers: the tests are quick.
    for (const name of ["my-gallery", "upload-gallery-and-store"]) rmSync(join(copy, `abis/${name}.json`));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(copy, { recursive: true });
  });

  const run = (...options: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [join(root, "src/cli/sluice.ts"), "build", ...options], {
      cwd: copy,
      encoding: "utf8",
    });

  test("is quiet when nothing is wrong, and writes only what changes", () => {
    const written = [plansPath, buildPath, workerPath].join(" and ");
    expect(run().stdout).toBe(`4 endpoints compiled for d1: ${written} written\n`);
    expect(run("--strict", "--check")).toMatchObject({
      status: 0,
      stdout: "4 endpoints compiled for d1: nothing changed\n",
      stderr: "",
    });
    writeFileSync(join(copy, schemaPath), "{}");
    const hint = '4 endpoints compiled for d1: abis/schema.json stale, run "sluice build"\n';
    expect(run("--check")).toEqual(expect.objectContaining({ status: 1, stdout: "", stderr: hint }));
    const table = run("--table").stdout;
    expect(table).not.toContain("The file API");
    expect(table).toMatch(
      /POST \/upload-gallery +upload +2 × 20 MiB image\/png .* x-access-token \(id\) +atomic +atomic\n/,
    );
  });

  test("without FILE_API leaves the file API out, and says so in the table alone", () => {
    const toml = readFileSync(join(copy, "wrangler.toml"), "utf8");
    writeFileSync(join(copy, "wrangler.toml"), toml.replace('FILE_API = "on"', ""));
    expect(run("--strict")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^4 endpoints .* written\n$/) });
    expect(readFileSync(join(copy, buildPath), "utf8")).not.toContain("fileApi");
    const told = run("--table", "--strict", "--check");
    expect([told.status, told.stderr]).toEqual([0, ""]);
    expect(told.stdout).toMatch(/\nThe file API is off: FILE_API = "on" under vars turns it on\n$/);
  });

  test("prints the fault, writes nothing and exits with 1", () => {
    writeFileSync(join(copy, "abis/wrong.json"), JSON.stringify(abi([upload({ max_file_upload: 2 })])));
    const { status, stderr, stdout } = run();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^abis\/wrong\.json:1:\d+: unknown property "max_file_upload"\n {2}1 \| ….*"max_file_upload":2.*\n +\| +\^{17}\n {2}expected [^]*\n {2}Did you mean "max_file_uploads"\?\n1 fault: nothing was compiled\n$/,
    );
    expect(existsSync(join(copy, plansPath))).toBe(false);
  });

  test("--strict makes errors of warnings; the body limit is the deployment's", () => {
    const warning = abi([
      { ...upload(), id: 1 },
      { id: 2, mode: "QUERY", sql_query: { query: "SELECT id FROM gallery WHERE url = $1", parameters: ["colour"] } },
    ]);
    writeFileSync(join(copy, "abis/warning.json"), JSON.stringify(warning));
    expect(run("--strict").status).toBe(1);
    expect(run()).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^5 endpoints compiled for d1: .*plans\.ts and .*worker\.ts written\n$/),
    });
    writeFileSync(
      join(copy, "wrangler.toml"),
      '[vars]\nMAX_REQUEST_BYTES = "1000000"\n[env.big.vars]\nMAX_REQUEST_BYTES = "2000000"\n',
    );
    expect(run().stderr).toContain("are over the deployment's request-body limit of 1000000 bytes");
  });

  test("the files it writes name the package, which is there without a repository of it", () => {
    run();
    const text = [buildPath, workerPath, plansPath].map((path) => readFileSync(join(copy, path), "utf8")).join("");
    expect([...new Set(text.match(/from ".*"/g))]).toEqual([
      'from "sluice"',
      'from "sluice/d1"',
      'from "sluice/quotas"',
      'from "sluice/deleting"',
      'from "sluice/thumbnails"',
      'from "sluice/pictures"',
      'from "sluice/file-api"',
      'from "./plans.ts"',
      'from "./build.ts"',
    ]);
  });

  test("an ABI that is resumable: the build says what to add, and then exports the class", () => {
    const inPieces = abi([upload({ resumable: true, max_upload_file_size: 5_000_000_000 })]);
    writeFileSync(join(copy, "abis/video.json"), JSON.stringify(inPieces));
    const { status, stderr } = run();
    expect(status).toBe(1);
    const [said = "", ...blocks] = stderr.slice(stderr.indexOf("wrangler.toml")).split("\n\n");
    expect(said).toContain("abis/video.json is resumable: files that come in pieces go through Durable Objects");
    const added = blocks.filter((block) => /^ *\[\[/.test(block)).join("\n\n");
    const configuration = readFileSync(join(copy, "wrangler.toml"), "utf8");
    writeFileSync(join(copy, "wrangler.toml"), `${configuration}\n${added}\n`);
    expect(run()).toMatchObject({ status: 0 });
    expect(readFileSync(join(copy, workerPath), "utf8")).toContain(
      'export { ResumableUpload } from "sluice/resumable";',
    );
    expect(readFileSync(join(copy, buildPath), "utf8")).toContain('import { resumable } from "sluice/resumable";');
  });

  test("FILE_API_RESUMABLE: the same, without such an ABI", () => {
    const configuration = readFileSync(join(copy, "wrangler.toml"), "utf8");
    writeFileSync(
      join(copy, "wrangler.toml"),
      configuration.replace('FILE_API = "on"', 'FILE_API = "on"\nFILE_API_RESUMABLE = "true"'),
    );
    const { status, stderr } = run();
    expect([status, stderr]).toEqual([1, expect.stringContaining("FILE_API_RESUMABLE is true: files that come in")]);
    const added = stderr.split("\n\n").filter((block) => /^ *\[\[/.test(block));
    writeFileSync(
      join(copy, "wrangler.toml"),
      `${readFileSync(join(copy, "wrangler.toml"), "utf8")}\n${added.join("\n\n")}\n`,
    );
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(copy, workerPath), "utf8")).toContain(
      'export { ResumableUpload } from "sluice/resumable";',
    );
    const built = readFileSync(join(copy, buildPath), "utf8");
    expect(built).toContain('import { resumableFileApi } from "sluice/resumable-file-api";');
    expect(built).toMatch(/features: \{.*resumable: resumable, fileApi: resumableFileApi \}/);
  });

  test("what another version wrote is written anew, and does not go on serving where that fails", () => {
    vi.stubEnv("WRANGLER_COMMAND", "dev");
    vi.stubEnv("SLUICE_DEV", "nobody");
    run();
    const path = join(copy, buildPath);
    const text = readFileSync(path, "utf8");
    const ofAnother = text.replace('version: "source"', 'version: "0.0"');
    expect(ofAnother).not.toBe(text);
    writeFileSync(path, ofAnother);
    const wrong = join(copy, "migrations/d1/0099_wrong.sql");
    writeFileSync(wrong, "DROP TABLE sluice_jobs;\n");
    expect(run()).toMatchObject({ status: 1, stderr: expect.not.stringContaining("goes on serving") });
    writeFileSync(path, text);
    expect(run()).toMatchObject({ status: 0, stderr: expect.stringContaining("goes on serving") });
    writeFileSync(path, ofAnother);
    rmSync(wrong);
    expect(run()).toMatchObject({ status: 0, stdout: `4 endpoints compiled for d1: ${buildPath} written\n` });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("a folder that is no project is told so", () => {
    rmSync(join(copy, "wrangler.toml"));
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^There is no wrangler\.toml in .*: "sluice init" writes a project\n$/);
  });

  test.each(["wrangler.jsonc", "wrangler.json"])("builds the same of a %s", (name) => {
    const outputs = () => [plansPath, buildPath, workerPath].map((path) => readFileSync(join(copy, path), "utf8"));
    run();
    const fromToml = outputs();
    const jsonc = toJsonc(readFileSync(join(copy, "wrangler.toml"), "utf8"));
    writeFileSync(join(copy, name), jsonc);
    const ignored = `wrangler.toml: warning: is not read: wrangler takes ${name}, which is here as well\n`;
    expect(run()).toMatchObject({ status: 0, stderr: ignored });
    expect(run("--strict").status).toBe(1);
    rmSync(join(copy, "wrangler.toml"));
    rmSync(join(copy, ".sluice"), { recursive: true });
    expect(run("--strict")).toMatchObject({ status: 0, stderr: "" });
    expect(outputs()).toEqual(fromToml);
    writeFileSync(join(copy, name), jsonc.replace('"FILE_API"', '"FILE_APY"'));
    const place = `${name}:${String(jsonc.slice(0, jsonc.indexOf('"FILE_API"')).split("\n").length)}:5`;
    const told = run();
    expect([told.status, told.stderr]).toEqual([1, expect.stringContaining('\n  Did you mean "FILE_API"?\n')]);
    expect(told.stderr).toContain(`${place}: FILE_APY is no setting, and no ABI reads it\n`);
  });

  test("a migration that names the runtime's tables is a fault, with its line", () => {
    writeFileSync(join(copy, "migrations/d1/0099_more.sql"), "CREATE TABLE a (id text);\nDROP TABLE sluice_jobs;\n");
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^migrations\/d1\/0099_more\.sql:2: names sluice_jobs, which is the runtime's own: .*\n$/);
    expect(existsSync(join(copy, plansPath))).toBe(false);
  });

  test("an unknown option is not ignored", () => expect(run("--stict").status).toBe(2));
});

test.each([
  ["max_file_upload", ["max_file_uploads", "mode"], "max_file_uploads"],
  ["IMAGE", ["imgae"], "imgae"],
  ["x", ["completely", "different"], null],
  ["", ["abc"], null],
])("nearest to %j of %j", (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});
