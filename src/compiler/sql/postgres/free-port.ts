/** Finds a TCP port on this machine that nothing listens on. */
import { createServer } from "node:net";

/** True when a server can listen on the port now; port 0 is always free. */
export function isFreePort(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1" }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port from `start` on. @throws Error when a hundred in a row are taken */
export async function nextFreePort(start: number): Promise<number> {
  for (let port = start; port < start + 100; port += 1) {
    if (await isFreePort(port)) return port;
  }
  throw new Error(`The ports ${start} to ${start + 99} are all in use`);
}

/** Below those that the system gives out to whoever connects: between the look and the use nobody takes one of these. */
const [LEAST, MOST] = [12_000, 32_000];

/** Any free port. @throws Error when a hundred that were drawn are taken */
export async function anyFreePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = LEAST + Math.floor(Math.random() * (MOST - LEAST));
    if (await isFreePort(port)) return port;
  }
  throw new Error(`No port from ${LEAST} to ${MOST} is free`);
}
