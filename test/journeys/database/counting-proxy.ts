/** A TCP proxy that counts how often the client waits for the server, and can lose connections. */
import { connect, createServer, type Socket } from "node:net";

export interface CountingProxy {
  readonly port: number;
  /** Times that the client sent something and then had an answer, since the last call of `take`. */
  takeRoundTrips(): number;
  /** Connections since the last call of `take`. */
  takeConnections(): number;
  /** Loses so many of the next connections: each when its first statement is on the way. */
  loseNext(count: number): void;
  close(): Promise<void>;
}

/** The first byte of the protocol's Parse message, which begins a pipeline of statements. */
const PARSE = "P".charCodeAt(0);

export async function startCountingProxy(port: number): Promise<CountingProxy> {
  let roundTrips = 0;
  let connections = 0;
  let toLose = 0;
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: "127.0.0.1", port, noDelay: true });
    let sending = false;
    connections += 1;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.on("data", (bytes) => {
      sending = true;
      if (bytes[0] === PARSE && toLose > 0) {
        toLose -= 1;
        client.destroy();
        upstream.destroy();
        return;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (sending) roundTrips += 1;
      sending = false;
      client.write(bytes);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");

  return {
    port: address.port,
    takeRoundTrips() {
      const taken = roundTrips;
      roundTrips = 0;
      return taken;
    },
    takeConnections() {
      const taken = connections;
      connections = 0;
      return taken;
    },
    loseNext(count) {
      toLose = count;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
