/** `sluice dev` while ABIs are being written, on a copy of the project, with a Worker of the author's own around Sluice. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { projectFolder } from "../../../src/cli/local/wrangler.ts";
import { copyProject, soon, type DevProject } from "../../support/node/dev-project.ts";
import { boundary, formHeaders, largePhoto } from "../../support/node/form.ts";

/** Line 5 explodes. */
const ownWorker = `import sluice from "../.sluice/worker.ts";

function explode(where: string): never {
  // Nobody catches it.
  throw new RangeError(\`exploded \${where}\`);
}

export default {
  ...sluice,
  fetch(request: Request, env: object, context: { waitUntil(work: Promise<unknown>): void }) {
    const { pathname } = new URL(request.url);
    if (pathname === "/own/handler") explode("handler");
    if (pathname === "/own/later") context.waitUntil((async () => explode("later"))());
    if (pathname === "/own/unhandled") void (async () => explode("unhandled"))();
    if (pathname.startsWith("/own/")) return new Response("own");
    return sluice.fetch(request, env, context);
  },
};
`;

let project: DevProject;
beforeAll(async () => {
  project = await copyProject();
  project.change("wrangler.toml", 'main = ".sluice/worker.ts"', 'main = "src/own-worker.ts"');
  project.write("src/own-worker.ts", ownWorker);
  await project.start();
}, 240_000);
afterAll(() => project.close());

/** Without a token: 401 from an endpoint, 404 where there is none. @throws where nobody answers in time */
const statusOf = async (path: string): Promise<number> =>
  (await fetch(`${project.origin}/${path}`, { method: "POST", signal: AbortSignal.timeout(30_000) })).status;

const tokenOf = async (id: string): Promise<string> => (await project.run("token", "--id", id)).output.trim();

test("a fault is told once, its endpoint says so, the others are served anew; a deployment fails on it", async () => {
  expect(await statusOf("my-gallery")).toBe(401);
  project.change("abis/my-gallery.json", '"resource"', '"resourse"');
  project.change("abis/upload-avatar.json", '"resource": "upload-avatar"', '"resource": "upload-portrait"');
  await project.printed("1 fault: not compiled abis/my-gallery.json");
  await vi.waitFor(async () => expect(await statusOf("my-gallery")).toBe(500), soon);
  expect(await statusOf("my-gallery-01")).toBe(500);
  expect(await statusOf("upload-portrait")).toBe(401);
  await project.printed("refused not_compiled: abis/my-gallery.json was not compiled: abis/my-gallery.json:4:3");
  const near = await fetch(`${project.origin}/upload-portrai`, { method: "POST" });
  expect([near.status, await near.json()]).toEqual([
    404,
    expect.objectContaining({ detail: expect.stringContaining("Did you mean /upload-portrait?") }),
  ]);
  const told = "abis/my-gallery.json:4:3: unknown property";
  expect(project.output.split(`abis    ${told}`)).toHaveLength(2);
  expect(project.output).toMatch(/abis {6}4 \| {3}"resourse": "my-gallery",\n.*abis {8}\| {3}\^{10}\n/);

  const wrangler = join(projectFolder, "node_modules/wrangler/bin/wrangler.js");
  const out = join(project.folder, "dist");
  const deployment = spawnSync(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", out], {
    cwd: project.folder,
    encoding: "utf8",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
  });
  expect([deployment.status, deployment.stdout + deployment.stderr]).toEqual([1, expect.stringContaining(told)]);

  project.change("abis/my-gallery.json", '"resourse": "my-gallery"', '"resource": "my-pictures"');
  await vi.waitFor(async () => expect(await statusOf("my-pictures")).toBe(401), soon);
  expect(await statusOf("my-gallery")).toBe(404);
}, 240_000);

test("a migration that does not apply is told with its line, callers are answered, and its correction applies", async () => {
  project.forget();
  project.write("migrations/d1/0099_broken.sql", "-- mine\nCREATE TABL x (id text);\n");
  await project.printed("What was compiled before goes on serving.");
  expect(project.output).toContain('migrations/d1/0099_broken.sql:2: near "TABL": syntax error\n');
  await project.printed('fault   migrations/d1/0099_broken.sql: near "TABL": syntax error');
  expect(project.output).not.toContain("    at ");
  expect(await statusOf("my-pictures")).toBe(401);
  project.write("migrations/d1/0099_broken.sql", "-- mine\nCREATE TABLE x (id text);\n");
  await project.printed("tables  1 migration applied");
}, 240_000);

describe("a file far over the limit", () => {
  const MEBIBYTE = 1024 * 1024;
  const photo = largePhoto(MEBIBYTE);
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`;
  function* form() {
    yield Buffer.from(head);
    for (let count = 0; count < 300; count += 1) yield photo;
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  const length = head.length + 300 * MEBIBYTE + boundary.length + 8;
  const refusal = { status: 413, code: "file_too_large", success: false };

  // Without help the answer is lost more often than not.
  test("answers 413 to undici, time after time", async () => {
    const headers = formHeaders(await tokenOf("user_01"));
    for (let time = 0; time < 4; time += 1) {
      const body = Readable.toWeb(Readable.from(form())) as BodyInit;
      const options = { method: "POST", headers, body, duplex: "half" as const };
      const answer = await fetch(`${project.origin}/upload-gallery`, options);
      expect([answer.status, await answer.json()]).toMatchObject([413, refusal]);
    }
  }, 240_000);

  test("answers 413 to who says how long it is and never looks up", async () => {
    const headers = { ...formHeaders(await tokenOf("user_01")), "Content-Length": String(length) };
    for (let time = 0; time < 4; time += 1) {
      const answer = await new Promise<[number | undefined, string]>((resolve, reject) => {
        const call = request(`${project.origin}/upload-gallery`, { method: "POST", headers }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => void (text += part));
          response.on("end", () => resolve([response.statusCode, text]));
        });
        call.on("error", reject);
        const send = async () => {
          for (const chunk of form()) {
            if (!call.write(chunk)) await new Promise((resolve) => call.once("drain", resolve));
          }
          call.end();
        };
        send().catch(reject);
      });
      expect([answer[0], JSON.parse(answer[1])]).toMatchObject([413, refusal]);
    }
  }, 240_000);
});

describe("of what is thrown", () => {
  const place = "src/own-worker.ts:5:9";
  test.each(["handler", "later", "unhandled"])("in the author's %s its place is told, once", async (where) => {
    project.forget();
    await fetch(`${project.origin}/own/${where}`);
    await project.printed(`/own/${where}`);
    await project.printed(place);
    await sleep(500);
    const [, block = ""] = project.output.split(/fault +/);
    expect(block).toMatch(new RegExp(`^(?:Uncaught )?RangeError: exploded ${where}\n +at explode \\(${place}\\)\n`));
    expect(project.output.split(`exploded ${where}`)).toHaveLength(2);
    expect(project.output).not.toMatch(/\.wrangler|node_modules\/wrangler|development\.[jt]s|late-answer|file:/);
  });

  test("by the runtime the places are those of its sources", async () => {
    const state = join(project.folder, ".wrangler/state/v3/d1/miniflare-D1DatabaseObject");
    for (const name of readdirSync(state).filter((file) => /^[0-9a-f]+\.sqlite$/.test(file))) {
      const database = new DatabaseSync(join(state, name));
      database.exec("DROP TABLE IF EXISTS gallery");
      database.close();
    }
    project.forget();
    const headers = { "x-access-token": await tokenOf("user_01") };
    const answer = await fetch(`${project.origin}/my-pictures`, { method: "POST", headers });
    expect(answer.status).toBe(500);
    await project.printed("POST    500  /my-pictures");
    expect(project.output).toMatch(
      /refused misconfigured: Run the migrations: .*no such table: gallery.*\n +Error: D1_ERROR/,
    );
    expect(project.output).toMatch(/ +at async runQuery \(src\/runtime\/pipeline\/steps\/query\.ts:\d+:\d+\)\n/);
    expect(project.output).not.toMatch(/\.wrangler|cloudflare-internal|file:/);
    expect(project.output.split("no such table")).toHaveLength(3);
  });
});

test("calls are shown, the page's files, idle sweeps and the start's own questions are not", async () => {
  project.forget();
  const page = await (await fetch(project.origin)).text();
  const files = [...page.matchAll(/(?:src|href)="(\/?[\w/-]+\.(?:js|css))"/g)].map(([, path = ""]) => path);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) expect((await fetch(new URL(path, project.origin))).status).toBe(200);
  // Any other trigger than the minute's runs the sweep at once.
  expect((await fetch(`${project.origin}/cdn-cgi/local/scheduled?cron=sweep`)).status).toBe(200);
  expect((await fetch(`${project.origin}/healthz`)).status).toBe(200);
  expect((await fetch(`${project.origin}/absent.js`)).status).toBe(404);
  await project.printed("GET     404  /absent.js");
  const lines = project.output.split("\n").filter((line) => line.trim() !== "");
  expect(lines.filter((line) => !/(?:refused resource_not_found|GET +404 +\/absent\.js)/.test(line))).toEqual([]);
});
