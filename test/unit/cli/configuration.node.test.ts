/** What the compiler reads of wrangler's configuration, in TOML and in JSON with comments, and what it says of faults. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findConfiguration } from "../../../src/cli/configuration/file.ts";
import { readProject } from "../../../src/cli/project.ts";
import { readConfiguration, type SettingPath } from "../../../src/cli/configuration/configuration.ts";
import { readDeployment, type DeploymentFile } from "../../../src/cli/configuration/deployment.ts";
import { checkNames } from "../../../src/cli/configuration/variables.ts";
import { createReport, type Diagnostic } from "../../../src/compiler/text/diagnostic.ts";
import { pointerLine } from "../../support/pointer-line.ts";
import { emitBuild } from "../../../src/compiler/emit.ts";
import { toJsonc } from "../../support/node/to-jsonc.ts";

const d1 = '[[d1_databases]]\nbinding = "DB"\n';
const hyperdrive = '[[hyperdrive]]\nbinding = "HYPERDRIVE"\n';
const neon = '[secrets]\nrequired = ["LINK_SECRET", "DATABASE_URL"]\n';
const choose = (name: string): string => `[vars]\nDATABASE = "${name}"\n`;

describe.each(["wrangler.toml", "wrangler.jsonc", "wrangler.json"])("%s", (name) => {
  const write = (toml: string) => ({ name, text: name === "wrangler.toml" ? toml : toJsonc(toml) });

  function read(toml: string, environment: string | null = null): { deployment: DeploymentFile; faults: string[] } {
    const found: Diagnostic[] = [];
    const file = write(toml);
    const deployment = readDeployment(file, environment, createReport(name, found));
    return { deployment, faults: found.map(pointerLine) };
  }

  /** Where the key is written, found by looking for it. @param nth of several */
  function at(toml: string, key: string, nth = 0): string {
    const { text } = write(toml);
    const found = [...text.matchAll(new RegExp(`(?:"${key}"|\\b${key}\\b)(?=\\s*[:=])`, "g"))][nth];
    if (found === undefined) throw new Error(`no ${key} in ${text}`);
    const before = text.slice(0, found.index).split("\n");
    return `${name}:${String(before.length)}:${String((before.at(-1)?.length ?? 0) + 1)}`;
  }

  describe("the database", () => {
    test.each([
      ["d1", d1],
      ["neon", neon],
      ["hyperdrive", hyperdrive],
    ])("%s, with what it takes", (database, capabilities) => {
      const { deployment, faults } = read(choose(database) + capabilities);
      expect([deployment.database, faults]).toEqual([database, []]);
    });

    test("d1 where nothing is said", () => {
      expect(read(d1)).toMatchObject({ deployment: { database: "d1" }, faults: [] });
    });

    test.each([
      [choose("d1"), '/d1_databases: DATABASE is d1, but d1_databases has no entry with the binding "DB"'],
      [
        choose("hyperdrive") + d1,
        '/hyperdrive: DATABASE is hyperdrive, but hyperdrive has no entry with the binding "HYPERDRIVE"',
      ],
      [
        `${choose("neon")}[secrets]\n`,
        '/secrets/required: DATABASE is neon, but "DATABASE_URL" is not among the required secrets',
      ],
    ])("%j lacks something", (toml, fault) => {
      expect(read(toml).faults).toEqual([`${name}${fault}`]);
    });

    test("what it lacks is told where it would stand", () => {
      const bound = choose("neon") + neon.replace(', "DATABASE_URL"', "");
      const lacks = 'DATABASE is neon, but "DATABASE_URL" is not among the required secrets';
      expect(read(bound).faults).toEqual([`${at(bound, "required")}: ${lacks}`]);
    });

    test.each([
      [
        '"hyperdrve"',
        '"hyperdrve" is no database; expected one of "d1", "neon", "hyperdrive". Did you mean "hyperdrive"?',
      ],
      ["1", 'DATABASE must be text: write "1"'],
    ])("%s is none", (value, fault) => {
      const toml = `${d1}[vars]\nDATABASE = ${value}\n`;
      expect(read(toml).faults).toEqual([`${at(toml, "DATABASE")}: ${fault}`]);
    });

    test("is bound by an entry, in the environment that is asked for", () => {
      const toml = `${d1}database_name = "top"\ndatabase_id = "0"\n${hyperdrive}id = "1"\n[[env.live.d1_databases]]\nbinding = "OTHER"\n${d1.replace("[[", "[[env.live.")}`;
      const place = (key: string, nth?: number) => at(toml, key, nth).replace(name, "");
      expect(read(toml, "").deployment.bound).toEqual({
        id: "0",
        idName: "database_id",
        name: "top",
        place: place("database_id"),
      });
      const { bound } = read(toml, "live").deployment;
      expect(bound).toMatchObject({ id: null, name: null });
      // The line of the entry: its header, or its brace.
      expect(write(toml).text.split("\n")[Number(bound?.place.split(":")[1]) - 1]).toMatch(/^\[\[|^ +\{$/);
      const other = toml.replace(d1, `${choose("hyperdrive")}${d1}`);
      expect(read(other, "").deployment.bound).toMatchObject({ id: "1", idName: "id", name: null });
    });
  });

  describe("the Worker's module and its page", () => {
    test.each<[string, string | null, string | null, string | null]>([
      ["", null, null, null],
      ['main = "src/a.ts"\n', null, "src/a.ts", null],
      ['main = "src/a.ts"\n[assets]\ndirectory = "public"\n', null, "src/a.ts", "public"],
      // An environment inherits both, and may have its own.
      ['main = "a.ts"\n[assets]\ndirectory = "p"\n[env.live]\n', "live", "a.ts", "p"],
      ['main = "a.ts"\n[env.live]\nmain = "b.ts"\n[env.live.assets]\ndirectory = "q"\n', "live", "b.ts", "q"],
      // Nothing can be put around what is not bundled.
      ['main = "dist/a.js"\nno_bundle = true\n', null, null, null],
      ['main = "a.ts"\nfind_additional_modules = true\n', null, null, null],
      ["main = 1\n[assets]\ndirectory = 2\n", null, null, null],
    ])("%j in %s", (toml, environment, main, assetsFolder) => {
      expect(read(toml, environment).deployment).toMatchObject({ main, assetsFolder });
    });
  });

  describe("FILE_API", () => {
    test.each([
      ["", false],
      ["[vars]\n", false],
      ['[vars]\nFILE_API = "off"\n', false],
      ['[vars]\nFILE_API = ""\n', false],
      ['[vars]\nFILE_API = "on"\n', true],
    ])("%j", (toml, isOn) => {
      expect(read(d1 + toml)).toMatchObject({ deployment: { fileApi: isOn }, faults: [] });
    });

    test.each([
      ['"On"', 'is On; known are off|on. Did you mean "on"?'],
      ["true", "must be text"],
    ])("%s is neither on nor off", (value, fault) => {
      const toml = `${d1}[vars]\nFILE_API = ${value}\n`;
      const { deployment, faults } = read(toml);
      expect([deployment.fileApi, faults]).toEqual([false, [`${at(toml, "FILE_API")}: FILE_API ${fault}`]]);
    });

    test("environments inherit no variables: one build cannot be for both", () => {
      const toml = `${d1}[vars]\nFILE_API = "on"\n[env.live]\n${d1.replace("[[", "[[env.live.")}`;
      expect(read(toml, "live")).toMatchObject({ deployment: { fileApi: false }, faults: [] });
      expect(read(toml, "")).toMatchObject({ deployment: { fileApi: true }, faults: [] });
      expect(read(toml).faults).toEqual([
        `${name}/env/live/vars/FILE_API: FILE_API is off, the top level's is on: set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env`,
      ]);
    });
  });

  describe("FILE_API_THUMBNAILS", () => {
    const file = (value: string) => `${d1}[vars]\nFILE_API_THUMBNAILS = ${value}\n`;

    test.each([
      ['""', false],
      ['"small:400"', true],
      ['"small:16, a-b_9:1280,x:320"', true],
    ])("%s", (value, areAny) => {
      expect(read(file(value))).toMatchObject({ deployment: { fileApiThumbnails: areAny }, faults: [] });
    });

    const form = "expected such as small:320, 16 to 1280";
    test.each([
      ["400", "must be text"],
      ['"400"', `may not hold 400: ${form}`],
      ['"small:"', `may not hold small:: ${form}`],
      ['"small:15"', `may not hold small:15: ${form}`],
      ['"small:2049"', `may not hold small:2049: ${form}`],
      ['"small:4e2"', `may not hold small:4e2: ${form}`],
      ['"Small:400"', `may not hold Small:400: ${form}`],
      ['"small:400:80"', `may not hold small:400:80: ${form}`],
      ['"a:16, b:16, c:16, d:16"', "may hold at most 3"],
      ['"a:16, a:32"', "has a name twice"],
    ])("%s is refused", (value, fault) => {
      expect(read(file(value)).faults).toEqual([
        expect.stringContaining(`${at(file(value), "FILE_API_THUMBNAILS")}: FILE_API_THUMBNAILS ${fault}`),
      ]);
    });

    test("one build cannot be with them and without", () => {
      const toml = `${file('"small:400"')}[env.live]\n${d1.replace("[[", "[[env.live.")}`;
      expect(read(toml).faults).toEqual([
        `${name}/env/live/vars/FILE_API_THUMBNAILS: FILE_API_THUMBNAILS is not set, the top level's is set: set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env`,
      ]);
    });
  });

  describe("FILE_API_QUOTA", () => {
    const file = (value: string) => `${d1}[vars]\nFILE_API_QUOTA = ${value}\n`;

    test.each([
      ['""', false],
      ['"bytes:1"', true],
      ['"files:500, bytes:1000000000"', true],
    ])("%s", (value, isAny) => {
      expect(read(file(value))).toMatchObject({ deployment: { fileApiQuota: isAny }, faults: [] });
    });

    const form = "expected such as bytes:1000000000, files:500";
    test.each([
      ["1000", "must be text"],
      ['"1000"', `may not hold 1000: ${form}`],
      ['"bytes:0"', `may not hold bytes:0: ${form}`],
      ['"bytes:1000000000000000"', `may not hold bytes:1000000000000000: ${form}`],
      ['"photos:5"', `may not hold photos:5: ${form}`],
      ['"files:5, files:6"', "has files twice"],
    ])("%s is refused", (value, fault) => {
      expect(read(file(value)).faults).toEqual([
        expect.stringContaining(`${at(file(value), "FILE_API_QUOTA")}: FILE_API_QUOTA ${fault}`),
      ]);
    });
  });

  describe("environments", () => {
    const toml = `${choose("d1")}${d1}\n[env.live.vars]\nDATABASE = "neon"\n[env.live.secrets]\nrequired = ["DATABASE_URL"]\n`;

    test("choose for themselves, where the build knows which it is for", () => {
      expect(read(toml, "live")).toMatchObject({ deployment: { database: "neon" }, faults: [] });
      expect(read(toml, "")).toMatchObject({ deployment: { database: "d1" }, faults: [] });
    });

    test("inherit no bindings and no secrets", () => {
      const bare = `${choose("d1")}${d1}${neon}\n[env.live.vars]\nDATABASE = "neon"\n[env.test]\n`;
      expect(read(bare, "live").faults).toEqual([
        `${name}/env/live/secrets/required: DATABASE is neon, but "DATABASE_URL" is not among the required secrets`,
      ]);
      expect(read(bare, "test").faults).toEqual([
        `${name}/env/test/d1_databases: DATABASE is d1, but d1_databases has no entry with the binding "DB"`,
      ]);
      expect(read(bare, "live").deployment).toMatchObject({
        secrets: [],
        everySecret: ["LINK_SECRET", "DATABASE_URL"],
      });
      expect(read(bare, "").deployment.secrets).toEqual(["LINK_SECRET", "DATABASE_URL"]);
    });

    test("that differ are no matter of luck", () => {
      expect(read(toml).faults).toEqual([
        `${at(toml, "DATABASE", 1)}: DATABASE is neon, the top level's is d1: set CLOUDFLARE_ENV for wrangler (empty for the top level), or pass --env`,
      ]);
    });

    test("are known by name", () => {
      expect(read(toml, "liv").faults).toEqual([`${name}/env: there is no environment "liv". Did you mean "live"?`]);
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
    ])("%j built for %j", (toml, environment, declared) => {
      const found = read(toml, environment).deployment.declared;
      expect(found.map(({ environment: section, names }) => [section, [...names]])).toEqual(declared);
    });
  });

  test.each([
    ["", null],
    ['[vars]\nMAX_REQUEST_BYTES = "1000000"\n[env.big.vars]\nMAX_REQUEST_BYTES = "2000000"\n', 1_000_000],
    ['[vars]\nMAX_REQUEST_BYTES = "5000"\n[env.small.vars]\nMAX_REQUEST_BYTES = "400"\n', 400],
    ['[vars]\nMAX_REQUEST_BYTES = ["a"]\n', null],
  ])("MAX_REQUEST_BYTES: the least of %j", (toml, bytes) => {
    expect(read(d1 + toml).deployment.maxRequestBytes).toBe(bytes);
  });

  test("queues that are sent to and read, and triggers", () => {
    const queues = `${d1}[[queues.producers]]\nbinding = "JOBS"\nqueue = "a"\n[[queues.producers]]\nbinding = "JOBS_LOW"\nqueue = "b"\n[[queues.consumers]]\nqueue = "a"\n[triggers]\ncrons = ["* * * * *"]\n`;
    expect(read(queues).deployment.capabilities).toEqual({ queues: ["JOBS"], crons: ["* * * * *"] });
  });

  test.each([
    ["inherits the triggers, and no queue", "", ["* * * * *"]],
    ["has triggers of its own", '[env.b.triggers]\ncrons = ["0 * * * *"]\n', ["0 * * * *"]],
  ])("an environment %s", (_, own, crons) => {
    const queue = '[[queues.producers]]\nbinding = "JOBS"\nqueue = "a"\n[[queues.consumers]]\nqueue = "a"\n';
    const database = '[[env.b.d1_databases]]\nbinding = "DB"\n';
    const toml = `${d1}${queue}[triggers]\ncrons = ["* * * * *"]\n${database}${own}`;
    expect(read(toml, "b").deployment.capabilities).toEqual({ queues: [], crons });
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
    ])("%s cannot be %s", (variable, value, fault) => {
      const toml = `${d1}[vars]\nDATABASE = "d1"\n  ${variable} = ${value}\n`;
      expect(read(toml).faults).toEqual([`${at(toml, variable)}: ${variable} ${fault}`]);
    });

    test.each([
      "files.example.com",
      "//files.example.com",
      "ftp://files.example.com",
      "https://",
      "https:///media",
      "https://files.example.com?",
      "https://files.example.com/?a=1",
      "https://files.example.com/media#a",
      "https://me@files.example.com",
      "https://me:secret@files.example.com/media",
      "https://a:99999",
      "https://a/media//",
      "https://a//media",
      "https://a/me dia",
      "https://a/%2e",
      "https://a\\media",
      "https://[::1",
    ])("PUBLIC_BASE_URL cannot be %s", (value) => {
      const toml = `${d1}[vars]\nPUBLIC_BASE_URL = '${value}'\n`;
      const fault = "PUBLIC_BASE_URL must be an address such as https://files.example.com/media";
      expect(read(toml).faults).toEqual([`${at(toml, "PUBLIC_BASE_URL")}: ${fault}`]);
    });

    test.each([
      ["PUBLIC_BASE_URL", "https://files.example.com/"],
      ["PUBLIC_BASE_URL", "http://localhost:8787/media/v2"],
      ["PUBLIC_BASE_URL", "http://[::1]:8787"],
      ["R2_S3_ENDPOINT", "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com"],
      ["MAX_PARTS", "1"],
      ["MAX_PARTS", "10000"],
      ["RETENTION_SECONDS", "0"],
      ["LINK_AUDIT_DAYS", ""],
      ["ALLOWED_ORIGINS", "https://a.example, https://b.example"],
      ["ANYTHING", "x"],
    ])("%s may be %j", (variable, value) => {
      expect(read(`${d1}[vars]\n${variable} = "${value}"\n`).faults).toEqual([]);
    });

    test("only of the environments that are built", () => {
      const toml = `${d1}[vars]\nMAX_PARTS = "many"\n${d1.replace("[[", "[[env.live.")}[env.live.vars]\nMAX_PARTS = "few"\n`;
      const fault = (nth: number) => `${at(toml, "MAX_PARTS", nth)}: MAX_PARTS must be a whole number from 1 to 10000`;
      expect(read(toml, "").faults).toEqual([fault(0)]);
      expect(read(toml, "live").faults).toEqual([fault(1)]);
      expect(read(toml).faults).toEqual([fault(0), fault(1)]);
    });

    test.each([
      ["MAX_REQEST_BYTES", 'MAX_REQEST_BYTES is no setting, and no ABI reads it. Did you mean "MAX_REQUEST_BYTES"?'],
      ["COLOUR_OF_THE_SKY", "warning: COLOUR_OF_THE_SKY is no setting, and no ABI reads it"],
      ["REGION", null],
      ["REGION_PREVIOUS", null],
      ["GALLERY", null],
    ])("%s", (variable, told) => {
      const found: Diagnostic[] = [];
      const report = createReport(name, found);
      const toml = `${d1}[vars]\n${variable} = "on"\n`;
      const { variables } = readDeployment(write(toml), null, report);
      checkNames(variables, [{ text: '{ "value": "$ENV.REGION" }' }], report);
      expect(found.map(pointerLine)).toEqual(told === null ? [] : [`${at(toml, variable)}: ${told}`]);
    });
  });
});

describe("of several files", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-configuration-"));
    mkdirSync(join(folder, "a/b"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each<[files: string[], name: string | null, warnings: string[]]>([
    [[], null, []],
    [["wrangler.toml"], null, []],
    [["a/b/wrangler.toml"], "wrangler.toml", []],
    [["a/b/wrangler.toml", "a/wrangler.toml", "a/other.json"], "wrangler.toml", []],
    [
      ["a/b/wrangler.toml", "a/b/wrangler.jsonc", "a/b/wrangler.json"],
      "wrangler.json",
      [
        "wrangler.jsonc: warning: is not read: wrangler takes wrangler.json, which is here as well",
        "wrangler.toml: warning: is not read: wrangler takes wrangler.json, which is here as well",
      ],
    ],
    // Before it looks for the next name, wrangler looks for the last one in every folder above.
    [
      ["a/b/wrangler.toml", "wrangler.jsonc"],
      "wrangler.toml",
      ["wrangler.toml: warning: is not read: wrangler takes ../../wrangler.jsonc, which is above"],
    ],
    [["a/b/wrangler.json", "wrangler.jsonc", "a/wrangler.toml"], "wrangler.json", []],
  ])("%j: %s is read", (files, name, warnings) => {
    for (const file of files) writeFileSync(join(folder, file), file.endsWith("toml") ? d1 : toJsonc(d1));
    expect(findConfiguration(join(folder, "a/b"))?.name ?? null).toBe(name);
    const found: Diagnostic[] = [];
    readProject(join(folder, "a/b"), "", found);
    const lacking = 'wrangler.toml/d1_databases: DATABASE is d1, but d1_databases has no entry with the binding "DB"';
    expect(found.map(pointerLine)).toEqual(name === null ? [lacking] : warnings);
  });
});

test.each(["d1", "neon", "hyperdrive"] as const)("%s is the one engine that is bundled", (name) => {
  const text = emitBuild(name, [], (module) => module);
  expect(text.match(/(?<=from "\.\/)(?:d1|neon|hyperdrive)/g)).toEqual([name]);
});

test.each([
  ["wrangler.toml", "[vars\nDATABASE = 1", /^:1:\d+: not TOML: /],
  ["wrangler.jsonc", '{\n  // a comment\n  "vars": }', /^:3:11: not JSON: expected a value, found "}"$/],
  ["wrangler.jsonc", '{ "vars": {} /* no end', /^:1:14: not JSON: /],
  ["wrangler.json", '{ "vars": { "A": "1",, } }', /^:1:22: not JSON: /],
  ["wrangler.json", "", /^:1:1: not JSON: expected a value, found the end$/],
  [
    "wrangler.jsonc",
    '{\n"d1_databases": [{ "binding": "DB" }],\n"vars": {},\n"vars": {} }',
    /^:4:1: this object has a/,
  ],
])("%s with %j is told of by line and column, and of nothing else", (name, text, fault) => {
  const found: Diagnostic[] = [];
  readDeployment({ name, text }, null, createReport(name, found));
  expect(found.map(({ place, message }) => `${place}: ${message}`)).toEqual([expect.stringMatching(fault)]);
});

test.each<[string, SettingPath, string | null]>([
  ["[vars]\nA = 1", ["vars", "A"], ":2:1"],
  ['[ "env" . \'live\'.vars ]\n\t"A" = 1', ["env", "live", "vars", "A"], ":2:2"],
  ["[env.live]\nvars.A = 1", ["env", "live", "vars", "A"], ":2:1"],
  ["vars.A = 1\n[other]\nA = 2", ["vars", "A"], ":1:1"],
  ["[other]\nA = 1\n[vars]\nAB = 1\nA = 2", ["vars", "A"], ":5:1"],
  ["[[vars]]\nA = 1", ["vars", "A"], null],
  ["[[vars]]\nA = 1", ["vars", 0, "A"], ":2:1"],
  ["[[a.b]]\nA = 1\n[[a.c]]\n[[a.b]]\nA = 2\n[a.b.d]\nA = 3", ["a", "b", 1, "A"], ":5:1"],
  ["[[a.b]]\nA = 1\n[[a.c]]\n[[a.b]]\nA = 2\n[a.b.d]\nA = 3", ["a", "b", 1, "d", "A"], ":7:1"],
  ["[[a]]\n[[a.b]]\n[[a]]\n  [[a.b]]\n[[a.b]]", ["a", 1, "b", 0], ":4:3"],
  ["[vars]\n# A = 1\nvars = { A = 1 }", ["vars", "A"], null],
])("in %j the key %j is at %s", (text, path, place) => {
  const read = readConfiguration({ name: "wrangler.toml", text }, createReport("wrangler.toml", []));
  expect(read?.placeOf(path)).toBe(place ?? `/${path.join("/")}`);
});
