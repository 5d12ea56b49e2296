import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../../../src/runtime/development/late-answer.ts";
import { forDevelopment } from "../../../../src/runtime/development/for-development.ts";

const nothing = {
  plans: [],
  uncompiled: [],
  nearest: () => null,
  withOpenApi: (handlers: { readonly fetch: Fetch }) => handlers,
};
const CHUNK_BYTES = 64 * 1024;

type Answer = (request: Request) => Response | Promise<Response>;

const call = async ({ fetch }: ExportedHandler, request: Request) =>
  fetch?.(request as Parameters<typeof fetch>[0], {}, {} as ExecutionContext);

const answerWith = (fetch: Answer) => {
  const worker = forDevelopment({ fetch: (request) => fetch(request) }, nothing);
  return async (request: Request) => call(worker, request);
};

/** A client that sends so many chunks, and then ends, stops sending, or breaks off. */
function clientOf(chunks: number, end: "ends" | "stops" | "breaks off" = "ends") {
  const { readable, writable } = new IdentityTransformStream();
  const sent = { bytes: 0 };
  const send = async () => {
    const writer = writable.getWriter();
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      await writer.write(new Uint8Array(CHUNK_BYTES));
      sent.bytes += CHUNK_BYTES;
    }
    if (end === "ends") await writer.close();
    if (end === "breaks off") await writer.abort(new Error("gone"));
  };
  void send().catch(() => undefined);
  const request = new Request("http://localhost/", { method: "POST", body: readable });
  return { request, sent };
}

/** As whoever refuses a body in its midst. */
async function refuse(request: Request): Promise<Response> {
  const reader = request.body?.getReader();
  await reader?.read();
  await reader?.cancel(new Error("too large"));
  return new Response("too large", { status: 413 });
}

describe("under development", () => {
  test.each<[string, Answer]>([
    ["in its midst", refuse],
    ["unread", () => new Response("no", { status: 401 })],
    ["by a fault", () => Promise.reject(new Error("a fault"))],
  ])("a body that is refused %s is read to its end before the answer leaves", async (_, fetch) => {
    const { request, sent } = clientOf(200);
    await answerWith(fetch)(request).catch(() => undefined);
    expect(sent.bytes).toBe(200 * CHUNK_BYTES);
  });

  test.each(["GET", "HEAD"])("a %s is handed on as it comes, with a body that means nothing", async (method) => {
    const request = new Request("http://localhost/", { method });
    Object.defineProperty(request, "body", { value: clientOf(1).request.body });
    const answer = await answerWith((asked) => new Response(asked === request ? "the same" : "another"))(request);
    expect(await answer?.text()).toBe("the same");
  });

  test("a client that stops sending is answered all the same", async () => {
    const { request, sent } = clientOf(20, "stops");
    expect((await answerWith(refuse)(request))?.status).toBe(413);
    expect(sent.bytes).toBe(20 * CHUNK_BYTES);
  });

  test("what is read is what was sent; with a length a bucket takes it", async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(CHUNK_BYTES));
    const headers = { "Content-Length": String(bytes.length) };
    const request = new Request("http://localhost/", { method: "POST", body: bytes, headers });
    const answer = await answerWith(async ({ body }) => {
      await env.BUCKET.put("development", body);
      return new Response("kept");
    })(request);
    expect(await answer?.text()).toBe("kept");
    const kept = await env.BUCKET.get("development");
    expect(new Uint8Array((await kept?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(bytes);
    await env.BUCKET.delete("development");
  });

  test("a body may still go on into the answer", async () => {
    const { request } = clientOf(30);
    const answer = await answerWith(({ body }) => new Response(body))(request);
    expect((await answer?.arrayBuffer())?.byteLength).toBe(30 * CHUNK_BYTES);
  });

  test("who breaks off is noticed", async () => {
    const { request } = clientOf(3, "breaks off");
    const read = answerWith(async (handed) => new Response(String((await handed.arrayBuffer()).byteLength)));
    await expect(read(request)).rejects.toThrow("gone");
  });

  test("other handlers, and a call without a body, are as they were", async () => {
    const queue = () => undefined;
    const worker = forDevelopment({ queue, fetch: (request) => new Response(String(request.body)) }, nothing);
    expect(worker.queue).toBe(queue);
    const answer = await call(worker, new Request("http://localhost/"));
    expect(await answer?.text()).toBe("null");
    expect(forDevelopment({ queue }, nothing)).toEqual({ queue });
  });
});
