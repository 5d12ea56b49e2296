/** What a `rate_limit` and `resumable` need of wrangler's configuration, and what the build says to add. */
import { parse } from "smol-toml";
import { describe, expect, test } from "vitest";
import { readDeployment } from "../../../src/cli/configuration/deployment.ts";
import { checkObjects, isBound } from "../../../src/cli/configuration/durable-objects.ts";
import type { CompiledEndpoint } from "../../../src/compiler/compile.ts";
import { createReport, type Diagnostic } from "../../../src/compiler/text/diagnostic.ts";
import { pointerLine } from "../../support/pointer-line.ts";
import { toJsonc } from "../../support/node/to-jsonc.ts";

const d1 = '[[d1_databases]]\nbinding = "DB"\n';

describe.each(["wrangler.toml", "wrangler.jsonc"])("what counts calls, in %s", (name) => {
  const write = (toml: string) => (name === "wrangler.toml" ? toml : toJsonc(toml));
  const limited = {
    file: "abis/a.json",
    id: "a",
    resource: "a",
    plan: { steps: [], rateLimit: {} },
  } as unknown as CompiledEndpoint;
  const unlimited = { ...limited, plan: { steps: [] } } as unknown as CompiledEndpoint;

  /** What the build says, and whether the Worker's module exports the class. */
  function look(toml: string, endpoints = [limited], environment: string | null = null) {
    const found: Diagnostic[] = [];
    const report = createReport(name, found);
    const deployment = readDeployment({ name, text: write(toml) }, environment, report);
    checkObjects(deployment, endpoints, report);
    return {
      told: found.map(pointerLine),
      isBound: deployment.objects.filter(({ feature }) => feature === "rateLimits").map(isBound),
    };
  }

  const bindings = '[[durable_objects.bindings]]\nname = "RATE_LIMITS"\nclass_name = "RateLimiter"\n';
  const migration = '[[migrations]]\ntag = "sluice-rate-limits"\nnew_sqlite_classes = ["RateLimiter"]\n';
  const live = (toml: string) => toml.replaceAll("[[", "[[env.live.");
  /** The members of the object that the JSON is. */
  const members = (toml: string) =>
    JSON.stringify(parse(toml), null, 2)
      .split("\n")
      .slice(1, -1)
      .map((line) => line.slice(2))
      .join("\n");
  const says =
    "abis/a.json has a rate_limit: calls are counted in Durable Objects, and none are bound as RATE_LIMITS. Add";

  test("nothing, where no ABI has a rate_limit", () => {
    expect(look(d1, [unlimited])).toEqual({ told: [], isBound: [false] });
  });

  test("both, where both are there", () => {
    expect(look(d1 + bindings + migration)).toEqual({ told: [], isBound: [true] });
  });

  test("neither: what to add, which does when it is added", () => {
    const [told = ""] = look(d1).told;
    expect(told).toBe(
      name === "wrangler.toml"
        ? `${name}/durable_objects: ${says}:\n\n${bindings}\n${migration}`
        : `${name}/durable_objects: ${says}:\n\n${members(bindings)}\n\nand:\n\n${members(migration)}\n`,
    );
    const [, ...blocks] = told.split("\n\n");
    if (name === "wrangler.toml") expect(look(d1 + blocks.join("\n")).told).toEqual([]);
  });

  test.each<readonly [what: string, toml: string, lacks: string, holds: RegExp]>([
    ["the binding alone", migration, says, /RATE_LIMITS(?!.*new_sqlite_classes)/s],
    [
      "the migration alone",
      bindings,
      "RATE_LIMITS is bound to the class RateLimiter, which nothing makes. Add",
      /new_sqlite_classes(?!.*class_name)/s,
    ],
    [
      "the migration of a class of another name",
      bindings.replace("RateLimiter", "Limits") + migration,
      "RATE_LIMITS is bound to the class Limits, which nothing makes",
      /"Limits"/,
    ],
    [
      "the class in SQLite",
      bindings + migration.replace("_sqlite", ""),
      "the class RateLimiter must be kept in SQLite: name it in new_sqlite_classes, not in new_classes",
      /not in/,
    ],
    [
      "a class that was deleted",
      `${bindings}${migration}[[migrations]]\ntag = "b"\ndeleted_classes = ["RateLimiter"]\n`,
      "which nothing makes",
      /new_sqlite_classes/,
    ],
    ["another binding's class", bindings.replace("RATE_LIMITS", "OTHERS") + migration, says, /RATE_LIMITS/],
  ])("%s is missing", (_, toml, lacks, holds) => {
    const { told } = look(d1 + toml);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(lacks);
    expect(told[0]).toMatch(holds);
  });

  test.each([
    ["renamed", `[[migrations]]\ntag = "a"\nrenamed_classes = [{ from = "Limits", to = "RateLimiter" }]\n`],
    ["made again", `${migration}[[migrations]]\ntag = "b"\ndeleted_classes = ["RateLimiter"]\n${migration}`],
    ["told of by exports", '[exports.RateLimiter]\ntype = "durable-object"\nstorage = "sqlite"\n'],
  ])("a class that is %s will do", (_, life) => {
    expect(look(d1 + bindings + life).told).toEqual([]);
  });

  test("of another Worker needs no migration here", () => {
    expect(look(`${d1}${bindings}script_name = "other"\n`).told).toEqual([]);
  });

  test("beside exports of other classes it is added to them", () => {
    const [told] = look(`${d1}[exports.Room]\ntype = "durable-object"\nstorage = "sqlite"\n`).told;
    expect(told).toMatch(/exports.*RateLimiter/s);
    expect(told).not.toContain("migrations");
  });

  test("environments inherit the migrations, and no binding", () => {
    const both = d1 + bindings + migration + live(d1);
    expect(look(both).told).toEqual([expect.stringContaining(`${name}/env/live/durable_objects: ${says}`)]);
    expect(look(both, [limited], "live").told[0]).toMatch(/env.live(?!.*new_sqlite_classes)/s);
    expect(look(both, [limited], "").told).toEqual([]);
    expect(look(both + live(bindings)).told).toEqual([]);
  });

  test("an environment's own migrations take the place of the top level's", () => {
    const own = `${d1}${bindings}${migration}${live(d1 + bindings)}[[env.live.migrations]]\ntag = "a"\nnew_sqlite_classes = ["Room"]\n`;
    const [told, ...others] = look(own).told;
    expect([told, others]).toEqual([expect.stringContaining("which nothing makes. Add"), []]);
    expect(told).toMatch(/env\.live.*new_sqlite_classes/s);
  });

  test("what environments lack with the top level is told once", () => {
    const { told } = look(d1 + live(d1));
    expect(told.map((line) => line.includes("new_sqlite_classes"))).toEqual([true, false]);
    expect(look(d1 + bindings + live(d1 + bindings)).told).toHaveLength(1);
  });

  test("what no ABI needs is warned of, and exported all the same: wrangler deploys nothing that is bound and not there", () => {
    const { told, isBound: bound } = look(d1 + bindings + migration, [unlimited]);
    expect([told, bound]).toEqual([
      [expect.stringContaining("warning: no ABI has a rate_limit, for which there is RATE_LIMITS")],
      [true],
    ]);
    // An ABI with faults may have one.
    expect(look(d1 + bindings + migration, [{ ...unlimited, plan: null }]).told).toEqual([]);
  });
});

describe.each(["wrangler.toml", "wrangler.jsonc"])("what files in pieces go through, in %s", (name) => {
  const resumable = {
    file: "abis/a.json",
    id: "a",
    resource: "a",
    plan: { steps: [{ mode: "upload", resumable: true }] },
  } as unknown as CompiledEndpoint;
  const limited = {
    ...resumable,
    file: "abis/b.json",
    plan: { steps: [], rateLimit: {} },
  } as unknown as CompiledEndpoint;
  const plain = { ...resumable, plan: { steps: [{ mode: "upload" }] } } as unknown as CompiledEndpoint;

  function look(toml: string, endpoints = [resumable]) {
    const found: Diagnostic[] = [];
    const report = createReport(name, found);
    const deployment = readDeployment({ name, text: name === "wrangler.toml" ? toml : toJsonc(toml) }, null, report);
    checkObjects(deployment, endpoints, report);
    const bound = deployment.objects.filter(isBound).map(({ feature }) => feature);
    return { told: found.map(pointerLine), bound };
  }

  const bindings = '[[durable_objects.bindings]]\nname = "RESUMABLE_UPLOADS"\nclass_name = "ResumableUpload"\n';
  const migration = '[[migrations]]\ntag = "sluice-resumable-uploads"\nnew_sqlite_classes = ["ResumableUpload"]\n';
  const says =
    "abis/a.json is resumable: files that come in pieces go through Durable Objects, and none are bound as RESUMABLE_UPLOADS. Add";

  test("nothing, where no ABI is resumable", () => {
    expect(look(d1, [plain])).toEqual({ told: [], bound: [] });
  });

  test("the file API with FILE_API_RESUMABLE, as an ABI", () => {
    const vars = (fileApi: string, value = '"true"') =>
      `${d1}[vars]\nFILE_API = "${fileApi}"\nFILE_API_RESUMABLE = ${value}\n`;
    const on = vars("on");
    expect(look(on, [plain]).told).toEqual([
      expect.stringContaining(says.replace("abis/a.json is resumable", "FILE_API_RESUMABLE is true")),
    ]);
    expect(look(on + bindings + migration, [plain])).toEqual({ told: [], bound: ["resumable"] });
    for (const none of [vars("off"), vars("on", '"false"'), vars("on", '""')]) {
      expect(look(none, [plain]).told).toEqual([]);
    }
    expect(look(vars("on", "true"), [plain]).told[0]).toContain("FILE_API_RESUMABLE must be text");
    expect(look(vars("on", '"on"'), [plain]).told[0]).toContain("FILE_API_RESUMABLE is on; known are false|true");
  });

  test("a binding and the life of its class", () => {
    expect(look(d1 + bindings + migration)).toEqual({ told: [], bound: ["resumable"] });
    const { told } = look(d1);
    expect(told).toEqual([expect.stringContaining(`${name}/durable_objects: ${says}`)]);
    if (name === "wrangler.toml") expect(told[0]).toContain(`${bindings}\n${migration}`);
    expect(told[0]).toMatch(/RESUMABLE_UPLOADS.*sluice-resumable-uploads/s);
    expect(look(d1 + migration).told[0]).not.toMatch(/new_sqlite_classes/);
    expect(look(d1 + bindings).told).toEqual([
      expect.stringContaining("RESUMABLE_UPLOADS is bound to the class ResumableUpload, which nothing makes. Add"),
    ]);
    expect(look(d1 + bindings + migration.replace("_sqlite", "")).told).toEqual([
      expect.stringContaining("the class ResumableUpload must be kept in SQLite"),
    ]);
  });

  test("each environment binds its own", () => {
    const live = (toml: string) => toml.replaceAll("[[", "[[env.live.");
    const { told } = look(d1 + bindings + migration + live(d1));
    expect(told).toEqual([expect.stringContaining(`${name}/env/live/durable_objects: ${says}`)]);
    expect(look(d1 + bindings + migration + live(d1 + bindings)).told).toEqual([]);
  });

  test("beside what counts calls: each is asked for by itself, and does when it is added", () => {
    const both = look(d1, [resumable, limited]).told;
    expect(both.map((line) => /bound as (\w+)/.exec(line)?.[1])).toEqual(["RATE_LIMITS", "RESUMABLE_UPLOADS"]);
    const blocks = both.flatMap((line) => line.split("\n\n").slice(1));
    if (name === "wrangler.toml") {
      const added = look(d1 + blocks.join("\n"), [resumable, limited]);
      expect(added).toEqual({ told: [], bound: ["rateLimits", "resumable"] });
    }
    expect(look(d1 + bindings + migration, [resumable, limited]).told).toEqual([
      expect.stringContaining("none are bound as RATE_LIMITS"),
    ]);
  });

  test("what no ABI needs is warned of, and exported all the same", () => {
    expect(look(d1 + bindings + migration, [plain])).toEqual({
      told: [expect.stringContaining("warning: no ABI is resumable, for which there is RESUMABLE_UPLOADS")],
      bound: ["resumable"],
    });
  });
});
