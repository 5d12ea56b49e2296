/** What a developer sees of what wrangler prints. The texts are wrangler's own, as it printed them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAssetLookup } from "../../../src/cli/local/assets.ts";
import { createLogReader, type LogLine } from "../../../src/cli/local/log-lines.ts";
import { createLogPrinter } from "../../../src/cli/terminal/show-log.ts";

const readTrace = (lines: readonly string[]) => lines.map((line) => line.trim());

function read(...chunks: string[]): LogLine[] {
  const lines: LogLine[] = [];
  const reader = createLogReader((line) => lines.push(line), readTrace);
  for (const chunk of chunks) reader(chunk);
  return lines;
}

const error = (text: string) =>
  `\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m \u001b[1m${text}\u001b[0m\n\n`;
const at = "      at explode (file:///p/src/worker.ts:15:9)\n      at fetch (file:///p/src/worker.ts:25:101)\n\n\n";
const frames = ["at explode (file:///p/src/worker.ts:15:9)", "at fetch (file:///p/src/worker.ts:25:101)"];

describe("of wrangler's output", () => {
  test.each<[string, string, LogLine[]]>([
    [
      "an answered call",
      "[wrangler:info] POST /upload?a=1 413 Payload Too Large (12ms)\n",
      [{ kind: "request", method: "POST", path: "/upload?a=1", status: 413, milliseconds: 12 }],
    ],
    [
      "what the handler throws",
      "[wrangler:error] Error: outer\n    at f (file:///p/a.ts:1:2)\nCaused by: RangeError: inner\n    at g (file:///p/a.ts:3:4)\n[wrangler:info] GET /x 500 Internal Server Error (1ms)\n",
      [
        {
          kind: "fault",
          text: "Error: outer",
          trace: ["at f (file:///p/a.ts:1:2)", "Caused by: RangeError: inner", "at g (file:///p/a.ts:3:4)"],
        },
        { kind: "request", method: "GET", path: "/x", status: 500, milliseconds: 1 },
      ],
    ],
    [
      "what is thrown where nobody waits, once",
      error("Uncaught Error: late Error") + at + error("Uncaught Error: late ") + error("Uncaught Error: late "),
      [
        { kind: "fault", text: "Uncaught Error: late", trace: frames },
        { kind: "fault", text: "Uncaught Error: late", trace: [] },
      ],
    ],
    [
      "a message of two lines",
      `${error("Error: first\n  second").replace("\n\n", "\n")}third\n${at}text\n`,
      [
        { kind: "fault", text: "Error: first", trace: ["second", "third", ...frames] },
        { kind: "text", text: "text" },
      ],
    ],
    [
      "a warning",
      error("careful { a: 1 }").replace("✘", "▲").replace("ERROR", "WARNING"),
      [{ kind: "warning", text: "careful { a: 1 }", trace: [] }],
    ],
    [
      "the Worker's events, of each level",
      `{"event":"job","request_id":"1"}\n${error('{"event":"problem","code":"internal","stack":"Error: x\\n    at f (file:///p/a.ts:1:2)"}')}`,
      [
        { kind: "event", fields: { event: "job", request_id: "1" }, trace: [] },
        {
          kind: "event",
          fields: { event: "problem", code: "internal" },
          trace: ["Error: x", "at f (file:///p/a.ts:1:2)"],
        },
      ],
    ],
    [
      "what else the Worker prints",
      '{"a":1}\n{"event":\nhello\n[1, 2]\n',
      ['{"a":1}', '{"event":', "hello", "[1, 2]"].map((text) => ({ kind: "text", text })),
    ],
    [
      "the compiler's words",
      "[custom build] Running: npx sluice build\n[custom build] abis/a.json:2:3: unknown property\n[custom build] 2 endpoints compiled for d1: nothing changed\n[custom build] \n",
      [{ kind: "compiler", text: "abis/a.json:2:3: unknown property" }],
    ],
    [
      "nothing of wrangler itself",
      '⎔ Starting local server...\nYour Worker has access to the following bindings:\nBinding   Resource   Mode\nenv.DB (x)   D1 Database   local\nUsing secrets defined in .dev.vars\n[wrangler:info] Ready on http://localhost:8787\n[wrangler:info] QUEUE sluice-jobs 1/1 (3ms)\n\u001b[33m▲ [WARNING] Scheduled Workers are not automatically triggered during local development.\u001b[0m\n\n  To manually trigger a scheduled event, run:\n    curl "http://localhost:9875/cdn-cgi/local/scheduled"\n  For more details, see https://developers.cloudflare.com/workers/configuration/cron-triggers/#test-cron-triggers-locally\n',
      [],
    ],
  ])("%s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test("the same however it is cut, where a cut is within a line", () => {
    const text = `[wrangler:info] GET /a 200 OK (1ms)\n${error("Error: told")}${at}[wrangler:info] GET /b 200 OK (2ms)\n`;
    const whole = read(text);
    expect(whole).toHaveLength(3);
    for (let cut = 1; cut < text.length; cut += 1) {
      if (text[cut - 1] === "\n") continue;
      expect(read(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    }
  });
});

describe("of that is shown", () => {
  const plain = (text: string) => text;
  const style = { bold: plain, dim: plain, good: plain, bad: plain };
  function show(...lines: LogLine[]): string[] {
    const shown: string[] = [];
    const print = createLogPrinter(style, (text) => shown.push(text.replace(/^ {2}\d\d:\d\d:\d\d {2}/, "")));
    for (const line of lines) print(line);
    return shown;
  }
  const event = (fields: object): LogLine => ({ kind: "event", fields: { ...fields }, trace: [] });
  const request = (path: string, status = 200): LogLine => ({
    kind: "request",
    method: "GET",
    path,
    status,
    milliseconds: 3,
  });

  const idle = {
    expired: 0,
    abandoned: 0,
    purged: 0,
    aborted: 0,
    removed: 0,
    uploads: null,
    idempotency_keys: 0,
    jobs: 0,
    links: 0,
  };
  const sample = { count: 0, first: [] };
  const compared = {
    event: "reconcile",
    objects: 12,
    found: { objectsWithoutRow: sample, rowsWithoutObject: sample, foreignObjects: sample },
    removedObjects: 0,
    removedRows: 0,
    isDone: true,
  };

  test("a sweep, or a comparison, only when it did something", () => {
    expect(show(event({ event: "sweep", ...idle }), event(compared))).toEqual([]);
    expect(show(event({ event: "sweep", ...idle, removed: 2 }))[0]).toContain('event   sweep {"expired":0');
    expect(show(event({ event: "sweep", ...idle, uploads: 1 }))).toHaveLength(1);
    const found = { ...compared.found, foreignObjects: { count: 1, first: ["a"] } };
    expect(show(event({ ...compared, found }))).toHaveLength(1);
    expect(show(event({ event: "jobs_woken", jobs: 0 }))).toEqual(['event   jobs_woken {"jobs":0}']);
  });

  test("what keeps the server from being healthy, when it changes", () => {
    const lacks = (probe: string, reason: string) => event({ event: "degraded", probe, reason, request_id: "r" });
    const [down, up] = [request("/healthz", 503), request("/healthz")];
    const waiting = [lacks("database", "gone"), lacks("queues", "none"), down];
    const shown = show(...waiting, ...waiting, lacks("database", "full"), up, lacks("database", "full"));
    expect(shown).toEqual([
      'event   degraded {"probe":"database","reason":"gone"}  r',
      'event   degraded {"probe":"queues","reason":"none"}  r',
      'event   degraded {"probe":"database","reason":"full"}  r',
      'event   degraded {"probe":"database","reason":"full"}  r',
    ]);
  });

  test("calls, but none of the starting script's own", () => {
    const lines = [request("/a"), request("/healthz"), request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*")];
    expect(show(...lines)).toEqual(["GET     200  /a  3 ms"]);
  });

  test("a fault and a refusal with their traces under them", () => {
    const trace = ["Error: x", "    at f (src/a.ts:1:2)"];
    const problem = { event: "problem", code: "internal", reason: "an unexpected error", request_id: "r" };
    expect(
      show({ kind: "fault", text: "Error: x", trace: trace.slice(1) }, { kind: "event", fields: problem, trace }),
    ).toEqual([
      "fault   Error: x\n                  at f (src/a.ts:1:2)",
      "refused internal: an unexpected error  r\n              Error: x\n                  at f (src/a.ts:1:2)",
    ]);
  });
});

describe("a file of the page", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-assets-"));
    mkdirSync(join(folder, "img"));
    for (const name of ["index.html", "about.html", "app.js", "img/a b.png"]) writeFileSync(join(folder, name), "");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each<[string, string, number, boolean]>([
    ["GET", "/", 200, true],
    ["GET", "/app.js?v=1", 200, true],
    ["HEAD", "/app.js", 304, true],
    ["GET", "/img/a%20b.png", 200, true],
    ["GET", "/about", 200, true],
    ["GET", "/app.js", 404, false],
    ["POST", "/about", 200, false],
    ["GET", "/files/gallery/a.jpg", 200, false],
    ["GET", "/img/", 200, false],
    ["GET", "/..%2f..%2fetc%2fpasswd", 200, false],
    ["GET", "/%00", 200, false],
    ["GET", "/%", 200, false],
    ["GET", "//evil/app.js", 200, false],
  ])("%s %s %i: %j", (method, path, status, expected) => {
    expect(createAssetLookup(folder)({ method, path, status })).toBe(expected);
    expect(createAssetLookup(null)({ method, path, status })).toBe(false);
  });
});
