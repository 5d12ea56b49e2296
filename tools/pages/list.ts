/** The list of pages: docs/README.md for people, llms.txt for programs that read documentation. */

export interface ListedPage {
  /** From docs/. */
  readonly path: string;
  readonly title: string;
  /** What somebody finds there. */
  readonly line: string;
}

type Group = Readonly<Record<string, string>>;

/** In the order of the list. A page that does not exist is left out; one that is in no group is a fault. */
const groups: Readonly<Record<string, Group>> = {
  Start: {
    "tutorial.md": "from an empty folder to an app that takes receipts",
    "sample.md": "what this repository serves: its endpoints, and a page for the file API",
    "moving.md": "from multer, UploadThing or Supabase Storage: terms and examples side by side",
  },
  Guides: {
    "guides/galleries.md": "several pictures in one call, a row for each, a list with links, deletion",
    "guides/named-files.md": "a passport, a selfie and papers, each with its own types and limits",
    "guides/raw-bodies.md": "`curl -T`, and what else sends a file without a form around it",
    "guides/upload-links.md": "an address by which a customer without an account uploads, once or a few times",
    "guides/kyc.md": "private documents with fields, a reviewer's list, a year to live",
    "guides/background.md": "answer first, work later; work by time",
    "guides/large-files.md": "files larger than a request, and lines that break: the client, tus-js-client, Uppy, curl",
    "guides/frontends.md": "browsers with progress, React, React Native, curl",
  },
  Reference: {
    "abi.md": "the language of ABIs, with every decision",
    "language.md": "every property, where it is from, and the test that shows it",
    "faults.md": "what the compiler says, and what to do about it",
    "accounts.md": "tokens that an endpoint issues, passwords, tokens that are revoked",
    "openapi.md": "what endpoints take and answer, as OpenAPI 3.1 and as TypeScript",
    "webhooks.md": "calls of other services: signatures, tokens, addresses",
    "file-api.md": "the routes under /v1/upload: files without an ABI",
    "files.md": "how files are read: addresses, ranges, what is shown and what is saved",
    "links.md": "signed links: issue, limit, revoke, audit; replacing secrets",
    "images.md": "sizes, colours and hashes of pictures; removing metadata, checking structure",
    "jobs.md": "background work and schedules: what runs when, once, and after failures",
    "errors.md": "every code, its causes and remedies",
    "settings.md": "every variable, secret and binding",
    "limits.md": "what bounds a call, and where the limit comes from",
    "client.md": "calls from browsers, React, Node and elsewhere, typed: progress, retries, errors",
    "clients.md": "which clients were tried, and what works with each",
    "package.md": "the command, a project of your own, mounting in a Worker, hooks, releases",
  },
  Running: {
    "deploy.md": "domains, environments, secrets, previews, CI, logs, backup, what a million costs",
    "upgrade.md": "to a new version, and back",
    "cleanup.md": "the sweep, the comparison of bucket and registry, open uploads",
    "load.md": "how callers share an isolate",
    "security.md": "what is promised, what is not, what browsers and caches keep",
  },
  Evidence: {
    "design.md": "the main decisions, what was rejected for each, what was not tested",
    "attacks.md": "a suite that makes each attack at each way in",
    "benchmarks.md": "every figure with the command that made it",
  },
};

/**
 * @param titles of the pages that exist, by their paths from docs/
 * @throws Error naming pages that are in no group
 */
function listed(titles: ReadonlyMap<string, string>): readonly (readonly [group: string, ListedPage[]])[] {
  const known = new Set(Object.values(groups).flatMap((group) => Object.keys(group)));
  const unlisted = [...titles.keys()].filter((path) => !known.has(path));
  if (unlisted.length > 0) throw new Error(`In no group of tools/pages/list.ts: ${unlisted.join(", ")}`);
  return Object.entries(groups).map(([name, group]) => [
    name,
    Object.entries(group).flatMap(([path, line]) => {
      const title = titles.get(path);
      return title === undefined ? [] : [{ path, title, line }];
    }),
  ]);
}

const generated = "<!-- Written by tools/pages/list.ts: edit that. -->";

export function listPage(titles: ReadonlyMap<string, string>): string {
  const sections = listed(titles).map(([name, pages]) => {
    const lines = pages.map(({ path, title, line }) => `- [${title}](${path}): ${line}`);
    return `## ${name}\n\n${lines.join("\n")}`;
  });
  return ["# Documentation", generated, ...sections].join("\n\n");
}

/** In the form of llmstxt.org; addresses are those of files beside it. */
export function llmsText(titles: ReadonlyMap<string, string>): string {
  const sections = listed(titles).map(([name, pages]) => {
    const lines = pages.map(({ path, title, line }) => `- [${title}](docs/${path}): ${line}`);
    return `## ${name}\n\n${lines.join("\n")}`;
  });
  return [
    "# Sluice",
    "> Upload endpoints for Cloudflare Workers, written as JSON (ABIs). A compiler checks each ABI against the migrations; one Worker runs them on R2 with rows in D1, Neon or any PostgreSQL behind Hyperdrive.",
    "A project of its own has AGENTS.md, with the order of work, the form of an ABI and its rules. `npx sluice build --strict` says with file and place what is wrong with an ABI.",
    ...sections,
    "",
  ]
    .join("\n\n")
    .trimEnd();
}
