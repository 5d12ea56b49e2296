/** One file by tus over a line that breaks again and again, to a server that is killed again and again. */
import { createDice } from "../../fuzz/mutations.ts";
import { resumablePartBytes as PART_BYTES } from "../../../../src/contract/limits.ts";
import type { KillableServer } from "../server.ts";
import { askOffset, sendUntil } from "./upload.ts";

/** What a client shall set as its chunk: the platform ends larger bodies. */
const CHUNK_BYTES = 50 * 1024 * 1024;
/** Every so many breaks one is the server's. */
const KILL_EVERY = 11;
const FIRST_KILL = 5;

export interface Interrupted {
  readonly server: KillableServer;
  readonly bytes: Uint8Array;
  readonly token: string;
  /** Of the line and the server, together. */
  readonly breaks: number;
  /** Decides where the line breaks; what the server was doing just then differs from run to run. */
  readonly seed: number;
}

export interface Sent {
  /** Of the upload. */
  readonly path: string;
  readonly kills: number;
  /** Bytes that were handed to the line more than once. */
  readonly resent: number;
  /** The most of them by one break, without what stood in the sockets' buffers. */
  readonly mostLost: number;
}

/** @throws Error where the server has more bytes than it was sent, or has lost more than one part of those that it read */
export async function sendInterrupted({ server, bytes, token, breaks, seed }: Interrupted): Promise<Sent> {
  const size = bytes.length;
  // Of the server that is up now.
  const addressOf = (path: string) => `${server.origin() ?? "http://127.0.0.1:9"}${path}`;
  const created = await fetch(addressOf("/video"), {
    method: "POST",
    headers: { "tus-resumable": "1.0.0", "upload-length": String(size), "x-access-token": token },
  });
  if (created.status !== 201) throw new Error(`The creation answered ${String(created.status)}`);
  const { pathname: path } = new URL(created.headers.get("location") ?? "");
  const url = () => addressOf(path);
  const dice = createDice(seed, 0);
  const points = Array.from({ length: breaks }, () => dice(size)).toSorted((one, two) => one - two);
  let [resent, mostLost, reached, queued, kills] = [0, 0, 0, 0, 0];
  /** A killed server loses what was in its memory: the part that was filled, and the one that was sent. */
  let mayLose = 0;
  const resume = async () => {
    const offset = await askOffset(url, token);
    const missing = reached - offset;
    if (missing < 0 || missing - queued > mayLose) {
      throw new Error(
        `At ${String(offset)} after ${String(reached)} bytes, of which ${String(queued)} were on the way`,
      );
    }
    resent += missing;
    mostLost = Math.max(mostLost, missing - queued);
    return offset;
  };
  /** Sends whole chunks, as far as they end at or before the byte. */
  const sendChunks = async (from: number, until: number) => {
    let offset = from;
    while (offset + CHUNK_BYTES <= until) {
      const chunk = bytes.subarray(0, offset + CHUNK_BYTES);
      const { status } = await sendUntil({ url: url(), bytes: chunk, offset, token }, null, nothing);
      if (status !== 204) throw new Error(`A PATCH answered ${String(status)}`);
      offset += CHUNK_BYTES;
    }
    return offset;
  };
  for (const [index, point] of points.entries()) {
    const begun = await resume();
    const until = Math.min(size - 1, Math.max(point, begun + 1 + dice(65_536)));
    const offset = await sendChunks(begun, until);
    const chunk = bytes.subarray(0, offset + CHUNK_BYTES);
    const isKill = index % KILL_EVERY === FIRST_KILL;
    const { status, ...broken } = await sendUntil(
      { url: url(), bytes: chunk, offset, token },
      until,
      async (destroy) => {
        if (isKill) await server.kill();
        destroy();
      },
    );
    if (status !== null) throw new Error(`A PATCH that broke off was answered ${String(status)}`);
    reached = offset + broken.sent;
    queued = broken.queued;
    kills += isKill ? 1 : 0;
    mayLose = (isKill ? 2 : 1) * PART_BYTES;
  }
  const offset = await sendChunks(await resume(), size - 1);
  const last = await sendUntil({ url: url(), bytes, offset, token }, null, nothing);
  if (last.status !== 204) throw new Error(`The last PATCH answered ${String(last.status)}`);
  return { path, kills, resent, mostLost };
}

const nothing = async () => undefined;
