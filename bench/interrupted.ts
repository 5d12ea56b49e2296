/**
 * One large file by tus over a line that breaks, to a server that is killed: how many bytes go twice, and how the file
 * arrives. Run `node bench/interrupted.ts [MiB] [breaks] [seed]`; prints a Markdown table. One break in eleven is a kill
 * (SIGKILL of the whole process); the real app in workerd, with local R2, D1 and Durable Objects on disk.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signToken } from "../src/cli/local/sign-token.ts";
import { resumablePartBytes } from "../src/contract/limits.ts";
import { dumpOf, startFilms } from "../test/journeys/kills/resumable/films.ts";
import { sendInterrupted } from "../test/journeys/kills/resumable/interrupted.ts";
import { secrets } from "../test/support/secrets.ts";

const MIB = 1024 * 1024;
const [mebibytes = "1024", breaks = "55", seed = "21"] = process.argv.slice(2);
const size = Number(mebibytes) * MIB;
const folder = await mkdtemp(join(tmpdir(), "sluice-interrupted-"));
const server = await startFilms(folder, size);
try {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += MIB) randomBytes(MIB).copy(bytes, at);
  const token = await signToken({ secret: secrets.JWT_SECRET_KEY, claims: { id: "ann" }, expiresSeconds: 36_000 });
  const began = performance.now();
  const sent = await sendInterrupted({ server, bytes, token, breaks: Number(breaks), seed: Number(seed) });
  const seconds = (performance.now() - began) / 1000;
  const { files, objects, rows } = await dumpOf(server);
  const checksum = createHash("sha256").update(bytes).digest("hex");
  const isRight = files[0]?.["checksum_sha256"] === checksum && objects[0]?.["size"] === size;
  const cells = [
    `${mebibytes} MiB`,
    Number(breaks) - sent.kills,
    sent.kills,
    `${files.length} / ${objects.length} / ${rows.length}`,
    isRight ? "as sent" : "**another**",
    (sent.resent / MIB).toFixed(1),
    `${(sent.mostLost / MIB).toFixed(1)} (≤ ${resumablePartBytes / MIB} a cut)`,
    seconds.toFixed(0),
  ];
  console.log(
    "| file | cuts | kills | files / objects / rows | SHA-256 | sent twice, MiB | lost at most by one break | s |",
  );
  console.log("| --- | --: | --: | --: | --- | --: | --: | --: |");
  console.log(`| ${cells.join(" | ")} |`);
  if (!isRight || files.length !== 1 || objects.length !== 1 || rows.length !== 1) process.exitCode = 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`\n\`node bench/interrupted.ts ${[mebibytes, breaks, seed].join(" ")}\``);
