/** A proxy in front of PostgreSQL that can keep the answers to commits to itself: they are made, and nobody hears of it. */
import { connect, createServer, type Socket } from "node:net";

export interface LossyProxy {
  readonly port: number;
  /** From now on every so many-th answer to a commit is lost with its connection; null: none. */
  loseEvery(commits: number | null): void;
  /** Answers lost so far. */
  lost(): number;
  close(): Promise<void>;
}

export async function startLossyProxy(serverPort: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  let every: number | null = null;
  let commits = 0;
  let lost = 0;

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: "127.0.0.1", port: serverPort, noDelay: true });
    let isLosing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (bytes) => {
      if (every !== null && bytes.includes("COMMIT")) {
        commits += 1;
        isLosing = commits % every === 0;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (!isLosing) {
        client.write(bytes);
        return;
      }
      isLosing = false;
      lost += 1;
      client.destroy();
      upstream.destroy();
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");

  return {
    port: address.port,
    loseEvery(count) {
      every = count;
    },
    lost: () => lost,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
