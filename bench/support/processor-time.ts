/** Time of the processor, which on a shared machine says more than a clock. */
import { readdir, readFile } from "node:fs/promises";

/** How the kernel counts CPU: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICK_MS = 10;

/** CPU milliseconds that this process's workerds have used so far. Linux only. */
export async function readCpu(): Promise<number> {
  let ticks = 0;
  for (const entry of await readdir("/proc")) {
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const [, name, rest = ""] = /^\d+ \((.*)\) . (.*)/s.exec(stat) ?? [];
    const fields = rest.split(" ").map(Number);
    if (name === "workerd" && fields[0] === process.pid) ticks += (fields[10] ?? 0) + (fields[11] ?? 0);
  }
  return ticks * TICK_MS;
}
