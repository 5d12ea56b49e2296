/** `uploads.fields`: takes each file by the field that it comes in, and gives each field's files a result of their own. */
import type { Json } from "../../contract/plan.ts";
import type { FileField, FileFields, FileGroup } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { FileReception } from "../call/features.ts";
import type { ResultRow } from "../call/scope.ts";
import { tooManyFiles } from "./too-many-files.ts";

/** @param maxFiles of all fields together */
export function receiveFields(fields: FileFields, maxFiles: number): FileReception {
  const known = new Map(fields.list.map((field) => [field.name, field]));
  /** One for each file. */
  const admitted: FileField[] = [];
  const countOf = (field: FileField) => admitted.filter((one) => one === field).length;
  return {
    admit(name) {
      const field = known.get(name);
      if (field === undefined) throw unknownField(name, [...known.keys()]);
      admitted.push(field);
      if (admitted.length > maxFiles) throw tooManyFiles(maxFiles);
      if (countOf(field) <= field.maxFiles) return field;
      throw tooManyFiles(field.maxFiles, ` as "${name}"`, { field: name });
    },
    finish(payload) {
      for (const field of fields.list) {
        const count = countOf(field);
        if (count < field.minFiles) throw missing(field, count, textOf(payload, field.name) !== undefined);
        checkTexts(field, count, payload);
      }
      checkTexts(fields, admitted.length, payload);
    },
    results(step, rows, payload) {
      const named = rows.map((row, index) => ({ ...row, field_name: admitted[index]?.name ?? null }));
      const groups = fields.list.map((field) => {
        const own = named.filter((_, index) => admitted[index] === field);
        return [field.result, { rows: withTexts(field, own, payload), list: field.maxFiles > 1 }] as const;
      });
      return [
        [step, { rows: named, list: true }],
        [fields.result, { rows: withTexts(fields, named, payload), list: true }],
        ...groups,
      ];
    },
  };
}

function unknownField(name: string, expected: readonly string[]): Problem {
  const shown = JSON.stringify(name.slice(0, 100));
  const list = expected.map((field) => `"${field}"`).join(", ");
  return new Problem("payload_invalid", {
    detail: `No file is accepted as ${shown}; the fields of files are ${list}.`,
    members: { field: name.slice(0, 100), expected },
  });
}

function missing({ name, minFiles }: FileField, count: number, isText: boolean): Problem {
  const wanted = minFiles === 1 ? "a file" : `at least ${minFiles} files`;
  const found = isText ? "a text without a file name came" : count === 0 ? "none came" : `${count} came`;
  return new Problem("file_missing", {
    detail: `Send ${wanted} as "${name}": ${found}.`,
    members: { field: name, least: minFiles },
  });
}

function textOf(payload: Json, name: string): Json | undefined {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return undefined;
  return Object.hasOwn(payload, name) ? (payload as ResultRow)[name] : undefined;
}

/** A text that is sent once is every file's; else each file has its own, in the order in which both were sent. */
function checkTexts({ texts }: FileGroup, count: number, payload: Json): void {
  for (const name of texts) {
    const text = textOf(payload, name);
    if (!Array.isArray(text) || text.length === count) continue;
    throw new Problem("payload_invalid", {
      detail: `"${name}" was sent ${text.length} times for ${count} files: send one for each file, or one for all.`,
      members: { field: name },
    });
  }
}

function withTexts({ texts }: FileGroup, rows: readonly ResultRow[], payload: Json): readonly ResultRow[] {
  if (texts.length === 0) return rows;
  return rows.map((row, index) => {
    const own = texts.map((name) => {
      const text = textOf(payload, name) ?? null;
      return [name, Array.isArray(text) ? ((text as readonly Json[])[index] ?? null) : text];
    });
    return { ...row, texts: Object.fromEntries(own) as ResultRow };
  });
}
