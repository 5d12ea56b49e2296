/**
 * Shows the whole runtime in one run, on storage of its own that is gone afterwards: starts it, uploads the photographs
 * of test/support/photos, checks what comes back, deletes one.
 *
 *     npm run demo [-- --keep]
 *
 * `--keep` leaves the server running until Ctrl-C. Exit codes: 0 all promises kept; 1 one was not; 130 interrupted.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createGalleryClient } from "./demo/gallery-client.ts";
import { runDemo } from "./demo/run-demo.ts";
import { anyFreePort } from "../src/compiler/sql/postgres/free-port.ts";
import { completeSecrets, secretNamed } from "../src/cli/local/secrets.ts";
import { signToken } from "../src/cli/local/sign-token.ts";
import { migrate, startRuntime, type Runtime } from "../src/cli/local/start-runtime.ts";
import { projectFolder } from "../src/cli/local/wrangler.ts";
import { createProgress } from "../src/cli/terminal/progress.ts";
import { createLogPrinter } from "../src/cli/terminal/show-log.ts";
import { createStyle } from "../src/cli/terminal/style.ts";

const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
const style = createStyle(process.stdout);
const print = (text: string) => console.log(text);
const progress = createProgress(process.stdout, style);
const folder = await mkdtemp(join(tmpdir(), "sluice-demo-"));
let runtime: Runtime | null = null;
let printsLog = false;

async function start(secretsPath: string): Promise<Runtime> {
  await progress.step("Migrate an empty database", () => migrate(folder));
  const printLine = createLogPrinter(style, print);
  return progress.step("Start the runtime on local R2 and D1", async () =>
    startRuntime({
      port: await anyFreePort(),
      storageFolder: folder,
      secretsPath,
      patienceMs: 60_000,
      // What the compiler has to say is of ABIs that are not what is running.
      onLine: (line) => (printsLog || line.kind === "compiler" ? printLine(line) : undefined),
    }),
  );
}

async function readPhotoPaths(): Promise<readonly string[]> {
  const photos = join(projectFolder, "test/support/photos");
  const names = await readdir(photos);
  return names.filter((name) => /\.(?:jpe?g|png)$/.test(name)).map((name) => join(photos, name));
}

async function cleanUp(): Promise<void> {
  await runtime?.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function interrupt(): Promise<void> {
  await cleanUp();
  process.exit(values.keep && printsLog ? 0 : 130);
}

async function main(): Promise<void> {
  print(`\n  ${style.bold("Sluice demo")}\n`);
  const secretsPath = join(folder, "secrets");
  const secrets = await completeSecrets(secretsPath);
  const secret = secretNamed(secrets, "JWT_SECRET_KEY");
  runtime = await start(secretsPath);
  const token = await signToken({ secret, claims: { id: "user_01" }, expiresSeconds: 12 * 3600 });
  const client = createGalleryClient(runtime.origin, token);
  await runDemo({ client, paths: await readPhotoPaths(), progress, style, print });
  if (!values.keep) return;
  print(`\n  ${style.bold("Look at it")}  ${runtime.origin}/#token=${token}\n\n  ${style.dim("Ctrl-C stops.")}\n`);
  printsLog = true;
  await runtime.ended;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void interrupt());
try {
  await main();
  print(`\n  ${style.good("All promises kept.")}\n`);
} catch (error) {
  console.error(`\n  ${style.bad(error instanceof Error ? error.message : String(error))}\n`);
  if (error instanceof Error && typeof error.cause === "string") console.error(error.cause);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
