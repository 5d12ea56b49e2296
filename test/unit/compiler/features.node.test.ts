/** What plans and settings ask for is in the Worker's bundle, and what nobody asks for is not. */
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { emitBuild, featuresOf as usedBy } from "../../../src/compiler/emit.ts";
import { moduleNames } from "../../../src/cli/project.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import { abi, plan, query, root, upload } from "./support.ts";

/** Where the code of each feature is; what other code uses too is not among it. */
const folders = {
  background: /^src\/runtime\/jobs\/(?!operations\.ts)/,
  rateLimits: /^src\/runtime\/rate-limits\//,
  webhooks: /^src\/runtime\/webhooks\//,
  validate: /^src\/runtime\/body\/validation\//,
  routing: /^src\/runtime\/routes\/(?:routing|reading)\.ts/,
  address: /^src\/runtime\/routes\/address\.ts/,
  stripping: /^src\/runtime\/image\/(?:strip\/|\w+\/strip\.ts)/,
  structure: /^src\/runtime\/image\/\w+\/structure\.ts/,
  pictures: /^src\/runtime\/image\/image-tap\.ts/,
  thumbnails: /^src\/runtime\/thumbnails\/thumbnails\.ts/,
  resumable: /^src\/runtime\/resumable\//,
  uploadLinks: /^src\/runtime\/upload-links\//,
  fileApi: /^src\/runtime\/file-api\/(?!paths\.ts)/,
} as const;
type Feature = keyof typeof folders;

/** The Worker's own files in a bundle that is built for these plans. */
async function bundledFor(
  plans: readonly Plan[],
  fileApi: boolean,
  asked: Parameters<typeof usedBy>[2],
): Promise<readonly string[]> {
  const contents = emitBuild("d1", usedBy(plans, fileApi, asked), moduleNames(root));
  const { metafile } = await build({
    entryPoints: [join(root, ".sluice/worker.ts")],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    packages: "external",
    write: false,
    metafile: true,
    plugins: [
      {
        name: "features",
        setup(bundler) {
          bundler.onLoad({ filter: /\.sluice\/build\.ts$/ }, () => ({ contents, loader: "ts" }));
        },
      },
    ],
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  );
}

async function featuresOf(
  plans: readonly Plan[],
  fileApi = false,
  asked: Parameters<typeof usedBy>[2] = [],
): Promise<readonly string[]> {
  const files = await bundledFor(plans, fileApi, asked);
  return Object.entries(folders).flatMap(([name, folder]) => (files.some((file) => folder.test(file)) ? [name] : []));
}

const insert = query(2, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.KSUID", "$PROTECTED.id"]);
const cleanup = query(1, "DELETE FROM albums WHERE rating < 0");
const select = query(1, "SELECT id FROM albums WHERE owner = $1", ["$PROTECTED.id"]);
const byId = query(1, "SELECT id FROM albums WHERE owner = $1", ["$PARAM.id"]);
const byQuery = query(1, "SELECT id FROM albums WHERE owner = $1", ["$QUERY.id"]);
const webhook = { verifications: { HeaderTokenVerifier: { header_key: "X", secret_key: "$ENV.HOOK" } } };
const rateLimit = { limit: 5, identifier: "$PROTECTED.id", expires_after: 60 };
const rules = [{ field: { title: { type: "STRING" } } }];
/** Nothing of what is known of pictures. */
const keys = { returnables: ["storage_key"] };
const thumbnails = [{ name: "small", max_edge: 320 }];
const open = { tokenize: undefined, protected: undefined };

test.each<readonly [used: string, features: Feature | null | readonly Feature[], source: Record<string, unknown>]>([
  ["nothing of it", null, abi([upload(), insert])],
  ["run_in_background", "background", abi([upload({}, keys), insert], { run_in_background: true })],
  ["cron_job", "background", abi([cleanup], { ...open, cron_job: { execution_interval: "0 30 3 * * *" } })],
  ["webhook", "webhooks", abi([insert], { webhook })],
  ["rate_limit", "rateLimits", abi([insert], { rate_limit: rateLimit })],
  ["payload_validation", "validate", abi([{ ...insert, payload_validation: rules }])],
  ["methods", "routing", abi([select], { methods: ["GET"] })],
  ["a name in its resource", ["routing", "address"], abi([byId], { resource: "of/:id" })],
  ["query_parameters", ["validate", "address"], abi([byQuery], { query_parameters: { id: { type: "STRING" } } })],
  ["strip_metadata", "stripping", abi([upload({ strip_metadata: true }, keys)])],
  ["facts of pictures", "pictures", abi([upload({}, { returnables: ["width"] })])],
  ["thumbnails", ["pictures", "thumbnails"], abi([upload({ thumbnails }, keys)])],
  ["strict_images", "structure", abi([upload({ strict_images: true }, keys)])],
  ["resumable", "resumable", abi([upload({ resumable: true }, keys)])],
  ["links of an UPLOAD", "uploadLinks", abi([upload({ links: true }, keys)])],
])("an ABI with %s", async (_used, features, source) => {
  expect(await featuresOf([await plan(source)])).toEqual(features === null ? [] : [features].flat());
});

test("FILE_API brings the file API, whatever ABIs have", async () => {
  const managed = await plan(abi([upload({ file_api: true }, keys)]));
  expect(await featuresOf([managed])).toEqual([]);
  expect(await featuresOf([managed], true)).toEqual(["pictures", "fileApi"]);
  expect(await featuresOf([managed], true, ["thumbnails"])).toEqual(["pictures", "thumbnails", "fileApi"]);
  expect(usedBy([managed], true, ["quotas"])).toEqual(["quotas", "pictures", "fileApi"]);
  expect(usedBy([managed], true, ["resumable"])).toEqual(["pictures", "resumable", "resumableFileApi"]);
  expect(await featuresOf([managed], true, ["resumable"])).toEqual(["pictures", "resumable", "fileApi"]);
  expect(await featuresOf([managed], false, ["thumbnails", "quotas", "resumable"])).toEqual([]);
});

test("several ABIs bring together what each of them uses", async () => {
  const one = await plan(
    abi([upload({ strip_metadata: true, strict_images: true, thumbnails }), insert], { run_in_background: true }),
  );
  const other = await plan(abi([{ ...insert, payload_validation: rules }], { rate_limit: rateLimit, webhook }));
  const reading = await plan(abi([byId], { resource: "of/:id" }));
  const inPieces = await plan(abi([upload({ resumable: true, links: true })]));
  expect(await featuresOf([one, other, reading, inPieces], true)).toEqual(Object.keys(folders));
});
