/** What the compiler reads of wrangler.toml, and what it says where the chosen database lacks something. */
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../../src/compiler/text/diagnostic.ts";
import { createReport, formatDiagnostic } from "../../../src/compiler/text/diagnostic.ts";
import type { DeploymentFile } from "../../../src/cli/configuration/deployment.ts";
import { readDeployment } from "../../../src/cli/configuration/deployment.ts";
import { placeOfKey } from "../../../src/cli/configuration/toml-place.ts";
import { checkNames } from "../../../src/cli/configuration/variables.ts";
import { emitBuild } from "../../../src/compiler/emit.ts";

function read(text: string, environment: string | null = null): { deployment: DeploymentFile; faults: string[] } {
  const found: Diagnostic[] = [];
  const deployment = readDeployment(text, environment, createReport("wrangler.toml", found));
  return { deployment, faults: found.map(formatDiagnostic) };
}

const d1 = '[[d1_databases]]\nbinding = "DB"\n';
const hyperdrive = '[[hyperdrive]]\nbinding = "HYPERDRIVE"\n';
const neon = '[secrets]\nrequired = ["LINK_SECRET", "DATABASE_URL"]\n';
const choose = (name: string): string => `[vars]\nDATABASE = "${name}"\n`;

describe("the database", () => {
  test.each([
    ["d1", d1],
    ["neon", neon],
    ["hyperdrive", hyperdrive],
  ])("%s, with what it takes", (name, capabilities) => {
    const { deployment, faults } = read(choose(name) + capabilities);
    expect([deployment.database, faults]).toEqual([name, []]);
  });

  test("d1 where nothing is said", () => {
    expect(read(d1)).toMatchObject({ deployment: { database: "d1" }, faults: [] });
  });

  test.each([
    [choose("d1"), '/d1_databases: DATABASE is d1, but there is no [[d1_databases]] with binding = "DB"'],
    [
      choose("d1") + d1.replace("DB", "DATA"),
      '/d1_databases: DATABASE is d1, but there is no [[d1_databases]] with binding = "DB"',
    ],
    [
      choose("hyperdrive") + d1,
      '/hyperdrive: DATABASE is hyperdrive, but there is no [[hyperdrive]] with binding = "HYPERDRIVE"',
    ],
    [
      `${choose("neon")}[secrets]\nrequired = ["LINK_SECRET"]\n`,
      '/secrets/required: DATABASE is neon, but "DATABASE_URL" is not among the required secrets',
    ],
    [
      choose("hyperdrve") + d1,
      ':2:1: "hyperdrve" is no database; expected one of "d1", "neon", "hyperdrive". Did you mean "hyperdrive"?',
    ],
    [`${d1}[vars]\nDATABASE = 1\n`, ':4:1: DATABASE must be text: write "1"'],
  ])("%j lacks something", (text, fault) => {
    expect(read(text).faults).toEqual([`wrangler.toml${fault}`]);
  });

  test("a text that is not TOML is told of by line and column", () => {
    expect(read("[vars\nDATABASE = 1").faults[0]).toMatch(/^wrangler\.toml:1:\d+: not TOML: /);
  });

  test.each(["d1", "neon", "hyperdrive"] as const)("%s is the one engine that is bundled", (name) => {
    const text = emitBuild(name, [], (module) => module);
    expect(text.match(/(?<=from "\.\/)(?:d1|neon|hyperdrive)/g)).toEqual([name]);
  });
});

describe("FILE_API", () => {
  test.each([
    ["", false],
    ["[vars]\n", false],
    ['[vars]\nFILE_API = "off"\n', false],
    ['[vars]\nFILE_API = ""\n', false],
    ['[vars]\nFILE_API = "on"\n', true],
  ])("%j", (text, isOn) => {
    expect(read(d1 + text)).toMatchObject({ deployment: { fileApi: isOn }, faults: [] });
  });

  test.each([
    ['"On"', 'is On; known are off|on. Did you mean "on"?'],
    ["true", "must be text"],
  ])("%s is neither on nor off", (value, fault) => {
    const { deployment, faults } = read(`${d1}[vars]\nFILE_API = ${value}\n`);
    expect([deployment.fileApi, faults]).toEqual([false, [`wrangler.toml:4:1: FILE_API ${fault}`]]);
  });

  test("environments inherit no variables: one build cannot be for both", () => {
    const text = `${d1}[vars]\nFILE_API = "on"\n[env.live]\n${d1.replace("[[", "[[env.live.")}`;
    expect(read(text, "live")).toMatchObject({ deployment: { fileApi: false }, faults: [] });
    expect(read(text, "")).toMatchObject({ deployment: { fileApi: true }, faults: [] });
    expect(read(text).faults).toEqual([
      "wrangler.toml/env/live/vars/FILE_API: FILE_API is off, the top level's is on: set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env",
    ]);
  });
});

describe("environments", () => {
  const text = `${choose("d1")}${d1}\n[env.live.vars]\nDATABASE = "neon"\n[env.live.secrets]\nrequired = ["DATABASE_URL"]\n`;

  test("choose for themselves, where the build knows which it is for", () => {
    expect(read(text, "live")).toMatchObject({ deployment: { database: "neon" }, faults: [] });
    expect(read(text, "")).toMatchObject({ deployment: { database: "d1" }, faults: [] });
  });

  test("inherit no bindings and no secrets", () => {
    const bare = `${choose("d1")}${d1}${neon}\n[env.live.vars]\nDATABASE = "neon"\n[env.test]\n`;
    expect(read(bare, "live").faults).toEqual([
      'wrangler.toml/env/live/secrets/required: DATABASE is neon, but "DATABASE_URL" is not among the required secrets',
    ]);
    expect(read(bare, "test").faults).toEqual([
      'wrangler.toml/env/test/d1_databases: DATABASE is d1, but there is no [[d1_databases]] with binding = "DB"',
    ]);
  });

  test("that differ are no matter of luck", () => {
    expect(read(text).faults).toEqual([
      "wrangler.toml:7:1: DATABASE is neon, the top level's is d1: set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env",
    ]);
  });

  test("are known by name", () => {
    expect(read(text, "liv").faults).toEqual([
      'wrangler.toml/env: there is no environment "liv". Did you mean "live"?',
    ]);
  });
});

describe("what $ENV may name", () => {
  const top = `${d1}[vars]\nDATABASE = "d1"\nREGION = "eu"\n[secrets]\nrequired = ["JWT_SECRET_KEY"]\n`;
  const live = `${top}[[env.live.d1_databases]]\nbinding = "DB"\n[env.live.vars]\nSTAGE = "live"\n`;

  test.each<[string, string | null, [string | null, string[]][]]>([
    [top, null, [[null, ["DATABASE", "REGION", "JWT_SECRET_KEY"]]]],
    [d1, null, [[null, []]]],
    [live, "live", [["live", ["STAGE"]]]],
    [live, "", [[null, ["DATABASE", "REGION", "JWT_SECRET_KEY"]]]],
    [
      live,
      null,
      [
        [null, ["DATABASE", "REGION", "JWT_SECRET_KEY"]],
        ["live", ["STAGE"]],
      ],
    ],
    ["[vars", null, []],
  ])("%j built for %j", (text, environment, declared) => {
    const found = read(text, environment).deployment.declared;
    expect(found.map(({ environment: name, names }) => [name, [...names]])).toEqual(declared);
  });
});

test.each([
  ["", null],
  ['[vars]\nMAX_REQUEST_BYTES = "1000000"\n[env.big.vars]\nMAX_REQUEST_BYTES = "2000000"\n', 1_000_000],
  ['[vars]\nMAX_REQUEST_BYTES = "5000"\n[env.small.vars]\nMAX_REQUEST_BYTES = "400"\n', 400],
  ['[vars]\nMAX_REQUEST_BYTES = ["a"]\n', null],
])("MAX_REQUEST_BYTES: the least of %j", (text, bytes) => {
  expect(read(d1 + text).deployment.maxRequestBytes).toBe(bytes);
});

describe("variables", () => {
  test.each([
    ["MAX_PARTS", '"0"', "must be a whole number from 1 to 10000"],
    ["MAX_REQUEST_BYTES", '"100_000"', "must be a whole number from 1 to 5000000000"],
    ["MAX_PARTS", "500", 'must be text: write "500"'],
    ["LINKS", '"s3"', "is s3; known are worker|r2"],
    ["ALLOWED_HTTP_METHODS", '"POST|PUT"', "may not hold PUT"],
    ["FILE_API_TYPES", '"image/png, pdf"', "may not hold pdf"],
    ["FILE_API_BUCKET", "false", "must be text"],
  ])("%s cannot be %s", (name, value, fault) => {
    expect(read(`${d1}[vars]\nDATABASE = "d1"\n  ${name} = ${value}\n`).faults).toEqual([
      `wrangler.toml:5:3: ${name} ${fault}`,
    ]);
  });

  test.each([
    ["MAX_PARTS", "1"],
    ["MAX_PARTS", "10000"],
    ["RETENTION_SECONDS", "0"],
    ["LINK_AUDIT_DAYS", ""],
    ["ALLOWED_ORIGINS", "https://a.example, https://b.example"],
    ["ANYTHING", "x"],
  ])("%s may be %j", (name, value) => {
    expect(read(`${d1}[vars]\n${name} = "${value}"\n`).faults).toEqual([]);
  });

  test("only of the environments that are built", () => {
    const text = `${d1}[vars]\nMAX_PARTS = "many"\n[env.live]\nvars = { MAX_PARTS = "few" }\n${d1.replace("[[", "[[env.live.")}`;
    const fault = (place: string) => `wrangler.toml${place}: MAX_PARTS must be a whole number from 1 to 10000`;
    expect(read(text, "").faults).toEqual([fault(":4:1")]);
    // An inline table's keys have no line of their own.
    expect(read(text, "live").faults).toEqual([fault("/env/live/vars/MAX_PARTS")]);
    expect(read(text).faults).toEqual([fault(":4:1"), fault("/env/live/vars/MAX_PARTS")]);
  });

  test.each([
    [
      "MAX_REQEST_BYTES",
      ':4:1: MAX_REQEST_BYTES is no setting, and no ABI reads it. Did you mean "MAX_REQUEST_BYTES"?',
    ],
    ["COLOUR_OF_THE_SKY", ":4:1: warning: COLOUR_OF_THE_SKY is no setting, and no ABI reads it"],
    ["REGION", null],
    ["REGION_PREVIOUS", null],
    ["GALLERY", null],
  ])("%s", (name, line) => {
    const found: Diagnostic[] = [];
    const report = createReport("wrangler.toml", found);
    const { variables } = readDeployment(`${d1}[vars]\n${name} = "on"\n`, null, report);
    checkNames(variables, [{ text: '{ "value": "$ENV.REGION" }' }], report);
    expect(found.map(formatDiagnostic)).toEqual(line === null ? [] : [`wrangler.toml${line}`]);
  });
});

test.each([
  ["[vars]\nA = 1", ["vars", "A"], ":2:1"],
  ['[ "env" . \'live\'.vars ]\n\t"A" = 1', ["env", "live", "vars", "A"], ":2:2"],
  ["[env.live]\nvars.A = 1", ["env", "live", "vars", "A"], ":2:1"],
  ["vars.A = 1\n[vars]\nA = 2", ["vars", "A"], ":1:1"],
  ["[other]\nA = 1\n[vars]\nAB = 1\nA = 2", ["vars", "A"], ":5:1"],
  ["[[vars]]\nA = 1", ["vars", "A"], null],
  ["[vars]\n# A = 1\nvars = { A = 1 }", ["vars", "A"], null],
])("in %j the key %j is at %s", (text, path, place) => {
  expect(placeOfKey(text, path)).toBe(place);
});
