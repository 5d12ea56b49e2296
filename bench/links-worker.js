/**
 * The runtime that bench/links.ts measures: its links signed and checked many times over, and files served beside a bare
 * read of the bucket. Plain JavaScript because bench/ is type-checked for Node, which lacks the platform's types.
 */
import { createSluice } from "../src/index.ts";
import { d1 } from "../src/databases/d1.ts";
import { createLinkRegistry } from "../src/runtime/links/registry.ts";
import { createFileRegistry } from "../src/runtime/files/registry.ts";
import { serveFile } from "../src/runtime/http/download.ts";
import { createLinkIssuer } from "../src/runtime/links/issue.ts";
import { openLink } from "../src/runtime/links/open.ts";
import { presignR2 } from "../src/runtime/links/r2.ts";
import { signLink, verifyLink } from "../src/runtime/links/signed-link.ts";
import { createR2Store } from "../src/runtime/storage/r2/store.ts";
import { buildOf } from "../test/support/build.ts";

const linkKeyOf = (env) => ({ accessKeyId: "sluice", secret: env.LINK_SECRET });
const app = createSluice(buildOf([]));

/** What is called so often that its CPU can be counted. */
async function prepareCalls(env) {
  const linkKey = linkKeyOf(env);
  const now = new Date("2026-10-20T12:00:00Z");
  const later = new Date("2026-11-20T12:00:00Z");
  const origin = "https://files.example";
  const key = "users/42/V1StGXR8_Z5jdHi6B-myT.png";
  const base = { base: origin, key, method: "GET", expiresSeconds: 900, now, epoch: 3, id: "V1StGXR8_Z5jdHi6B-myT" };
  const request = { ...base, disposition: 'attachment; filename="a b.png"' };
  const address = "2001:db8::1";
  const counted = { ...request, maxDownloads: 3, address };
  const access = { endpoint: "https://0.r2.cloudflarestorage.com", bucket: "files", ...linkKey };
  const r2Request = { ...base, fileType: "image/png", fileName: "a b.png", kind: "inline" };
  const url = await signLink(linkKey, request);
  const valid = new Request(url);
  const bound = new Request(await signLink(linkKey, counted), { headers: { "CF-Connecting-IP": address } });
  const forged = new Request(url.slice(0, -1) + (url.endsWith("0") ? "1" : "0"));
  const stale = new Request(url.replaceAll("20261020", "20251020"));
  const widened = new Request(`${url}&x=1`);
  const plain = new Request(`${origin}/files/${key}`);
  return {
    nothing: () => null,
    "sign a link": () => signLink(linkKey, request),
    "sign one that is counted and bound": () => signLink(linkKey, counted),
    "sign one on R2": () => presignR2(access, r2Request),
    "open a valid link": () => verifyLink(linkKey, valid, now),
    "open one that is counted and bound (its count not included)": () => verifyLink(linkKey, bound, now),
    "open one that was opened before": () => openLink(linkKey, valid, now),
    "refuse a wrong signature": () => verifyLink(linkKey, forged, now),
    "refuse a parameter too many": () => verifyLink(linkKey, widened, now),
    "answer 410 to a link of last month": () => verifyLink(linkKey, valid, later),
    "refuse a link of last year (signing key derived anew)": () => verifyLink(linkKey, stale, now),
    "pass an address without a signature": () => verifyLink(linkKey, plain, now),
  };
}

async function measure(call, count) {
  for (let done = 0; done < count; done++) {
    try {
      await call();
    } catch (error) {
      if (error.name !== "Problem") throw error;
    }
  }
  return new Response("done");
}

/**
 * Stores a file of the size in the query and answers with its addresses, permanent, signed and counted: of each kind as many
 * as asked for, since a link that was opened before is known.
 */
async function prepareFile(url, env) {
  const size = Number(url.searchParams.get("size"));
  const count = Number(url.searchParams.get("count"));
  const key = `bench/${size}.png`;
  const now = new Date();
  const database = d1.open({ text: () => "", binding: () => env.DB });
  const files = createFileRegistry(database, d1.dialect);
  const links = createLinkRegistry(database, d1.dialect);
  const file = {
    id: String(size).padStart(24, "0"),
    owner: "42",
    storageKey: key,
    visibility: "public",
    endpoint: "bench",
    originalFileName: "a.png",
    fileType: "image/png",
    extension: "png",
    fileApi: true,
    expiresAt: null,
    createdAt: now.toISOString(),
  };
  await files.reserve(file);
  const looks = { dominantColor: null, thumbhash: null, width: null, height: null };
  const findings = { fileSize: size, checksumSha256: "ab".repeat(32), ...looks };
  await database.batch([files.storing(file.id, findings, file.createdAt)]);
  await env.BUCKET.put(key, new Uint8Array(size));
  const identity = { base: url.origin, linkKey: linkKeyOf(env), r2: null, now, requestId: "bench", clientIp: null };
  const issuer = createLinkIssuer({ ...identity, registry: links });
  const kinds = [Array.from({ length: count }, () => `${url.origin}/files/${key}`)];
  for (const maxDownloads of [null, 1_000_000]) {
    const terms = { expiresSeconds: 3600, maxDownloads, address: null, disposition: null };
    const issued = [];
    for (let made = 0; made < count; made++) issued.push(await issuer.issue({ ...file, linkEpoch: 0 }, terms));
    await database.batch(issued.map(({ link }) => links.recording(link)));
    kinds.push(issued.map((one) => one.url));
  }
  return Response.json(kinds);
}

async function readBare(key, env) {
  const object = await env.BUCKET.get(key);
  const headers = { "Content-Type": "image/png", "Content-Length": String(object.size) };
  return new Response(object.body, { headers });
}

function serve(request, env) {
  const links = createLinkRegistry(d1.open({ text: () => "", binding: () => env.DB }), d1.dialect);
  return serveFile(request, { links, store: createR2Store(env.BUCKET), linkKey: linkKeyOf(env), now: new Date() });
}

let calls = null;

export default {
  async fetch(request, env, context) {
    switch (request.headers.get("X-Bench")) {
      case "app":
        return app.fetch(request, env, context);
      case "again":
      case "first":
        return serve(request, env);
    }
    const url = new URL(request.url);
    const [, room, ...names] = url.pathname.split("/");
    if (room === "bare") return readBare(names.join("/"), env);
    if (room === "prepare") return prepareFile(url, env);
    calls ??= await prepareCalls(env);
    if (room === "calls") return Response.json(Object.keys(calls).filter((name) => name !== "nothing"));
    return measure(calls[decodeURIComponent(names.join("/"))], Number(url.searchParams.get("count")));
  },
};
