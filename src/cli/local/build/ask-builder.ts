/** Asks the development server that runs to build, which has the compiler loaded. It imports nothing that is slow to load. */
import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** In the environment of the builds of `sluice dev`: where its builder listens. */
export const builderVariable = "SLUICE_DEV";

export interface BuildRequest {
  /** Of the command. */
  readonly args: readonly string[];
  /** CLOUDFLARE_ENV. */
  readonly environment: string | undefined;
}

export type PrintedLine = readonly [stream: "log" | "error", line: string];

export interface BuildAnswer {
  readonly code: number;
  readonly lines: readonly PrintedLine[];
}

/** Null where nobody answers, or does not want to: then the command builds by itself. */
export async function askBuilder(address: string, request: BuildRequest): Promise<BuildAnswer | null> {
  const socket = connect(address);
  try {
    // Open until the answer: wrangler ends a build that a newer one takes the place of, and the builder sees that by it.
    socket.write(`${JSON.stringify(request)}\n`);
    const answer = await text(socket);
    return answer === "" ? null : (JSON.parse(answer) as BuildAnswer);
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}
