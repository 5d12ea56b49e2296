/** Talks with a process of each Python library: starting one for each call would take longer than the calls. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { runTool } from "./run-tool.ts";
import type { Client, DownloadAnswer, UploadAnswer } from "./client.ts";
import { libraryChecks } from "./library-checks.ts";

const script = new URL("python-libraries.py", import.meta.url).pathname;
/** Debian's packages belong to its own Python, before which another one may stand in PATH. */
const interpreters = ["python3", "/usr/bin/python3"];

type Ask = (operation: "version" | "upload" | "download", call?: object) => Promise<unknown>;

export const pythonClients: readonly Client[] = ["requests", "httpx", "aiohttp"].map((name) => {
  let ask: Ask = () => Promise.reject(new Error(`${name} was not started`));
  return {
    name,
    source: `apt-get install python3-${name}`,
    async version() {
      for (const python of interpreters) {
        const { code } = await runTool(python, ["-c", `import ${name}`]);
        if (code !== 0) continue;
        ask = start(python, name);
        return String(await ask("version"));
      }
      return null;
    },
    checks: libraryChecks({
      upload: async (call) => (await ask("upload", call)) as UploadAnswer,
      async download(call) {
        const { status, headers } = (await ask("download", call)) as DownloadAnswer;
        const pairs = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]);
        return { status, headers: Object.fromEntries(pairs) as Record<string, string> };
      },
    }),
  };
});

/** The process ends with this one. */
function start(python: string, library: string): Ask {
  const child = spawn(python, [script, library], { stdio: ["pipe", "pipe", "inherit"] });
  const calls: PromiseWithResolvers<unknown>[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const [number, result, fault] = JSON.parse(line) as [number, unknown, string | null];
    if (fault === null) calls[number]?.resolve(result);
    else calls[number]?.reject(new Error(fault));
  });
  child.on("close", (code) => {
    for (const call of calls) call.reject(new Error(`Python ended with ${String(code)}`));
  });
  return (operation, call = {}) => {
    const answer = Promise.withResolvers<unknown>();
    child.stdin.write(`${JSON.stringify([calls.push(answer) - 1, operation, call])}\n`);
    return answer.promise;
  };
}
