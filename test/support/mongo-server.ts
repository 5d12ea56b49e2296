/**
 * A small server that speaks MongoDB's wire protocol, for tests of what the driver is made to send and of what becomes
 * of its answers. It knows the few operators that this runtime sends and refuses all others. It is not MongoDB: it was
 * written from the manual, and proves nothing about a real server.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { BSON, ObjectId, type Binary, type Document } from "mongodb";
import { createLogin, type Login } from "./mongo-login.ts";
import { applySet, compareBy, isMatch, projected, ServerError } from "./mongo-documents.ts";

export interface MongoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A failure that a test has ordered for a command. */
interface Ordered {
  readonly command: string;
  readonly code: number;
  readonly codeName: string;
  readonly labels: readonly string[];
  /** The command was carried out all the same. */
  readonly after: boolean;
  /** The connection is cut in place of an answer. */
  readonly cut: boolean;
}

/** What one connection has got to. */
interface Peer {
  login: Login | null;
}

type Collections = Map<string, Document[]>;

interface State {
  readonly isReplicaSet: boolean;
  readonly port: () => number;
  collections: Collections;
  /** By session and number. */
  readonly transactions: Map<string, Collections>;
  readonly cursors: Map<string, { readonly namespace: string; readonly rest: Document[] }>;
  log: string[];
  orders: Ordered[];
}

const MESSAGE = 2013;
const QUERY = 2004;
const REPLY = 1;

export async function startMongoServer({ isReplicaSet }: { readonly isReplicaSet: boolean }): Promise<MongoServer> {
  let port = 0;
  const state: State = {
    isReplicaSet,
    port: () => port,
    collections: new Map(),
    transactions: new Map(),
    cursors: new Map(),
    log: [],
    orders: [],
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serve(socket, state);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  return {
    url: `mongodb://127.0.0.1:${String(port)}/notes`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(socket: Socket, state: State): void {
  let received = Buffer.alloc(0);
  const peer: Peer = { login: null };
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= received.readInt32LE(0)) {
      const message = received.subarray(0, received.readInt32LE(0));
      received = received.subarray(message.length);
      const answer = answerMessage(message, state, peer);
      if (answer === null) socket.destroy();
      else socket.write(answer);
    }
  });
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
function answerMessage(message: Buffer, state: State, peer: Peer): Buffer | null {
  const operation = message.readInt32LE(12);
  const command = operation === QUERY ? readQuery(message) : readMessage(message);
  const reply = answerCommand(command, state, peer);
  if (reply === null) return null;
  const document = BSON.serialize(asMaps(reply) as Document);
  const body =
    operation === QUERY
      ? [int32(8), Buffer.alloc(8), int32(0), int32(1), document]
      : [int32(0), Buffer.from([0]), document];
  const length = 16 + body.reduce((sum, part) => sum + part.length, 0);
  const head = [int32(length), int32(0), message.subarray(4, 8), int32(operation === QUERY ? REPLY : MESSAGE)];
  return Buffer.concat([...head, ...body]);
}

function readQuery(message: Buffer): Document {
  const end = message.indexOf(0, 20);
  return BSON.deserialize(message.subarray(end + 9));
}

function readMessage(message: Buffer): Document {
  let position = 20;
  let command: Document = {};
  const sequences: Document = {};
  while (position < message.length) {
    const kind = message[position];
    position += 1;
    const length = message.readInt32LE(position);
    const section = message.subarray(position, position + length);
    position += length;
    if (kind === 0) command = BSON.deserialize(section);
    else {
      const end = section.indexOf(0, 4);
      sequences[section.toString("utf8", 4, end)] = readDocuments(section.subarray(end + 1));
    }
  }
  return { ...command, ...sequences };
}

function readDocuments(bytes: Buffer): Document[] {
  const documents: Document[] = [];
  for (let position = 0; position < bytes.length; position += bytes.readInt32LE(position)) {
    documents.push(BSON.deserialize(bytes.subarray(position, position + bytes.readInt32LE(position))));
  }
  return documents;
}

/** Members of plain objects are data, also one called `_bsontype`. */
function asMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, asMaps(member)]));
}

function answerCommand(command: Document, state: State, peer: Peer): Document | null {
  const [name = ""] = Object.keys(command);
  if (/^(?:hello|ismaster)$/i.test(name)) return hello(state);
  if (name === "sluiceTest") return control(command, state);
  if (!name.startsWith("sasl")) state.log.push(JSON.stringify(asReadable(command)));
  const order = state.orders.find((candidate) => candidate.command === name);
  if (order !== undefined) {
    state.orders = state.orders.filter((candidate) => candidate !== order);
    if (order.after) run(name, command, state);
    if (order.cut) return null;
    const labels = order.labels.length === 0 ? {} : { errorLabels: order.labels };
    return {
      ok: 0,
      code: order.code,
      codeName: order.codeName,
      errmsg: "ordered, quoting mongodb://user:secret@host",
      ...labels,
    };
  }
  try {
    return { ok: 1, ...(name.startsWith("sasl") ? logIn(name, command, peer) : run(name, command, state)) };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return { ok: 0, code: error.code, codeName: error.codeName, errmsg: error.message };
  }
}

/** The one user; nobody has to log in. */
function logIn(name: string, command: Document, peer: Peer): Document {
  if (name === "saslStart" && command["mechanism"] !== "SCRAM-SHA-256") {
    throw new ServerError(334, "MechanismUnavailable", "another mechanism");
  }
  if (name === "saslStart") peer.login = createLogin("ann", "s3cret/pass");
  const payload = command["payload"] as Binary;
  const login = peer.login ?? createLogin("", "");
  return name === "saslStart" ? login.start(payload) : login.go(payload);
}

/** Tests compare ids as texts that say so. */
function asReadable(value: unknown): unknown {
  if (value instanceof ObjectId) return `ObjectId ${value.toHexString()}`;
  if (Array.isArray(value)) return value.map(asReadable);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asReadable(member)]));
}

function hello({ isReplicaSet, port }: State): Document {
  const me = `127.0.0.1:${String(port())}`;
  return {
    ...(isReplicaSet ? { setName: "rs", hosts: [me], primary: me, me, setVersion: 1 } : {}),
    ...(isReplicaSet ? { logicalSessionTimeoutMinutes: 30 } : {}),
    saslSupportedMechs: ["SCRAM-SHA-256"],
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    minWireVersion: 0,
    maxWireVersion: 21,
    ok: 1,
  };
}

/** What tests ask for, by the driver: the commands since the last time, all documents, a failure, a fresh start. */
function control(command: Document, state: State): Document {
  switch (command["sluiceTest"]) {
    case "take": {
      const { log } = state;
      state.log = [];
      return { ok: 1, log };
    }
    case "documents":
      return { ok: 1, documents: [...state.collections.values()].flat() };
    case "put": {
      const documents = collectionIn(state.collections, String(command["collection"]));
      documents.push(...(command["documents"] as Document[]));
      return { ok: 1 };
    }
    case "fail":
      state.orders.push(command["order"] as Ordered);
      return { ok: 1 };
    default:
      state.collections = new Map();
      state.transactions.clear();
      state.cursors.clear();
      state.log = [];
      state.orders = [];
      return { ok: 1 };
  }
}

function collectionIn(collections: Collections, name: string): Document[] {
  const documents = collections.get(name) ?? [];
  collections.set(name, documents);
  return documents;
}

function transactionKey({ lsid, txnNumber }: Document): string {
  const { id } = lsid as { id: { toString(encoding: "hex"): string } };
  return `${id.toString("hex")} ${String(txnNumber)}`;
}

/** The collections as the command sees them. */
function viewOf(command: Document, state: State): Collections {
  if (command["txnNumber"] === undefined) return state.collections;
  if (!state.isReplicaSet) {
    throw new ServerError(
      20,
      "IllegalOperation",
      "Transaction numbers are only allowed on a replica set member or mongos",
    );
  }
  if (command["autocommit"] !== false) return state.collections;
  const key = transactionKey(command);
  if (command["startTransaction"] === true) state.transactions.set(key, structuredCopy(state.collections));
  const view = state.transactions.get(key);
  if (view === undefined) throw new ServerError(251, "NoSuchTransaction", "no such transaction");
  return view;
}

const structuredCopy = (collections: Collections): Collections =>
  new Map([...collections].map(([name, documents]) => [name, documents.map((document) => ({ ...document }))]));

function run(name: string, command: Document, state: State): Document {
  const view = viewOf(command, state);
  const documents = collectionIn(view, String(command[name]));
  switch (name) {
    case "insert":
      return insert(documents, command["documents"] as Document[]);
    case "find":
      return find(documents, command, state);
    case "getMore":
      return getMore(command, state);
    case "update":
      return write(command["updates"] as Document[], ({ q, u }) => {
        const matched = documents.filter((document) => isMatch(document, q as Document));
        for (const document of matched) applySet(document, u as Document);
        return matched.length;
      });
    case "delete":
      return write(command["deletes"] as Document[], ({ q }) => {
        const kept = documents.filter((document) => !isMatch(document, q as Document));
        return documents.splice(0, documents.length, ...kept).length - kept.length;
      });
    case "findAndModify":
      return findAndModify(documents, command);
    case "commitTransaction":
      state.collections = view;
      state.transactions.delete(transactionKey(command));
      return {};
    case "abortTransaction":
      state.transactions.delete(transactionKey(command));
      return {};
    case "endSessions":
    case "killCursors":
      return {};
    default:
      throw new ServerError(59, "CommandNotFound", `no such command: ${name}`);
  }
}

function insert(documents: Document[], added: readonly Document[]): Document {
  for (const [index, document] of added.entries()) {
    if (documents.some((other) => String(other["_id"]) === String(document["_id"]))) {
      const writeError = { index, code: 11_000, errmsg: "E11000 duplicate key", keyPattern: { _id: 1 }, keyValue: {} };
      return { n: index, writeErrors: [writeError] };
    }
    documents.push(document);
  }
  return { n: added.length };
}

function write(writes: readonly Document[], apply: (write: Document) => number): Document {
  const n = writes.reduce((sum, one) => sum + apply(one), 0);
  return { n, nModified: n };
}

function find(documents: readonly Document[], command: Document, state: State): Document {
  const {
    filter = {},
    sort = {},
    skip = 0,
    limit = 0,
    batchSize = 101,
    projection = {},
  } = command as {
    filter?: Document;
    sort?: Record<string, 1 | -1>;
    skip?: number;
    limit?: number;
    batchSize?: number;
    projection?: Document;
  };
  const found = documents.filter((document) => isMatch(document, filter)).toSorted(compareBy(sort));
  const page = found
    .slice(skip, limit === 0 ? undefined : skip + limit)
    .map((document) => projected(document, projection));
  const namespace = `${String(command["$db"])}.${String(command["find"])}`;
  return cursorOf("firstBatch", namespace, page, batchSize, state);
}

function cursorOf(batch: string, namespace: string, rest: Document[], size: number, state: State): Document {
  const first = rest.slice(0, size);
  if (rest.length <= size) return { cursor: { id: BSON.Long.ZERO, ns: namespace, [batch]: first } };
  const id = BSON.Long.fromNumber(state.cursors.size + 1);
  state.cursors.set(id.toString(), { namespace, rest: rest.slice(size) });
  return { cursor: { id, ns: namespace, [batch]: first } };
}

function getMore(command: Document, state: State): Document {
  const cursor = state.cursors.get(String(command["getMore"]));
  if (cursor === undefined) throw new ServerError(43, "CursorNotFound", "no such cursor");
  return cursorOf("nextBatch", cursor.namespace, cursor.rest, Number(command["batchSize"] ?? 1000), state);
}

function findAndModify(documents: Document[], command: Document): Document {
  const index = documents.findIndex((document) => isMatch(document, command["query"] as Document));
  const document = documents[index];
  if (document === undefined) return { value: null };
  const fields = (command["fields"] ?? {}) as Document;
  if (command["remove"] === true) documents.splice(index, 1);
  else applySet(document, command["update"] as Document);
  return { value: projected(document, fields) };
}
