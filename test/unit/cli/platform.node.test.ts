import { spawn } from "node:child_process";
import { posix, win32 } from "node:path";
import { expect, test } from "vitest";
import {
  endTree,
  importPath,
  maxArgumentBytes,
  ownTree,
  withProgramsOf,
  withSlashes,
} from "../../../src/cli/platform.ts";

test.each([
  ["/p/.sluice", "/p/src/worker.ts", posix, "../src/worker.ts"],
  ["/p/.sluice", "/p/.sluice/worker.ts", posix, "./worker.ts"],
  ["/p/.sluice", "/p/a\\b.ts", posix, "../a\\b.ts"],
  ["C:\\p\\.sluice", "C:\\p\\src\\worker.ts", win32, "../src/worker.ts"],
  ["C:\\p\\.sluice", "C:\\p\\.sluice\\worker.ts", win32, "./worker.ts"],
  ["C:\\p\\.sluice", "c:\\P\\src\\worker.ts", win32, "../src/worker.ts"],
  ["C:\\p\\.sluice", "D:\\tools\\lib\\development.js", win32, "D:/tools/lib/development.js"],
])("from %s, %s is imported with slashes", (folder, file, path, expected) => {
  expect(importPath(folder, file, path)).toBe(expected);
});

test("messages have slashes; on POSIX a backslash is part of a name", () => {
  expect(withSlashes("src\\a b\\c.ts", win32)).toBe("src/a b/c.ts");
  expect(withSlashes("src/a\\b.ts", posix)).toBe("src/a\\b.ts");
});

test.each([
  [{ Path: "C:\\Windows", HOME: "x" }, win32, { Path: "C:\\bin;C:\\Windows", HOME: "x" }],
  [{ PATH: "C:\\Windows" }, win32, { PATH: "C:\\bin;C:\\Windows" }],
  [{}, win32, { PATH: "C:\\bin" }],
  [{ PATH: "/usr/bin" }, posix, { PATH: "C:\\bin:/usr/bin" }],
])("in %j a folder of programs comes first, and there is one such variable", (environment, path, expected) => {
  expect(withProgramsOf("C:\\bin", environment, path)).toEqual(expected);
});

test("on Windows a tree of processes is ended by taskkill, as there are no groups", () => {
  const calls: unknown[] = [];
  const ender = {
    signal: (...call: unknown[]) => void calls.push(call),
    run: (...call: unknown[]) => void calls.push(call),
  };
  expect(ownTree("win32")).toEqual({ detached: false, windowsHide: true });
  endTree(42, "SIGINT", "win32", ender);
  endTree(42, "SIGINT", "linux", ender);
  expect(calls).toEqual([
    ["taskkill", ["/PID", "42", "/T", "/F"]],
    [-42, "SIGINT"],
  ]);
});

test.runIf(process.platform !== "win32")(
  "what a child has started ends with it",
  async () => {
    // The grandchild holds the output open: it is closed when both are gone.
    const script = `require("node:child_process").spawn("sleep", ["60"], { stdio: "inherit" }); console.log("started"); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ["-e", script], { ...ownTree(), stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const closed = new Promise((resolve) => child.once("close", resolve));
    endTree(child.pid ?? 0, "SIGKILL");
    await closed;
    // And once more, when there is nothing left.
    endTree(child.pid ?? 0, "SIGKILL");
  },
  20_000,
);

test("one argument fits into a command line of each system", () => {
  // CreateProcess: 32,767 characters, of which each may be one byte, with the rest of the line.
  expect(maxArgumentBytes("win32")).toBeLessThan(32_767 - 8000);
  expect(maxArgumentBytes("linux")).toBeLessThan(128 * 1024);
});
