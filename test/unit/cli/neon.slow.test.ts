/** Neon's protocols in front of a PostgreSQL, and when the Worker is given them. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { findBinaries } from "../../../src/compiler/sql/postgres/find-binaries.ts";
import { startCluster, type Cluster } from "../../../src/compiler/sql/postgres/throw-away-cluster.ts";
import { isNear, openDevelopmentDatabase } from "../../../src/cli/local/development-database.ts";
import { startLocalEndpoint, type LocalEndpoint } from "../../../src/cli/local/neon/local-endpoint.ts";
import { neon } from "../../../src/databases/neon.ts";

const isThere = (await findBinaries()) !== null;
let cluster: Cluster;
let endpoint: LocalEndpoint;
beforeAll(async () => {
  if (!isThere) return;
  cluster = await startCluster();
  endpoint = await startLocalEndpoint(cluster.url);
}, 60_000);
afterAll(async () => {
  await endpoint?.close();
  await cluster?.stop();
});

const engineAt = (url: string) => neon.open({ text: () => url, binding: () => undefined });
const select = { sql: "SELECT current_user AS who", parameters: [], columns: {}, writes: false };
const urlWith = (change: (url: URL) => void): string => {
  const url = new URL(endpoint.url);
  change(url);
  return url.href;
};

describe.skipIf(!isThere)("Neon's driver", () => {
  test("asks by HTTP and by WebSocket as PostgreSQL's user, whose password it is not told", async () => {
    expect(endpoint.url).not.toContain(new URL(cluster.url).password);
    const database = engineAt(endpoint.url);
    expect(await database.batch([select])).toEqual([[{ who: "sluice" }]]);
    const session = database.begin();
    expect(await session.send([select])).toEqual([[{ who: "sluice" }]]);
    expect(await session.commit([select])).toEqual([[{ who: "sluice" }]]);
  });

  test.each<[string, (url: URL) => void, string]>([
    ["password", (url) => (url.password = "guessed"), 'password authentication failed for user "sluice"'],
    ["user", (url) => (url.username = "postgres"), 'password authentication failed for user "postgres"'],
    ["database", (url) => (url.pathname = "/ab%22sent"), 'database "ab"sent" does not exist'],
  ])("with a wrong %s is refused as PostgreSQL would", async (_, change, reason) => {
    const database = engineAt(urlWith(change));
    await expect(database.batch([select])).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringContaining(reason),
    });
    const session = database.begin();
    await expect(session.send([select])).rejects.toMatchObject({
      code: "misconfigured",
      message: expect.stringContaining(reason),
    });
    await session.rollback();
  });
});

test.skipIf(!isThere)("a connection is kept for as long as its owner keeps it", async () => {
  const agent = new Agent({ keepAlive: true });
  const ask = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const { host } = new URL(endpoint.url);
      const call = request(`http://${host}/`, { agent }, (response) => {
        response.resume().once("end", () => resolve(call.socket?.localPort));
      });
      call.once("error", reject).end();
    });
  const first = await ask();
  // Node's own patience is 5 s.
  await sleep(6000);
  expect(await ask()).toBe(first);
  agent.destroy();
});

/** Sends bytes by WebSocket, one message for each, and resolves with all that comes back, when it is enough or the end. */
async function converse(
  messages: readonly Uint8Array<ArrayBuffer>[],
  isEnough: (answer: Buffer) => boolean,
): Promise<Buffer> {
  const { host } = new URL(endpoint.url);
  const socket = new WebSocket(`ws://${host}/v2`);
  socket.binaryType = "arraybuffer";
  let answer = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    socket.addEventListener("open", () => {
      for (const message of messages) socket.send(message);
    });
    socket.addEventListener("message", ({ data }) => {
      answer = Buffer.concat([answer, Buffer.from(data as ArrayBuffer)]);
      if (isEnough(answer)) resolve();
    });
    socket.addEventListener("close", () => resolve());
  });
  socket.close();
  return answer;
}

function startup(parameters: Readonly<Record<string, string>>): Buffer<ArrayBuffer> {
  const body = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

function typed(type: string, text: string): Buffer<ArrayBuffer> {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(text.length + 5, 1);
  return Buffer.concat([head, Buffer.from(`${text}\0`)]);
}

describe.skipIf(!isThere)("the protocol", () => {
  const query = typed("Q", "SELECT 'found' AS v");
  const login = () => {
    const { username: user, password, pathname } = new URL(endpoint.url);
    return Buffer.concat([startup({ user, database: pathname.slice(1) }), typed("p", password)]);
  };

  test("however the bytes are cut", async () => {
    const bytes = Buffer.concat([login(), query]);
    for (const size of [1, 7, 64, bytes.length]) {
      const messages = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      const answer = await converse(messages, (answered) => answered.includes("SELECT 1"));
      // AuthenticationCleartextPassword, AuthenticationOk, ReadyForQuery.
      expect(answer.toString("hex", 0, 24)).toBe(["520000000800000003", "520000000800000000", "5a0000000549"].join(""));
      expect(answer.includes("found")).toBe(true);
    }
  });

  test.each<[string, () => Uint8Array<ArrayBuffer>[]]>([
    ["a negative length", () => [Buffer.from([0xff, 0xff, 0xff, 0xfb, 0, 3, 0, 0, 1, 2, 3, 4, 5])]],
    ["another protocol", () => [Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])]],
    ["HTTP", () => [Buffer.from("GET / HTTP/1.1\r\n\r\n")]],
    ["a login without end", () => [Buffer.from([0x7f, 0, 0, 0, 0, 3, 0, 0]), Buffer.alloc(20_000)]],
    [
      "a password of negative length",
      () => [startup({ user: "sluice" }), Buffer.from([0x70, 0xff, 0xff, 0xff, 0xf0]), query],
    ],
    ["no parameters", () => [startup({}), typed("p", "x")]],
  ])("%s is not let in, and ends nothing but itself", async (_, messages) => {
    const answer = await converse(messages(), () => false);
    expect(answer.includes("found")).toBe(false);
    const after = await converse([login(), query], (answered) => answered.includes("SELECT 1"));
    expect(after.includes("found")).toBe(true);
  });

  test.each([
    ["GET", "/sql", {}, 404],
    ["POST", "/", {}, 404],
    ["POST", "/sql", {}, 500],
    ["POST", "/sql", { "Neon-Connection-String": "postgresql://sluice:guessed@127.0.0.1/postgres" }, 400],
    ["POST", "/sql", { "Neon-Connection-String": "postgresql://%:x@127.0.0.1/postgres" }, 500],
  ])("%s %s with %j: %i", async (method, path, headers, status) => {
    const { host } = new URL(endpoint.url);
    const query = method === "GET" ? {} : { body: JSON.stringify({ query: "SELECT 1" }) };
    const answer = await fetch(`http://${host}${path}`, { method, headers, ...query });
    expect([answer.status, await answer.text()]).toEqual([status, expect.not.stringContaining("rowCount")]);
  });
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["0.0.0.0", true],
  ["[::1]", true],
  ["[fd12:3456::1]", true],
  ["10.1.2.3", true],
  ["172.16.0.1", true],
  ["172.31.255.1", true],
  ["192.168.1.5", true],
  ["db", true],
  ["POSTGRES", true],
  ["host.docker.internal", true],
  ["db.localhost", true],
  ["my-mac.local", true],
  ["", true],
  ["/var/run/postgresql", true],
  ["172.15.0.1", false],
  ["172.32.0.1", false],
  ["11.0.0.1", false],
  ["[2a05:d018::1]", false],
  ["10.example.com", false],
  ["ep-cool-name-123456.eu-central-1.aws.neon.tech", false],
  ["localhost.example.com", false],
])("a PostgreSQL at %s is near: %j", (host, expected) => {
  expect(isNear(host)).toBe(expected);
});

describe("the Worker's database under development", () => {
  beforeEach(() => vi.unstubAllEnvs());
  const remote = "postgresql://u:p@ep-name.eu-central-1.aws.neon.tech/db?sslmode=require";

  test("D1 needs nothing", async () => {
    expect(await openDevelopmentDatabase("d1", {})).toMatchObject({ variables: {}, environment: {}, place: null });
  });

  test("Hyperdrive is where the other commands are", async () => {
    vi.stubEnv("DATABASE_URL", remote);
    const { variables, environment } = await openDevelopmentDatabase("hyperdrive", {});
    expect(variables).toEqual({});
    expect(environment).toEqual({ CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: remote });
  });

  test("Neon's own is left to the Worker, which has to have the same", async () => {
    vi.stubEnv("DATABASE_URL", remote);
    const opened = await openDevelopmentDatabase("neon", { DATABASE_URL: remote });
    const place = "PostgreSQL at ep-name.eu-central-1.aws.neon.tech/db";
    expect(opened).toMatchObject({ variables: {}, environment: {}, place });
    await expect(openDevelopmentDatabase("neon", {})).rejects.toThrow(
      `DATABASE_URL of the environment is ${place}; the Worker reads .dev.vars: write it there`,
    );
  });

  test.skipIf(!isThere)("a PostgreSQL nearby is given to it behind the endpoint", async () => {
    vi.stubEnv("DATABASE_URL", cluster.url);
    const opened = await openDevelopmentDatabase("neon", {});
    const { variables, place } = opened;
    expect(place).toBe(`PostgreSQL at 127.0.0.1:${String(cluster.port)}/postgres`);
    expect(await engineAt(variables["DATABASE_URL"] ?? "").batch([select])).toEqual([[{ who: "sluice" }]]);
    await opened.close();
    await expect(engineAt(variables["DATABASE_URL"] ?? "").batch([select])).rejects.toMatchObject({ status: 503 });
  });
});
