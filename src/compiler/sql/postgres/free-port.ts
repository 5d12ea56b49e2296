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

/** Any free port, as the system gives them out. */
export function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
