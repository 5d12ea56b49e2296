/** A client of tus whose line breaks where it is told to. */
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface BrokenLine {
  /** Bytes of the body that were handed to the line. */
  readonly sent: number;
  /** Those of them that were still in the buffers of the system's sockets when it broke: no server has read them. */
  readonly queued: number;
  /** What was answered; null: the line broke first. */
  readonly status: number | null;
}

const headers = { "tus-resumable": "1.0.0" };
const PIECE_BYTES = 65_536;

export interface Patch {
  readonly url: string;
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly token: string;
}

/** Sends the bytes from the offset on. @param until where the line ends; null: it holds @param cut breaks it */
export async function sendUntil(
  { url, bytes, offset, token }: Patch,
  until: number | null,
  cut: (destroy: () => void) => Promise<void>,
): Promise<BrokenLine> {
  let at = offset;
  let queued = 0;
  const outgoing = request(url, {
    method: "PATCH",
    agent: false,
    headers: {
      ...headers,
      "x-access-token": token,
      "content-type": "application/offset+octet-stream",
      "content-length": String(bytes.length - offset),
      "upload-offset": String(offset),
    },
  });
  const answered = new Promise<number | null>((resolve) => {
    outgoing.once("response", (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? null));
    });
    outgoing.once("error", () => resolve(null));
    outgoing.once("close", () => resolve(null));
  });
  const end = until ?? bytes.length;
  while (at < end && !outgoing.destroyed) {
    const piece = bytes.subarray(at, Math.min(end, at + PIECE_BYTES));
    at += piece.length;
    const isTaken = outgoing.write(piece);
    if (!isTaken) await Promise.race([new Promise((resolve) => outgoing.once("drain", resolve)), answered]);
  }
  if (until === null) outgoing.end();
  else {
    queued = await queuedBytes(outgoing.socket?.localPort);
    await cut(() => outgoing.destroy());
  }
  return { sent: at - offset, queued, status: await answered };
}

/** What Linux holds of a local connection, on both of its ends: https://docs.kernel.org/networking/proc_net_tcp.html */
async function queuedBytes(port: number | undefined): Promise<number> {
  const table = await readFile("/proc/net/tcp", "utf8").catch(() => "");
  const end = `:${(port ?? 0).toString(16).padStart(4, "0").toUpperCase()}`;
  const queues = table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", remote = ""]) => local.endsWith(end) || remote.endsWith(end))
    .flatMap(([, , , , sizes = ""]) => sizes.split(":"));
  return queues.reduce((sum, size) => sum + Number.parseInt(size, 16), 0);
}

/** The offset, as soon as somebody answers. */
export async function askOffset(url: () => string, token: string): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const response = await fetch(url(), { method: "HEAD", headers: { ...headers, "x-access-token": token } }).catch(
      () => null,
    );
    if (response?.status === 200) return Number(response.headers.get("upload-offset"));
    if (response !== null && response.status < 500) throw new Error(`HEAD answered ${String(response.status)}`);
    await sleep(100);
  }
  throw new Error("Nobody answers");
}
