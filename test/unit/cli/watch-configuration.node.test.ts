/** What `sluice dev` does while somebody writes wrangler's configuration. */
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchConfiguration, type ConfigurationWatch } from "../../../src/cli/local/watch-configuration.ts";
import type { LogLine } from "../../../src/cli/local/log-lines.ts";

const fault = (text: string): LogLine => ({ kind: "fault", text, trace: ["/app/wrangler.jsonc:1:0:"] });
const empty = fault("ValueExpected");

let folder = "";
let path = "";
let told: LogLine[] = [];
let restarts = 0;
let configuration: ConfigurationWatch;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-configuration-"));
  path = join(folder, "wrangler.jsonc");
  writeFileSync(path, "{}");
  told = [];
  restarts = 0;
  configuration = watchConfiguration(
    folder,
    (line) => told.push(line),
    () => (restarts += 1),
  );
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
  configuration.close();
  rmSync(folder, { recursive: true });
});

/** Resolves when the change has been seen. */
async function write(text: string): Promise<void> {
  // Two changes within one tick of the file system's clock could look the same.
  const before = statSync(path).mtimeMs;
  do writeFileSync(path, text);
  while (statSync(path).mtimeMs === before);
  const isWriting = async () => {
    let isSettled = false;
    void configuration.settled().then(() => (isSettled = true));
    await setImmediate();
    return !isSettled;
  };
  while (!(await isWriting()));
}

test("a file is settled when nobody has changed it for a while, and then shows watchers a change but no editor", async () => {
  await configuration.settled();
  await write("");
  vi.advanceTimersByTime(150);
  await write('{ "name": "whole" }');
  const { mtimeMs } = statSync(path);
  const settled = configuration.settled();
  vi.advanceTimersByTime(200);
  await settled;
  const stats = statSync(path);
  expect(Math.abs(stats.mtimeMs - mtimeMs)).toBeLessThan(0.01);
  expect(stats.atimeMs).toBe(stats.mtimeMs);
  expect(readFileSync(path, "utf8")).toBe('{ "name": "whole" }');
});

test("a fault of a half-written file is told where it lasts, once", async () => {
  await write("");
  configuration.hear(empty);
  configuration.hear({ kind: "text", text: "another line" });
  expect(told).toEqual([{ kind: "text", text: "another line" }]);
  vi.advanceTimersByTime(200);
  configuration.hear(empty);
  configuration.hear(empty);
  expect(told.slice(1)).toEqual([empty]);
  await write("{");
  vi.advanceTimersByTime(200);
  configuration.hear(empty);
  expect(told.slice(1)).toEqual([empty, empty]);
});

test("what a build says of a text is news once, and again after the next change", async () => {
  await write("{ }");
  expect(configuration.isNews("6 endpoints compiled")).toBe(true);
  vi.advanceTimersByTime(200);
  expect(configuration.isNews("6 endpoints compiled")).toBe(false);
  await write("{  }");
  expect(configuration.isNews("6 endpoints compiled")).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect(configuration.isNews("6 endpoints compiled")).toBe(true);
});

test("where wrangler asks for no build after a change, it is asked three times and then started again", async () => {
  configuration.buildAsked();
  await write("{ }");
  vi.advanceTimersByTime(200 + 1000 + 2000 + 3999);
  expect(restarts).toBe(0);
  vi.advanceTimersByTime(1);
  expect(restarts).toBe(1);
});

test.each([
  ["a build", () => configuration.buildAsked()],
  ["a fault", () => configuration.hear(empty)],
])("%s is a sign that it has read the file, which is asked for once more", async (_, sign) => {
  configuration.buildAsked();
  await write("{ }");
  vi.advanceTimersByTime(1200);
  // It reads the file for one thing, and says several.
  sign();
  sign();
  vi.advanceTimersByTime(999);
  sign();
  const { atimeMs } = statSync(path);
  utimesSync(path, 0, statSync(path).mtimeMs / 1000);
  vi.advanceTimersByTime(1);
  expect(statSync(path).atimeMs).toBe(atimeMs);
  sign();
  vi.advanceTimersByTime(60_000);
  expect(restarts).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("where no sign comes the second time, it is started again", async () => {
  configuration.buildAsked();
  await write("{ }");
  vi.advanceTimersByTime(200);
  configuration.buildAsked();
  vi.advanceTimersByTime(1000 + 1000 + 2000 + 3999);
  expect(restarts).toBe(0);
  vi.advanceTimersByTime(1);
  expect(restarts).toBe(1);
});

test("a file that is gone is waited for, and a fault from before is told", async () => {
  configuration.buildAsked();
  await write("");
  configuration.hear(empty);
  rmSync(path);
  vi.advanceTimersByTime(200);
  await configuration.settled();
  expect([told, restarts]).toEqual([[empty], 0]);
  writeFileSync(path, "{ }");
  await write("{  }");
  vi.advanceTimersByTime(200);
  expect(statSync(path).atimeMs).toBe(statSync(path).mtimeMs);
});
