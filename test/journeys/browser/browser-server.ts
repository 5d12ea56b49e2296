/** One server for all tests in the browser, started before the first of them. */
import type { TestProject } from "vitest/node";
import { startServer, type ServerPlace } from "../../support/node/server.ts";

declare module "vitest" {
  interface ProvidedContext {
    serverPlace: ServerPlace;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // Also what has script in it, to see that none runs; and a limit that is soon reached.
  const server = await startServer({ FILE_API_TYPES: "*/*", FILE_API_MAX_BYTES: "4000000" });
  project.provide("serverPlace", server.place);
  return () => server.close();
}
