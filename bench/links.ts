/**
 * What a signed link costs: signing and checking one, and downloading through one beside a bare read of the bucket, in
 * workerd. Prints Markdown tables. The Workers are text because their types are workerd's and this file's are Node's.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

const CALLS = 1000;
const ROUNDS = 9;
const DOWNLOAD_ROUNDS = 60;
/** Bytes of the files that are downloaded. */
const SIZES = [65_536, 1_048_576, 8_388_608];
const cases = {
  "sign a link": "signLink(linkKey, request)",
  "sign one that is counted and bound": "signLink(linkKey, counted)",
  "sign one on R2": "presignR2(access, r2Request)",
  "open a valid link": "verifyLink(linkKey, valid, now)",
  "open one that is counted and bound (its count not included)": "verifyLink(linkKey, bound, now)",
  "refuse a wrong signature": "verifyLink(linkKey, forged, now)",
  "refuse a parameter too many": "verifyLink(linkKey, widened, now)",
  "answer 410 to a link of last month": "verifyLink(linkKey, valid, later)",
  "refuse a link of last year (signing key derived anew)": "verifyLink(linkKey, stale, now)",
  "pass an address without a signature": "verifyLink(linkKey, plain, now)",
};

const moduleAt = (path: string) => JSON.stringify(fileURLToPath(new URL(`../${path}`, import.meta.url)));
const imports = `
import { signLink, verifyLink } from ${moduleAt("src/http/signed-link.ts")};
import { presignR2 } from ${moduleAt("src/http/r2-presign.ts")};
import { serveFile } from ${moduleAt("src/http/download.ts")};
import { createLinkIssuer } from ${moduleAt("src/http/link-issuer.ts")};
import { createFileRegistry } from ${moduleAt("src/files/registry.ts")};
import { createLinkRegistry } from ${moduleAt("src/files/link-registry.ts")};
import { engine } from ${moduleAt("src/database/d1/d1-engine.ts")};
import { createR2Store } from ${moduleAt("src/storage/r2-store.ts")};
`;
const worker = `${imports}
const linkKey = { accessKeyId: "bench", secret: "a-link-secret-of-at-least-32-bytes-here" };
const now = new Date("2026-10-20T12:00:00Z");
const later = new Date("2026-11-20T12:00:00Z");
const origin = "https://files.example";
const key = "users/42/V1StGXR8_Z5jdHi6B-myT.png";
const base = { origin, key, method: "GET", expiresSeconds: 900, now, epoch: 3, id: "V1StGXR8_Z5jdHi6B-myT" };
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
const widened = new Request(url + "&x=1");
const plain = new Request(origin + "/files/" + key);
const calls = { "nothing": () => null, ${Object.entries(cases)
  .map(([name, call]) => `${JSON.stringify(name)}: () => ${call}`)
  .join(", ")} };

async function measure(name) {
  const call = calls[name];
  for (let count = 0; count < ${CALLS}; count++) {
    try { await call(); } catch (error) { if (error.name !== "Problem") throw error; }
  }
  return new Response("done");
}

const servicesOf = (env) => {
  const database = engine.open({ text: () => "", binding: () => env.DB });
  const { dialect } = engine;
  return {
    database,
    registry: createFileRegistry(database, dialect),
    links: createLinkRegistry(database, dialect),
    store: createR2Store(env.BUCKET),
    linkKey,
    now: new Date(),
  };
};

/** Stores a file of the size in the name and answers with its links. */
async function prepare(url, env) {
  const size = Number(url.searchParams.get("size"));
  const key = "bench/" + size + ".png";
  const services = servicesOf(env);
  const at = services.now.toISOString();
  const file = { id: String(size).padStart(24, "0"), owner: "42", storageKey: key, visibility: "public", endpoint: "bench",
    originalFileName: "a.png", fileType: "image/png", extension: "png", expiresAt: null, createdAt: at };
  await services.registry.reserve(file);
  const findings = { fileSize: size, checksumSha256: "ab".repeat(32), dominantColor: null, thumbhash: null, width: null, height: null };
  await services.database.batch([services.registry.storing(file.id, findings, at)]);
  await env.BUCKET.put(key, new Uint8Array(size));
  const issuer = createLinkIssuer({ registry: services.links, origin: url.origin, linkKey, r2: null, now: services.now, requestId: "bench", clientIp: null });
  // The permanent address reads the row, too, and checks no link.
  const urls = ["/files/" + key];
  for (const maxDownloads of [null, 1_000_000]) {
    const { url, link } = await issuer.issue({ ...file, linkEpoch: 0 }, { expiresSeconds: 3600, maxDownloads, address: null, disposition: null });
    await services.database.batch([services.links.recording(link)]);
    urls.push(url);
  }
  return Response.json(urls);
}

export default {
  async fetch(incoming, env) {
    const url = new URL(incoming.url);
    const [, room, name] = url.pathname.split("/");
    if (room === "call") return measure(decodeURIComponent(name));
    if (room === "prepare") return prepare(url, env);
    if (room === "bare") {
      const object = await env.BUCKET.get("bench/" + name);
      return new Response(object.body, { headers: { "Content-Type": "image/png", "Content-Length": String(object.size) } });
    }
    return serveFile(incoming, servicesOf(env));
  },
};
`;

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// Nothing but the tables on standard output, and no call home.
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
process.env["WRANGLER_SEND_METRICS"] = "false";

const directory = await mkdtemp(join(tmpdir(), "bench-links-"));
const main = join(directory, "worker.ts");
await writeFile(main, worker);
const server = createTestHarness({
  root: directory,
  workers: [
    {
      config: {
        name: "bench-links",
        main,
        compatibility_date: "2026-10-20",
        r2_buckets: [{ binding: "BUCKET", bucket_name: "bench-links" }],
        d1_databases: [
          {
            binding: "DB",
            database_id: "bench-links",
            migrations_dir: fileURLToPath(new URL("../migrations/d1", import.meta.url)),
          },
        ],
      },
    },
  ],
});

/** How the kernel counts CPU: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICK_MS = 10;

/** CPU milliseconds that this process's workerds have used so far. Linux only. */
async function readCpu(): Promise<number> {
  let ticks = 0;
  for (const entry of await readdir("/proc")) {
    const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
    const [, name, rest = ""] = /^\d+ \((.*)\) . (.*)/s.exec(stat) ?? [];
    const fields = rest.split(" ").map(Number);
    if (name === "workerd" && fields[0] === process.pid) ticks += (fields[10] ?? 0) + (fields[11] ?? 0);
  }
  return ticks * TICK_MS;
}

/** CPU milliseconds of one request that makes all calls, the middle of all rounds. */
async function timeCalls(name: string): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = await readCpu();
    const response = await server.fetch(`/call/${encodeURIComponent(name)}`);
    if ((await response.text()) !== "done") throw new Error(`${name}: status ${response.status}`);
    rounds.push((await readCpu()) - start);
  }
  return median(rounds);
}

async function printCalls(): Promise<void> {
  await timeCalls("nothing");
  const overhead = await timeCalls("nothing");
  const processor = cpus()[0]?.model ?? "an unknown processor";
  console.log(`Median of ${ROUNDS} rounds of ${CALLS} calls in workerd, on ${processor}.\n`);
  console.log("| | CPU µs per call |\n| --- | ---: |");
  for (const name of Object.keys(cases)) {
    const microseconds = ((await timeCalls(name)) - overhead) * (1000 / CALLS);
    console.log(`| ${name} | ${microseconds < 1 ? "< 1" : microseconds.toFixed(0)} |`);
  }
}

/** Milliseconds from the request to the last byte. */
async function timeDownload(url: string, sizeBytes: number): Promise<number> {
  const start = performance.now();
  const response = await server.fetch(url);
  let received = 0;
  for await (const chunk of response.body ?? []) received += chunk.length;
  if (response.status !== 200 || received !== sizeBytes)
    throw new Error(`${url}: ${response.status}, ${received} bytes`);
  return performance.now() - start;
}

/**
 * Medians of a bare read and of the link. The two take turns at being first, so that whatever else the machine does, and
 * whatever the one leaves for the other to wait for, happens to both.
 */
async function comparePair(bare: string, link: string, sizeBytes: number): Promise<readonly [number, number]> {
  const times: Record<string, number[]> = { [bare]: [], [link]: [] };
  for (let round = -4; round < DOWNLOAD_ROUNDS; round++) {
    for (const url of round % 2 === 0 ? [bare, link] : [link, bare]) {
      const time = await timeDownload(url, sizeBytes);
      if (round >= 0) times[url]?.push(time);
    }
  }
  return [median(times[bare] ?? []), median(times[link] ?? [])];
}

async function printDownloads(): Promise<void> {
  console.log(`\nMedian of ${DOWNLOAD_ROUNDS} downloads each, in turns, ms to the last byte.\n`);
  console.log("| file | through | bare R2 read | through it | more |\n| ---: | --- | ---: | ---: | ---: |");
  for (const size of SIZES) {
    const links = (await (await server.fetch(`/prepare?size=${size}`)).json()) as string[];
    for (const [index, link] of links.entries()) {
      const [bare, signed] = await comparePair(`/bare/${size}.png`, link, size);
      const name = size < 1_048_576 ? `${size / 1024} KiB` : `${size / 1_048_576} MiB`;
      const more = `${((signed / bare - 1) * 100).toFixed(0)} %`;
      const kind = ["permanent address", "signed link", "counted link"][index] ?? "";
      console.log(`| ${[name, kind, bare.toFixed(2), signed.toFixed(2), more].join(" | ")} |`);
    }
  }
}

try {
  await server.listen();
  await server.getWorker().applyD1Migrations("DB");
  await printCalls();
  await printDownloads();
} finally {
  await server.close();
  await rm(directory, { recursive: true });
}
