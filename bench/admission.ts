/**
 * Measures whether one caller can shut the door for others: slow senders that hold on, and forms that are held. The real
 * app in workerd, callers told apart by address. Run `node bench/admission.ts [seconds]`; prints counts and a figure of memory.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startIsolate, type Isolate } from "./support/isolate.ts";

const MIB = 1024 * 1024;
const SECONDS = Number(process.argv[2] ?? 80);
const SLOW_SENDERS = 12;
/** 1.2 KB/s. */
const DRIP = { bytes: 120, milliseconds: 100 };
const BOUNDARY = "----WebKitFormBoundaryd0oK2mWqzJfYh3Ab";
const fileHead = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n\r\n`;

interface Sent {
  readonly socket: Socket;
  /** The status of the answer; 0 = the connection ended without one. */
  readonly status: Promise<number>;
}

/** Sends a request's head and the beginning of its body. */
async function begin(port: number, address: string, length: number, body: Buffer): Promise<Sent> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let answer = "";
  const status = new Promise<number>((resolve) => {
    const done = () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0));
    socket
      .on("data", (text) => {
        answer += text.toString();
        if (answer.includes("\r\n\r\n")) done();
      })
      .on("error", done)
      .on("close", done);
  });
  const lines = [
    "POST /many HTTP/1.1",
    "Host: x",
    "Connection: close",
    `CF-Connecting-IP: ${address}`,
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    `Content-Length: ${length}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  socket.write(body);
  return { socket, status };
}

const small = Buffer.concat([Buffer.from(fileHead), randomBytes(50_000), Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);

async function upload(port: number, address: string): Promise<number> {
  const { socket, status } = await begin(port, address, small.length, small);
  const answered = await status;
  socket.destroy();
  return answered;
}

const count = (statuses: readonly number[]) =>
  [...Map.groupBy(statuses, (status) => status)].map(([status, all]) => `${all.length} × ${status}`).join(", ");

async function slowSenders(port: number): Promise<void> {
  const head = Buffer.concat([Buffer.from(fileHead), randomBytes(70_000)]);
  const senders: Sent[] = [];
  for (let index = 0; index < SLOW_SENDERS; index++) senders.push(await begin(port, "203.0.113.7", 19 * MIB, head));
  const drip = setInterval(() => {
    for (const { socket } of senders) if (socket.writable) socket.write(randomBytes(DRIP.bytes));
  }, DRIP.milliseconds);
  await sleep(1000);
  const statuses: number[] = [];
  const deadline = performance.now() + SECONDS * 1000;
  for (let round = 0; performance.now() < deadline; round++) {
    // As the page does: two at a time.
    statuses.push(...(await Promise.all([upload(port, "203.0.113.8"), upload(port, "203.0.113.8")])));
    await sleep(2000);
  }
  const six = await Promise.all(Array.from({ length: 6 }, () => upload(port, "203.0.113.9")));
  const ended = senders.map(({ status }) => Promise.race([status, Promise.resolve(null)]));
  const refused = (await Promise.all(ended)).filter((status) => status !== null);
  clearInterval(drip);
  for (const { socket } of senders) socket.destroy();
  console.log(
    `| ${SLOW_SENDERS} slow senders of one caller hold on for ${SECONDS} s: uploads of another | ${count(statuses)} |`,
  );
  console.log(`| six uploads of a third caller at once meanwhile | ${count(six)} |`);
  console.log(`| how the slow senders had ended by then (the others were still sending) | ${count(refused)} |`);
}

/** So many fields of 64 KiB, then a file that never ends. */
function formOf(fields: number): Buffer {
  const value = randomBytes(32 * 1024).toString("hex");
  const parts = Array.from(
    { length: fields },
    (_, index) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f${index}"\r\n\r\n${value}\r\n`,
  );
  return Buffer.from(parts.join("") + fileHead);
}

/** The inspector only answers while the isolate has something to do. */
async function keepBusy(port: number, milliseconds: number): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (performance.now() < deadline) {
    await fetch(`http://127.0.0.1:${port}/nothing`).then((response) => response.text());
    await sleep(20);
  }
}

async function heldForms(isolate: Isolate, fields: number): Promise<void> {
  const form = formOf(fields);
  const statuses: number[] = [];
  const peak = await isolate.peakOver(async () => {
    await keepBusy(isolate.port, 300);
    const forms: Sent[] = [];
    for (let index = 0; index < 4; index++) {
      forms.push(await begin(isolate.port, `203.0.113.${20 + index}`, form.length + MIB, form));
    }
    await keepBusy(isolate.port, 6000);
    for (const { socket } of forms) socket.destroy();
    for (const { status } of forms) statuses.push(await status);
  });
  const title = `four held forms of ${(form.length / 1e6).toFixed(1)} MB in text fields: peak of the isolate over base`;
  console.log(`| ${title} | ${(peak / MIB).toFixed(1)} MiB (${count(statuses)}) |`);
}

const isolate = await startIsolate(new URL("upload-worker.js", import.meta.url));

console.log("| work | result |\n|---|---|");
const idle = await Promise.all(Array.from({ length: 6 }, () => upload(isolate.port, "203.0.113.9")));
console.log(`| six uploads of one caller at once, idle isolate | ${count(idle)} |`);
await slowSenders(isolate.port);
for (const fields of [31, 999]) await heldForms(isolate, fields);
await isolate.stop();
console.log("\n`node bench/admission.ts`");
process.exit();
