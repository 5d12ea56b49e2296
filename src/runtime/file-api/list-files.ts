/**
 * Lists the caller's files, newest first: by page number with a count, as the page describes it, or from a cursor,
 * which costs the same however far it has come and counts nothing.
 */
import type { FileFilter } from "../files/list.ts";
import type { FileRecord } from "../files/record.ts";
import type { Json, Visibility } from "../../contract/plan.ts";
import { readCursor, writeCursor, type CursorBinding } from "./cursor.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { toDocument } from "./file-document.ts";
import { readMoment, readParameters, readWhole, refuse, type Parameters } from "../http/query-parameters.ts";

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 1000;
const MAX_PAGE = 1_000_000_000;
/** `coinName` is on the page and means nothing here. */
const KNOWN = ["page", "limit", "cursor", "type", "visibility", "prefix", "from", "to", "coinName"];

/** @throws Problem `parameter_invalid` */
export async function listFiles(call: FileApiCall): Promise<Json> {
  const { owner, deployment } = call;
  const parameters = readParameters(call.request, KNOWN);
  const limit = readWhole(parameters, "limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
  const page = readWhole(parameters, "page", 1, MAX_PAGE, 1);
  const filter = readFilter(parameters, call.now);
  const { type, visibility, prefix, from, to } = filter;
  const binding: CursorBinding = {
    secrets: deployment.settings.linkSecret,
    list: [owner, type, visibility, prefix, from, to],
  };
  const cursor = parameters.get("cursor");
  if (cursor !== undefined) {
    if (parameters.has("page")) throw refuse("page", "has no meaning beside a cursor");
    const position = cursor === "" ? { skip: 0 } : await readCursor(binding, cursor);
    const files = await call.files.list(owner, filter, position, limit + 1);
    return { count: null, pages: null, ...(await toPage(call, binding, files, limit)) };
  }
  const count = await call.files.count(owner, filter);
  const skip = (page - 1) * limit;
  // Past the end there is nothing, and finding that out would cost as much as counting again.
  const files = skip >= count ? [] : await call.files.list(owner, filter, { skip }, limit + 1);
  return { count, pages: Math.ceil(count / limit), ...(await toPage(call, binding, files, limit)) };
}

/** @param files one more than the page holds, if there are more */
async function toPage(call: FileApiCall, binding: CursorBinding, files: readonly FileRecord[], limit: number) {
  const shown = files.slice(0, limit);
  const last = files.length > limit ? shown.at(-1) : undefined;
  return {
    data: shown.map((file) => toDocument(file, call.addressing)),
    nextCursor: last === undefined ? null : await writeCursor(binding, last),
  };
}

function readFilter(parameters: Parameters, now: Date): FileFilter {
  return {
    type: readType(parameters),
    visibility: readVisibility(parameters),
    prefix: parameters.get("prefix") ?? null,
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

function readVisibility(parameters: Parameters): Visibility | null {
  const visibility = parameters.get("visibility") ?? null;
  if (visibility === null || visibility === "public" || visibility === "private") return visibility;
  throw refuse("visibility", "must be public or private");
}
