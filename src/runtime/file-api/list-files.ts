/**
 * Lists the caller's files: by page number with a count, as the page describes it, or from a cursor,
 * which costs the same however far it has come and counts nothing.
 */
import {
  createFileLists,
  foldedLetters,
  orderedValue,
  type FileFilter,
  type FileOrder,
  type FilesOfPage,
} from "../files/list.ts";
import type { Json } from "../../contract/plan.ts";
import { readCursor, writeCursor, type CursorBinding } from "./cursor.ts";
import { epochAbove } from "../links/registry.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { toDocument } from "./file-document.ts";
import { readMoment, readParameters, readWhole, refuse, type Parameters } from "../http/query-parameters.ts";

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 1000;
const MAX_PAGE = 1_000_000_000;
/** `coinName` is on the page and means nothing here. */
const KNOWN = [
  "page",
  "limit",
  "cursor",
  "type",
  "visibility",
  "prefix",
  "name",
  "from",
  "to",
  "status",
  "sort",
  "coinName",
];
/** As many as a name has at most. */
const MAX_NAME_LENGTH = 255;
/** Each takes two of the hundred parameters that D1 binds. */
const MAX_FOLDED_LETTERS = 30;

const nothing: FilesOfPage = { files: [], ownerEpoch: null };

/** A list that was asked for. */
interface AskedList {
  readonly filter: FileFilter;
  readonly order: FileOrder;
  readonly binding: CursorBinding;
  readonly limit: number;
}

/** @throws Problem `parameter_invalid` */
export async function listFiles(call: FileApiCall): Promise<Json> {
  const { owner, deployment } = call;
  const parameters = readParameters(call.request, KNOWN);
  const limit = readWhole(parameters, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
  const page = readWhole(parameters, "page", 1, MAX_PAGE, 1);
  const filter = readFilter(parameters, call.now);
  const order = readChoice(parameters, "sort", ["newest", "oldest", "name", "size"]) ?? "newest";
  const { now: _, ...narrowing } = filter;
  const list = [owner, order, ...Object.values(narrowing)];
  const asked: AskedList = { filter, order, binding: { secrets: deployment.settings.linkSecret, list }, limit };
  const lists = createFileLists(deployment.database, deployment.dialect, epochAbove);
  const cursor = parameters.get("cursor");
  if (cursor !== undefined) {
    if (parameters.has("page")) throw refuse("page", "has no meaning beside a cursor");
    const position = cursor === "" ? { skip: 0 } : await readCursor(asked.binding, cursor);
    const files = await lists.page(owner, filter, order, position, limit + 1);
    return { count: null, pages: null, ...(await toPage(call, asked, files)) };
  }
  const count = await lists.count(owner, filter);
  const skip = (page - 1) * limit;
  // Past the end there is nothing, and finding that out would cost as much as counting again.
  const files = skip >= count ? nothing : await lists.page(owner, filter, order, { skip }, limit + 1);
  return { count, pages: Math.ceil(count / limit), ...(await toPage(call, asked, files)) };
}

/** @param found one more than the page holds, if there are more */
async function toPage(call: FileApiCall, { binding, order, limit }: AskedList, { files, ownerEpoch }: FilesOfPage) {
  if (ownerEpoch !== null) call.links.issuer.noteEpoch(call.owner, ownerEpoch);
  const shown = files.slice(0, limit);
  const last = files.length > limit ? shown.at(-1) : undefined;
  return {
    data: await Promise.all(shown.map((file) => toDocument(file, call))),
    nextCursor:
      last === undefined ? null : await writeCursor(binding, { value: orderedValue(order, last), id: last.id }),
  };
}

function readFilter(parameters: Parameters, now: Date): FileFilter {
  return {
    type: readType(parameters),
    visibility: readChoice(parameters, "visibility", ["public", "private"]),
    prefix: parameters.get("prefix") ?? null,
    name: readName(parameters),
    status: readChoice(parameters, "status", ["stored", "deleted"]) ?? "stored",
    from: readMoment(parameters, "from"),
    to: readMoment(parameters, "to"),
    now: now.toISOString(),
  };
}

/** `image/png`, or `image/*`, which a filter knows as `image/`. */
function readType(parameters: Parameters): string | null {
  const type = parameters.get("type")?.toLowerCase();
  if (type === undefined) return null;
  if (!/^[a-z0-9][\w.+-]*\/(?:\*|[a-z0-9][\w.+-]*)$/.test(type)) {
    throw refuse("type", "must be a media type such as image/png, or image/* for all pictures");
  }
  return type.endsWith("/*") ? type.slice(0, -1) : type;
}

/** Part of a name. Characters that a name never has find nothing. */
function readName(parameters: Parameters): string | null {
  const name = parameters.get("name") ?? null;
  if (name === null || name === "") return null;
  if (Array.from(name).length > MAX_NAME_LENGTH || foldedLetters(name).size > MAX_FOLDED_LETTERS) {
    const limits = `at most ${MAX_NAME_LENGTH} characters, and ${MAX_FOLDED_LETTERS} different letters beyond A to Z`;
    throw refuse("name", `must have ${limits}`);
  }
  return name;
}

function readChoice<Choice extends string>(
  parameters: Parameters,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const text = parameters.get(name);
  if (text === undefined) return null;
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw refuse(name, `must be ${choices.join(" or ")}`);
  return choice;
}
