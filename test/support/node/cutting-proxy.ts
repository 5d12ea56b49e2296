/** An HTTP proxy that loses connections: before the body, in the midst of it, after the server has answered, in the answer. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const moments = ["before the body", "midway", "after the server's answer", "in the answer"] as const;
export type Moment = (typeof moments)[number];

export interface CuttingProxy {
  readonly origin: string;
  /** How often each moment came. */
  readonly cuts: Readonly<Record<Moment, number>>;
  close(): Promise<void>;
}

/**
 * @param upstream null: it is away just now
 * @param momentOf what happens to the n-th request, from 1 on; null = it passes
 */
export async function startCuttingProxy(
  upstream: string | (() => string | null),
  momentOf: (count: number) => Moment | null,
): Promise<CuttingProxy> {
  const cuts: Record<Moment, number> = {
    "before the body": 0,
    midway: 0,
    "after the server's answer": 0,
    "in the answer": 0,
  };
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    count += 1;
    const moment = momentOf(count);
    if (moment !== null) cuts[moment] += 1;
    const target = typeof upstream === "string" ? upstream : upstream();
    if (target === null) incoming.socket.destroy();
    else pass(target, incoming, outgoing, moment);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse, moment: Moment | null): void {
  const cut = () => incoming.socket.destroy();
  if (moment === "before the body") {
    cut();
    return;
  }
  const { method, url = "/", headers } = incoming;
  const onward = request(new URL(url, upstream), { method, headers, agent: false }, (answer) => {
    if (moment === "after the server's answer") {
      cut();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (moment === null) answer.pipe(outgoing);
    else answer.once("data", (bytes: Buffer) => outgoing.write(bytes.subarray(0, bytes.length / 2), cut));
  });
  onward.on("error", cut);
  incoming.on("error", () => onward.destroy());
  outgoing.on("close", () => onward.destroy());
  if (moment === "midway") {
    incoming.once("data", (bytes: Buffer) => onward.write(bytes.subarray(0, bytes.length / 2), cut));
  } else {
    incoming.pipe(onward);
  }
}
