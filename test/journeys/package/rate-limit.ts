/** A rate limit added while the server runs: the build says what wrangler's configuration lacks, and what it says is enough. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { check, refusal, root, until } from "./commands.ts";
import type { Project } from "./project.ts";
import { allLogs, type Server } from "./servers.ts";

const LIMIT = 3;
const fault = "calls are counted in Durable Objects, and none are bound as RATE_LIMITS";

/** What a build that lacks them says to append to wrangler.toml; null where it lacks nothing of it. */
export function blocksToAdd(said: string): string | null {
  const [, blocks] = /none are bound as RATE_LIMITS\. Add:\n\n([^]*?)\n\n1 fault/.exec(said) ?? [];
  return blocks === undefined ? null : `\n${blocks}\n`;
}

export async function addRateLimit(project: Project, { origin }: Server): Promise<void> {
  const limited = {
    id: "limited-01",
    resource: "limited",
    rate_limit: { limit: LIMIT, identifier: "$HEADER.ip", expires_after: 3600 },
    actionables: [{ id: 1, mode: "QUERY", sql_query: { query: "SELECT id FROM jobs" } }],
  };
  await project.write("abis/limited.json", JSON.stringify(limited));
  await until(() => Promise.resolve(allLogs().includes(fault)), "the server says what a rate limit lacks");
  const send = (path: string) => fetch(origin + path, { method: "POST" });
  check((await send("/receipts")).status === 401, "and goes on with what compiled before");
  const said = await refusal(project.sluice("build"));
  const blocks = blocksToAdd(said);
  check(blocks !== null, "the build says what to add", said);
  await project.edit("wrangler.toml", (text) => text + (blocks ?? ""));
  await until(async () => (await send("/limited")).status === 200, "the endpoint answers once that is added");
  const statuses: number[] = [];
  for (let count = 0; count < LIMIT + 2; count++) statuses.push((await send("/limited")).status);
  const isLimited = statuses.slice(-2).every((status) => status === 429);
  check(isLimited, "without a restart, and is limited", statuses);
}

/** As the guide says it of a Worker of one's own. */
export async function exportCounting(project: Project): Promise<void> {
  const guide = await readFile(join(root, "docs/package.md"), "utf8");
  const line = /^export \{ RateLimiter \} from "sluice\/rate-limits";$/m.exec(guide)?.[0];
  if (line === undefined) throw new Error("docs/package.md does not say how the class is exported");
  await project.edit("worker.ts", (text) => `${text}\n${line}\n`);
}
