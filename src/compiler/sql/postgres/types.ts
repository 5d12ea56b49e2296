/** What a database's types mean to the runtime: how their values are bound, and how they become JSON. */
import type { ColumnType, ParameterType } from "../../../contract/plan/query.ts";
import type { TextRow } from "./server.ts";
import type { CastKind } from "../casts.ts";
import { castKind } from "../casts.ts";

export interface PostgresType {
  /** As people write it, such as `text[]`. */
  readonly name: string;
  readonly kind: CastKind;
  readonly isList: boolean;
  /** A composite or a pseudo-type such as `record`: its values have no form that the runtime could carry. */
  readonly isRow: boolean;
}

/** By the type's number (oid). */
export type PostgresTypes = ReadonlyMap<number, PostgresType>;

/** A domain counts as what it is made of. */
export const typesQuery = `
  SELECT t.oid::text AS number, pg_catalog.format_type(t.oid, NULL) AS name, base.typname::text AS base,
    base.typcategory::text AS category
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type base ON base.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END`;

export function readTypes(rows: readonly TextRow[]): PostgresTypes {
  return new Map(
    rows.map((row) => {
      const base = String(row["base"]);
      const isList = row["category"] === "A";
      const isRow = row["category"] === "C" || (row["category"] === "P" && base !== "void");
      return [Number(row["number"]), { name: String(row["name"]), kind: castKind(base), isList, isRow }];
    }),
  );
}

/** Every value is bound as text that the server reads; the runtime only checks that its form is the type's. */
export function parameterTypeOf(kind: CastKind): ParameterType {
  switch (kind) {
    case "text":
    case "integer":
    case "boolean":
    case "timestamp":
    case "json":
    case "bytes":
    case "number":
      return kind;
    case "keep":
    case "unknown":
      return "any";
    default:
      return kind satisfies never;
  }
}

export function columnTypeOf(kind: CastKind): ColumnType | null {
  switch (kind) {
    case "integer":
    case "number":
    case "boolean":
    case "timestamp":
    case "json":
    case "bytes":
      return kind;
    case "text":
    case "keep":
    case "unknown":
      return null;
    default:
      return kind satisfies never;
  }
}
