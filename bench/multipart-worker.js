/**
 * The Worker that bench/multipart.ts measures: takes a form and counts its bytes, in one of three ways. Plain JavaScript
 * because bench/ is type-checked for Node, which lacks the platform's streams.
 */
import { defaultMultipartLimits, readMultipart } from "../src/runtime/multipart/read-multipart.ts";
import { parseBoundary } from "../src/runtime/multipart/boundary.ts";

const limits = { ...defaultMultipartLimits, maxBodyBytes: 2 ** 30 };

/** The path is the way. */
const ways = {
  /** How fast the bytes can be had at all: nothing is looked at. */
  async "/read"(request) {
    const reader = request.body.getReader({ mode: "byob" });
    let bytes = 0;
    let view = new Uint8Array(256 * 1024);
    for (;;) {
      const { value, done } = await reader.readAtLeast(64 * 1024, view);
      if (done) return bytes;
      bytes += value.byteLength;
      view = new Uint8Array(value.buffer);
    }
  },
  async "/sluice"(request) {
    let bytes = 0;
    const boundary = parseBoundary(request.headers.get("Content-Type"));
    for await (const { body } of readMultipart(request.body, boundary, limits)) {
      for (let view = await body.read(); view !== null; view = await body.read()) bytes += view.byteLength;
    }
    return bytes;
  },
  async "/formData"(request) {
    let bytes = 0;
    for (const value of (await request.formData()).values()) bytes += value.size;
    return bytes;
  },
};

export default {
  async fetch(request) {
    const way = ways[new URL(request.url).pathname];
    return new Response(String(await way(request)));
  },
};
