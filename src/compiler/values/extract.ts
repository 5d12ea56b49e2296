/** Resolves `extract_response_for`: which value of an earlier result an actionable knows by which name. */
import type { Path, Reference } from "../../contract/plan/reference.ts";
import { pathFault, splitPath } from "../text/accessor.ts";
import type { ResultSource, Names, Tell } from "./names.ts";
import { fileReference, provides, resultReference } from "./names.ts";
import type { Extraction } from "../language/schema.ts";
import { didYouMean } from "../text/suggest.ts";
import { extensionFields } from "../../contract/upload-fields.ts";

const whole = "self_";

/** The field a path asks for: behind a row number where it starts with one. */
function fieldOf(path: Path): string {
  return String(typeof path[0] === "number" ? (path[1] ?? whole) : path[0]);
}

function has(source: ResultSource, field: string): boolean {
  return (
    field === whole || provides(source, field) || (source.isUpload && extensionFields.some((own) => own === field))
  );
}

/** Refuses a prototype's names and a name that is given twice. Returns the path to extract, or null. */
function readPath({ extract, for: name }: Extraction, names: Names, tell: Tell): Path | null {
  const path = extract === whole ? [] : splitPath(extract);
  const forbidden = pathFault([...path, name]);
  if (forbidden !== null) tell.fault(forbidden);
  else if (path.includes("")) tell.fault(`"${extract}" is not a field, a path such as items.0.id, or self_`);
  else if (names.extracted.has(name)) tell.fault(`the name "${name}" is given twice`);
  else return path;
  return null;
}

function missing(field: string, fields: readonly string[], tell: Tell): null {
  const known = fields.length === 0 ? "it returns no fields" : `expected one of ${fields.join(", ")}`;
  tell.fault(`the source never returns "${field}"; ${known}${didYouMean(field, fields)}`);
  return null;
}

/** From the results named by `depends_on`: the first of them that returns the field. */
export function extractFrom(
  sources: readonly ResultSource[],
  entry: Extraction,
  names: Names,
  tell: Tell,
): Reference | null {
  const path = readPath(entry, names, tell);
  if (path === null) return null;
  const field = path.length === 0 ? whole : fieldOf(path);
  const source = sources.find((candidate) => has(candidate, field));
  if (source === undefined)
    return missing(
      field,
      sources.flatMap(({ fields }) => fields),
      tell,
    );
  return rowReference(source, entry.extract, path, names, tell);
}

/** Directly on an actionable: from the previous results, then from the claims, as Sub0 has it. */
export function extractHere(entry: Extraction, names: Names, tell: Tell): Reference | null {
  const path = readPath(entry, names, tell);
  if (path === null) return null;
  const field = path.length === 0 ? whole : fieldOf(path);
  const source = names.results.find((result) => field === whole || provides(result, field));
  const isClaim = names.claims?.includes(field) === true && path[0] === field;
  if (source === undefined && isClaim) return { from: "claim", path };
  const chosen = source ?? names.results.find((candidate) => has(candidate, field));
  if (chosen === undefined) {
    return missing(field, [...names.results.flatMap(({ fields }) => fields), ...(names.claims ?? [])], tell);
  }
  return rowReference(chosen, entry.extract, path, names, tell);
}

function rowReference(source: ResultSource, extract: string, path: Path, names: Names, tell: Tell): Reference | null {
  const file = source.files?.get(String(path[0]));
  if (file !== undefined) return fileReference(file, path, names, tell);
  if (source.isSeveral && source !== names.each && typeof path[0] !== "number" && path.length > 0) {
    tell.fault(
      `"${extract}" is a field of each file, and several may come: set "multi": true, or extract "0.${extract}"`,
    );
  }
  return resultReference(source, path, names);
}
