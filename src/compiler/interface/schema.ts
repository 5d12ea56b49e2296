/** The part of JSON Schema (2020-12) in which an endpoint's interface is said. OpenAPI 3.1 takes it as it is. */
import type { Json } from "../../contract/plan.ts";

export type SchemaType = "string" | "number" | "integer" | "boolean" | "object" | "array" | "null";

export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly pattern?: string;
  readonly enum?: readonly Json[];
  readonly default?: Json;
  readonly examples?: readonly Json[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Of members that `properties` does not name. */
  readonly additionalProperties?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly $ref?: string;
}

export const text: Schema = { type: "string" };
export const integer: Schema = { type: "integer" };
export const moment: Schema = { type: "string", format: "date-time" };
export const nothing: Schema = { type: "null" };
/** Any JSON. */
export const anything: Schema = {};

/** The same, or null. */
export function orNull(schema: Schema): Schema {
  const { type, enum: values } = schema;
  if (type === undefined) return schema.anyOf === undefined ? schema : { anyOf: [...schema.anyOf, nothing] };
  return {
    ...schema,
    type: [...[type].flat(), "null"],
    ...(values === undefined ? {} : { enum: [...values, null] }),
  };
}

/** An object that has all of these members. */
export const objectOf = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});

export const listOf = (items: Schema): Schema => ({ type: "array", items });
