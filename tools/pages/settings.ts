/** docs/settings.md, from the table of settings. The sentences live here, so that no Worker carries them. */
import {
  d1Binding,
  hyperdriveBinding,
  queueBindings,
  rateLimitsBinding,
  resumableUploadsBinding,
} from "../../src/contract/bindings.ts";
import { databaseNames } from "../../src/contract/database-names.ts";
import {
  buildChoices,
  choices,
  integers,
  lists,
  plainSettings,
  type SettingName,
} from "../../src/contract/settings.ts";

/** In the order of the page. */
const sentences: Readonly<Record<SettingName, string>> = {
  FILE_API: "The routes under `/v1/upload` ([file-api.md](file-api.md)). Read when the Worker is built, too.",
  GALLERY: "The sample page at `/`, where the file API is on.",
  OPENAPI: "`/openapi.json`, which describes all endpoints ([openapi.md](openapi.md)). Read when the Worker is built.",
  FILE_API_MAX_BYTES: "The largest file.",
  FILE_API_TYPES: "Types that are taken, as an ABI's `allowed_mimetypes`.",
  FILE_API_THUMBNAILS:
    "[Thumbnails](abi.md#thumbnails) of its pictures: up to three names, each with the pixels of its longer side. Read when the Worker is built, too.",
  FILE_API_QUOTA:
    "How much each caller may [store](file-api.md#quota) through it: bytes, files, or both. Read when the Worker is built, too.",
  FILE_API_RESUMABLE:
    "Whether it also takes files [in pieces](file-api.md#files-in-pieces). Read when the Worker is built.",
  FILE_API_BUCKET: "What answers call the bucket.",
  RETENTION_SECONDS: "How long a file that was deleted through the file API can be restored.",
  TOKEN_AUDIENCE: "What the tokens' `aud` must hold. Those of ABIs: [abi.md](abi.md#tokens).",
  TOKEN_ISSUER: "What the tokens' `iss` must be.",
  DATABASE: "Which database the Worker is built for.",
  DATABASE_URL: "The address of PostgreSQL, where `DATABASE` is `neon`.",
  DATABASE_TIMEOUT_SECONDS: "The longest run of a statement on PostgreSQL.",
  MONGODB_URL:
    "Puts documents on a MongoDB server, where it is among the required secrets ([abi.md](abi.md#documents-on-mongodb)).",
  MONGODB_DATABASE: "Its database, if the address does not name one.",
  PUBLIC_BASE_URL:
    "What `url`, `download_url` and `status_url` begin with, in place of host and mount: `https://files.example.com`, or with a path `https://example.com/media` ([package.md](package.md#behind-a-proxy)).",
  ALLOWED_HTTP_METHODS: "Methods that call ABIs without [`methods`](abi.md#methods-paths-and-queries).",
  ALLOWED_ORIGINS: "Origins that browsers may call from; `*`: any.",
  LINK_SECRET: "Signs links. At least 32 bytes with 10 different characters, and no other secret's value.",
  LINK_SECRET_PREVIOUS:
    "Its last value, which is taken as well while it is being replaced ([links.md](links.md#rotate-a-secret)).",
  DOWNLOAD_LINK_SECONDS: "The life of a `download_url`.",
  LINK_AUDIT_DAYS: "How long the audit keeps a link that has ended.",
  LINKS: "Where links without count or address open: on the Worker, or on R2 ([links.md](links.md)).",
  R2_ACCOUNT_ID:
    'R2 over S3, with the next three: for `LINKS = "r2"`, and for the sweep to end [every open upload](cleanup.md#open-uploads).',
  R2_BUCKET_NAME: "The bucket's name.",
  R2_ACCESS_KEY_ID: "The key's id.",
  R2_SECRET_ACCESS_KEY: "The key.",
  R2_S3_ENDPOINT: "Another address than the account's own, such as that of a jurisdiction.",
  MAX_REQUEST_BYTES:
    "The largest form. The compiler compares ABIs with it. [Resumable](abi.md#resumable-uploads) uploads have bounds of their own.",
  MAX_JSON_BYTES: "The largest JSON body; it takes up to ten times as much memory.",
  MAX_FIELD_BYTES: "The largest text field of a form.",
  MAX_FORM_BYTES: "All text fields of a form together, with their names.",
  MAX_PARTS: "The most parts of a form.",
  MAX_IDLE_SECONDS: "The longest silence of a client that sends a body.",
  MAX_CONCURRENT_UPLOADS: "Uploads at once in one isolate, [shared fairly](load.md); beyond it 503 with `Retry-After`.",
  MAX_MEMORY_BYTES: "Memory of one isolate for callers' bytes ([load.md](load.md)); beyond it 503.",
  IMAGE_MAX_PIXELS: "Larger pictures are stored without colours.",
  IMAGE_CPU_BUDGET:
    "Work units for one picture, twice as many for an owner; beyond it no colours ([images.md](images.md)).",
  JOB_LEASE_SECONDS: "How long an attempt may take before it is taken for dead ([jobs.md](jobs.md)).",
  JOB_RESEND_SECONDS: "How long a message may take before it is taken for lost.",
  JOB_BACKOFF_SECONDS: "The wait before the first retry.",
  JOB_RETENTION_SECONDS: "How long finished jobs are kept.",
};

/** What a chapter that begins with this setting is called. */
const chapters: Readonly<Partial<Record<string, string>>> = {
  FILE_API: "The file API",
  DATABASE: "The database",
  PUBLIC_BASE_URL: "Addresses and links",
  MAX_REQUEST_BYTES: "Limits of a call",
  IMAGE_MAX_PIXELS: "Pictures",
  JOB_LEASE_SECONDS: "Background work",
};

const opening = `# Settings

<!-- Written by tools/pages/settings.ts from src/contract/settings.ts: edit those. -->

Variables are text under \`vars\` of \`wrangler.toml\` or \`wrangler.jsonc\`; secrets go into \`.dev.vars\` and \`wrangler secret put\`. The build
refuses a value that no call could work with, and a name that is nearly a setting's. A deployed Worker that has such a value answers
500 \`misconfigured\` and names it in the log.

What ABIs name with \`$ENV\` must be declared there, secrets in \`secrets.required\`: else the build fails. Such is the secret
that verifies an ABI's tokens, in the samples \`JWT_SECRET_KEY\`: at least as long as the hash (32, 48 or 64 bytes), with 10 different
characters, and no other secret's value. With \`_PREVIOUS\` behind its name its last value is taken as well ([links.md](links.md#rotate-a-secret)).
`;

const bindings: Readonly<Record<string, string>> = {
  BUCKET: "The R2 bucket of all files. Required.",
  [d1Binding]: "The D1 database, where `DATABASE` is `d1`.",
  [hyperdriveBinding]: "PostgreSQL behind Hyperdrive, where `DATABASE` is `hyperdrive`.",
  [queueBindings.normal]: "The queue of background work ([jobs.md](jobs.md#deploying)).",
  [`${queueBindings.high}\`, \`${queueBindings.low}`]:
    "Queues of their own for urgent jobs and for those that can wait.",
  [rateLimitsBinding]: "The Durable Objects that count calls, where an ABI has a [`rate_limit`](abi.md#rate-limits).",
  [resumableUploadsBinding]:
    "The Durable Objects that take files in pieces, where an ABI is [`resumable`](abi.md#resumable-uploads), or the file API is (`FILE_API_RESUMABLE`).",
  IMAGES: "Cloudflare Images: colours and thumbnails of WebP, AVIF and HEIC; billed per transformation.",
  ASSETS: "The files of the sample page.",
};

const number = (value: number): string => value.toLocaleString("en-US");

const units = ["BYTES", "SECONDS", "DAYS", "PIXELS"];

/** The default and what it may be, as cells of a table. */
function describe(name: string): readonly [standard: string, form: string] {
  if (isOf(integers, name)) {
    const [standard, least, most] = integers[name];
    const unit = units.find((word) => name.endsWith(word))?.toLowerCase() ?? "";
    return [number(standard), `${number(least)} to ${number(most)} ${unit}`];
  }
  const allChoices = { ...choices, ...buildChoices };
  if (isOf(allChoices, name)) {
    const [standard, ...others] = allChoices[name].split("|").map(asCode);
    return [standard ?? "", [standard, ...others].join(", ")];
  }
  if (isOf(lists, name)) {
    const [standard] = lists[name];
    if (name === "ALLOWED_HTTP_METHODS") return [asCode(standard), "`POST`, `GET`, or both with a comma"];
    return [standard === "" ? "none" : "pictures, documents… ([all](file-api.md#types))", "words between commas"];
  }
  if (name === "DATABASE") return [asCode(databaseNames[0]), databaseNames.map(asCode).join(", ")];
  const standards: Readonly<Record<string, string>> = {
    LINK_SECRET: "required",
    PUBLIC_BASE_URL: "the request's own",
    FILE_API_BUCKET: "`sluice-files`",
  };
  const kind = isOf(plainSettings, name) ? plainSettings[name] : "";
  const examples: Readonly<Record<string, string>> = {
    thumbnails: "such as `small:384, large:1280`",
    quota: "such as `bytes:1000000000, files:500`",
  };
  return [standards[name] ?? "none", examples[kind] ?? kind];
}

const asCode = (text: string): string => `\`${text}\``;

function isOf<Table extends object>(table: Table, name: string): name is Extract<keyof Table, string> {
  return Object.hasOwn(table, name);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function settingsPage(): string {
  const names = Object.entries(sentences);
  const starts = names.flatMap(([name], at) => (chapters[name] === undefined ? [] : [at]));
  const sections = starts.map((start, at) => {
    const rows = names.slice(start, starts[at + 1]);
    const cells = rows.map(([name, sentence]) => [asCode(name), ...describe(name), sentence]);
    return `## ${chapters[rows[0]?.[0] ?? ""] ?? ""}\n\n${table(["name", "default", "may be", ""], cells)}\n`;
  });
  const bound = Object.entries(bindings).map(([name, sentence]) => [asCode(name), sentence]);
  return [opening, ...sections, `## Bindings\n\n${table(["name", ""], bound)}\n`].join("\n");
}
