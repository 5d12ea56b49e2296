// A call to the server that this page came from, and its refusal. Knows no element.
import { formatWait } from "./words.js";

/** A refusal, in the words of the answer. */
export class Refusal extends Error {
  /** @param headers `get(name)`: null for one that was not sent */
  constructor(status, headers, answer) {
    const message = answer?.message ?? `The server answered ${status}.`;
    const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
    super(seconds > 0 ? `${message.replace(/\.$/, "")}. Try again ${formatWait(seconds)}.` : message);
    this.status = status;
    /** Of a payload: each with a `pointer` and a `detail`. */
    this.faults = answer?.errors ?? [];
  }
}

/** @throws Refusal; Error where nobody answers */
export async function askServer(method, path, { token, payload } = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(payload === undefined ? {} : { "Content-Type": "application/json" }),
    },
    cache: "no-store",
    ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
  }).catch(() => {
    throw new Error("The server cannot be reached.");
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(response.status, response.headers, answer);
  return answer.data;
}
