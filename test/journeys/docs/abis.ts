/** The ABIs that pages show, whole ones and parts, with the tables that the pages make for them. */
import schema from "../../../abis/schema.json" with { type: "json" };
import { readMigrations } from "../../../src/cli/project.ts";
import type { AbiFile } from "../../../src/compiler/abi-file.ts";
import { compileAbis, type Compilation } from "../../../src/compiler/compile.ts";
import { openTarget } from "../../../src/compiler/sql/open-target.ts";
import { createPostgresTarget } from "../../../src/compiler/sql/postgres/target.ts";
import { sqliteTarget } from "../../../src/compiler/sql/sqlite/target.ts";
import type { Migration } from "../../../src/compiler/sql/target.ts";
import { placeOf, root, type Block, type Page } from "./pages.ts";

export type Engine = "d1" | "postgres";

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a block of JSON is. A part of an ABI is one or several actionables, or the members of one or of an endpoint. */
export type JsonKind = "abi" | "actionables" | "members" | "answer";

/** What may stand in an endpoint itself; all else is an actionable's. */
const endpointMembers = new Set(Object.keys(schema.properties));

/** @throws SyntaxError where it is no JSON, not even in braces or, as several objects, in brackets */
export function readJson({ text }: Pick<Block, "text">): { readonly kind: JsonKind; readonly value: unknown } {
  if (/^\s*"/.test(text)) return { kind: "members", value: JSON.parse(`{${text}}`) };
  const value = parseObjects(text);
  if (isObject(value) && "actionables" in value) return { kind: "abi", value };
  const items = Array.isArray(value) ? value : [value];
  const areActionables = items.length > 0 && items.every((item) => isObject(item) && "mode" in item);
  return areActionables ? { kind: "actionables", value: items } : { kind: "answer", value };
}

function parseObjects(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(`[${text}]`);
  }
}

/** An endpoint around actionables that a page shows alone: the files that they read come from an UPLOAD before them. */
function around(actionables: readonly Members[], name: string): Members {
  const upload = { id: 99, mode: "UPLOAD", uploads: { max_file_uploads: 2, allowed_mimetypes: ["image/*"] } };
  const needsNone = actionables.some((actionable) => actionable["mode"] === "UPLOAD" || "links" in actionable);
  return {
    id: name,
    resource: name,
    tokenize: { type: "JWT", algorithm: "HS256", encryption_key: "$ENV.JWT_SECRET_KEY" },
    protected: { provide_as: "x-access-token", extract_claims: ["id"] },
    actionables: [...(needsNone ? [] : [upload]), ...actionables],
  };
}

/** A part's members in an endpoint that has nothing else to say. */
function withMembers(members: Members, name: string): Members {
  const ofEndpoint = Object.entries(members).filter(([key]) => endpointMembers.has(key));
  const ofStep = Object.entries(members).filter(([key]) => !endpointMembers.has(key));
  const isUpload = "uploads" in members;
  const hasQuery = isUpload || "sql_query" in members || "mongo_query" in members;
  const query = { sql_query: { query: "SELECT '{}' AS settings", parameters: [] } };
  const step = {
    id: 2,
    mode: isUpload ? "UPLOAD" : "QUERY",
    ...(hasQuery ? {} : query),
    ...Object.fromEntries(ofStep),
  };
  const { tokenize, protected: access, ...endpoint } = around([step], name);
  // What runs by time has nobody to ask for a token.
  const asked = "cron_job" in members ? {} : { tokenize, protected: access };
  const first = "depends_on" in members ? [{ id: 1, mode: "QUERY", ...query }] : [];
  return { ...endpoint, ...asked, ...Object.fromEntries(ofEndpoint), actionables: [...first, step] };
}

/** The endpoint that a block stands for; null where it is none. */
export function endpointOf(block: Block): AbiFile | null {
  const { kind, value } = readJson(block);
  if (kind === "answer") return null;
  const name = `${block.page.replaceAll(/[^a-z]/gi, "-").toLowerCase()}-${String(block.line)}`;
  const whole = {
    abi: () => value,
    actionables: () => around(value as readonly Members[], name),
    members: () => withMembers(value as Members, name),
  };
  return { name: placeOf(block), text: JSON.stringify(whole[kind]()) };
}

/** The statements of a page that make its tables. */
export const migrationsOf = ({ blocks }: Pick<Page, "blocks">): readonly Migration[] =>
  blocks
    .filter(({ language, words }) => language === "sql" && words.has("migration"))
    .map((block) => ({ name: `${placeOf(block)}.sql`, sql: block.text }));

/** One page's ABIs as one project. */
export async function compilePage(
  files: readonly AbiFile[],
  migrations: readonly Migration[],
  engine: Engine,
): Promise<Compilation> {
  const target = engine === "d1" ? sqliteTarget : createPostgresTarget();
  const database = openTarget(target, [...readMigrations(root, engine), ...migrations]);
  try {
    return await compileAbis(files, { database });
  } finally {
    await database.close();
  }
}
