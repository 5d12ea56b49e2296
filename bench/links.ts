/**
 * What a signed link costs: signing and checking one, in workerd. Prints a Markdown table.
 * The Worker is text because its types are workerd's and this file's are Node's.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

const CALLS = 500;
const ROUNDS = 31;
const cases = {
  "sign a link": "signLink(linkKey, request)",
  "open a valid link": "verifyLink(linkKey, valid, now)",
  "refuse a wrong signature": "verifyLink(linkKey, forged, now)",
  "refuse a parameter too many": "verifyLink(linkKey, widened, now)",
  "answer 410 to a link of last month (signing key derived anew)": "verifyLink(linkKey, valid, later)",
  "pass an address without a signature": "verifyLink(linkKey, plain, now)",
};

const linkModule = fileURLToPath(new URL("../src/http/signed-link.ts", import.meta.url));
const worker = `
import { signLink, verifyLink } from ${JSON.stringify(linkModule)};

const linkKey = { accessKeyId: "bench", secret: "a-link-secret-of-at-least-32-bytes-here" };
const now = new Date("2026-10-20T12:00:00Z");
const later = new Date("2026-11-20T12:00:00Z");
const origin = "https://files.example";
const key = "users/42/V1StGXR8_Z5jdHi6B-myT.png";
const request = { origin, key, method: "GET", expiresSeconds: 900, now, disposition: 'attachment; filename="a b.png"' };
const url = await signLink(linkKey, request);
const valid = new Request(url);
const forged = new Request(url.slice(0, -1) + (url.endsWith("0") ? "1" : "0"));
const widened = new Request(url + "&x=1");
const plain = new Request(origin + "/files/" + key);
const calls = { "nothing": () => null, ${Object.entries(cases)
  .map(([name, call]) => `${JSON.stringify(name)}: () => ${call}`)
  .join(", ")} };

export default {
  async fetch(incoming) {
    const call = calls[decodeURIComponent(new URL(incoming.url).pathname.slice(1))];
    for (let count = 0; count < ${CALLS}; count++) {
      try { await call(); } catch (error) { if (error.name !== "Problem") throw error; }
    }
    return new Response("done");
  },
};
`;

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

// Nothing but the table on standard output, and no call home.
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
process.env["WRANGLER_SEND_METRICS"] = "false";

const directory = await mkdtemp(join(tmpdir(), "bench-links-"));
const main = join(directory, "worker.ts");
await writeFile(main, worker);
const server = createTestHarness({
  root: directory,
  workers: [{ config: { name: "bench-links", main, compatibility_date: "2026-10-20" } }],
});
try {
  await server.listen();
  /** Milliseconds of one request that makes all calls, the middle of all rounds. */
  const time = async (name: string): Promise<number> => {
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const response = await server.fetch(`/${encodeURIComponent(name)}`);
      if ((await response.text()) !== "done") throw new Error(`${name}: status ${response.status}`);
      rounds.push(performance.now() - start);
    }
    return median(rounds);
  };
  await time("nothing");
  const overhead = await time("nothing");
  console.log(
    `Median of ${ROUNDS} rounds of ${CALLS} calls in workerd, on ${cpus()[0]?.model ?? "an unknown processor"}.\n`,
  );
  console.log("| | µs per call |\n| --- | ---: |");
  for (const name of Object.keys(cases)) {
    const microseconds = ((await time(name)) - overhead) * (1000 / CALLS);
    console.log(`| ${name} | ${microseconds < 1 ? "< 1" : microseconds.toFixed(0)} |`);
  }
} finally {
  await server.close();
  await rm(directory, { recursive: true });
}
