/**
 * Measures src/multipart against the platform's own `request.formData()`: speed and peak memory of parsing alone, in
 * workerd. Run `node bench/multipart.ts [rounds]`; prints a Markdown table.
 *
 * The forms are files of random bytes, in which line breaks and dashes come as often as in any compressed file. A second
 * Worker passes them on as request bodies. That keeps this process out of the way: sent from here over a socket, they
 * arrive as fast on an idle machine, but on a busy one the sender is what is measured. The row "read only" shows how fast
 * the bytes can be had at all. The ways take turns, and the ratio is taken within each turn, so that a machine that is
 * slower for a while is so for all. Each way has an isolate to itself, because the collections that one causes throw away
 * the compiled code of the others.
 *
 * The time is taken here, from request to answer, because clocks inside a Worker stand still between I/O. Memory is what
 * the inspector says of the isolate (heap, embedder, array buffers), polled while forms are parsed, less what it was
 * after a collection before.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { anyFreePort } from "../src/compiler/sql/postgres/free-port.ts";
import { openInspector, peakOver } from "./support/inspector.ts";

const MIB = 1024 * 1024;
const BOUNDARY = "----WebKitFormBoundaryd0oK2mWqzJfYh3Ab";
const COMPATIBILITY_DATE = "2026-10-20";
/** Requests until the compiler has settled. */
const WARM_UP_ROUNDS = 5;

interface Form {
  readonly title: string;
  readonly fileName: string;
  readonly files: number;
  readonly fileBytes: number;
}

const forms: readonly Form[] = [
  { title: "2 × 20 MiB", fileName: "40", files: 2, fileBytes: 20 * MIB },
  { title: "1 × 200 MiB", fileName: "200", files: 1, fileBytes: 200 * MIB },
];
const ways = [
  { name: "read", title: "read only" },
  { name: "sluice", title: "Sluice" },
  { name: "formData", title: "native `formData()`" },
] as const;
/** Also the name of the Worker that does it. */
type Way = (typeof ways)[number]["name"];

async function writeForm(directory: string, form: Form): Promise<void> {
  const file = await open(join(directory, form.fileName), "w");
  for (let index = 0; index < form.files; index++) {
    const disposition = `Content-Disposition: form-data; name="f${index}"; filename="f${index}.bin"`;
    await file.write(`--${BOUNDARY}\r\n${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`);
    for (let written = 0; written < form.fileBytes; written += MIB) await file.write(randomBytes(MIB));
    await file.write("\r\n");
  }
  await file.write(`--${BOUNDARY}--\r\n`);
  await file.close();
}

async function bundle(fileName: string): Promise<string> {
  const entryPoints = [new URL(fileName, import.meta.url).pathname];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: "esm", target: "es2024", write: false });
  return outputFiles[0]?.text ?? "";
}

async function startWorkers(directory: string, port: number, inspectorPort: number): Promise<Miniflare> {
  const common = { modules: true as const, compatibilityDate: COMPATIBILITY_DATE };
  const names = ways.map(({ name }) => name);
  const source = {
    ...common,
    name: "source",
    script: await bundle("multipart-source.js"),
    serviceBindings: {
      ...Object.fromEntries(names.map((name) => [name, name])),
      FORMS: { disk: { path: directory, writable: false } },
    },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
  };
  const script = await bundle("multipart-worker.js");
  const workers = [source, ...names.map((name) => ({ ...common, name, script }))];
  const miniflare = new Miniflare(convertV4MiniflareOptions({ inspectorPort, workers }));
  await miniflare.ready;
  return miniflare;
}

/** Has one form parsed, checks the answer and gives the milliseconds it took. */
async function parse(port: number, way: Way, form: Form): Promise<number> {
  const query = new URLSearchParams({ way, form: form.fileName, type: `multipart/form-data; boundary=${BOUNDARY}` });
  const start = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/?${query}`);
  const counted = Number(await response.text());
  const took = performance.now() - start;
  const fileBytes = form.files * form.fileBytes;
  if (way === "read" ? !(counted > fileBytes) : counted !== fileBytes) throw new Error(`${way} counted ${counted}`);
  return took;
}

/** The measurements of one way for one form. */
interface Measured {
  readonly peakBytes: number;
  readonly milliseconds: number[];
}

const keyOf = (form: Form, way: Way): string => `${form.title} ${way}`;

async function measure(port: number, inspectorPort: number, rounds: number): Promise<Map<string, Measured>> {
  const measured = new Map<string, Measured>();
  for (const { name } of ways) {
    const inspect = await openInspector(inspectorPort, name);
    for (const form of forms) {
      const peakBytes = await peakOver(inspect, async () => {
        for (let round = 0; round < WARM_UP_ROUNDS; round++) await parse(port, name, form);
      });
      measured.set(keyOf(form, name), { peakBytes, milliseconds: [] });
    }
  }
  for (const form of forms) {
    for (let round = 0; round < rounds; round++) {
      for (const { name } of ways) measured.get(keyOf(form, name))?.milliseconds.push(await parse(port, name, form));
    }
  }
  return measured;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function tableOf(measured: ReadonlyMap<string, Measured>, rounds: number): string {
  const lines = [
    `| form | way | MiB/s, median of ${rounds} | × native, median by round | peak MiB over base |`,
    "|---|---|---:|---:|---:|",
  ];
  for (const form of forms) {
    const native = measured.get(keyOf(form, "formData"))?.milliseconds ?? [];
    for (const { name, title } of ways) {
      const { peakBytes = 0, milliseconds = [] } = measured.get(keyOf(form, name)) ?? {};
      const speed = (form.files * form.fileBytes) / MIB / (median(milliseconds) / 1000);
      const ratio = median(milliseconds.map((took, round) => (native[round] ?? Number.NaN) / took));
      const cells = [form.title, title, speed.toFixed(0), ratio.toFixed(2), (peakBytes / MIB).toFixed(1)];
      lines.push(`| ${cells.join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

const rounds = Number(process.argv[2] ?? 15);
const directory = await mkdtemp(join(tmpdir(), "sluice-multipart-"));
try {
  for (const form of forms) await writeForm(directory, form);
  const [port, inspectorPort] = [await anyFreePort(), await anyFreePort()];
  const miniflare = await startWorkers(directory, port, inspectorPort);
  const measured = await measure(port, inspectorPort, rounds);
  console.log(`${tableOf(measured, rounds)}\n\n\`node bench/multipart.ts ${rounds}\``);
  await miniflare.dispose();
} finally {
  await rm(directory, { recursive: true });
}
// The inspector's socket would keep the process.
process.exit();
