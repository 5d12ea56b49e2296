/** Holds an answer against what the compiler says of it. */
import type { Schema, SchemaType } from "../../src/compiler/interface/schema.ts";
import type { Json, Plan } from "../../src/contract/plan.ts";

/** A plan of a set, with what its endpoint is said to answer. */
export interface DescribedPlan extends Plan {
  readonly described?: Schema;
}

function typeOf(value: Json): SchemaType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : (typeof value as SchemaType);
}

/** What of a value is other than its schema says, by its place; a member that the schema does not name is one of them. */
export function deviations(schema: Schema, value: Json, at = ""): readonly string[] {
  const {
    type,
    enum: values,
    anyOf,
    format,
    properties = {},
    required = [],
    items = {},
    additionalProperties,
  } = schema;
  if (anyOf !== undefined) {
    const all = anyOf.map((one) => deviations(one, value, at));
    return all.some((found) => found.length === 0) ? [] : all.flat();
  }
  if (type === undefined) return [];
  const found = typeOf(value);
  const types = [type].flat();
  // Beyond 2^53, as the document says.
  const isLarge = types.includes("integer") && typeof value === "string" && /^-?\d{16,19}$/.test(value);
  const fits = types.includes(found) || (found === "integer" && types.includes("number")) || isLarge;
  if (!fits) return [`${at} is ${found}, expected ${types.join(" or ")}`];
  if (values !== undefined && !values.includes(value)) return [`${at} is none of ${JSON.stringify(values)}`];
  if (format === "date-time" && typeof value === "string" && Number.isNaN(Date.parse(value)))
    return [`${at} is no moment`];
  if (found === "array")
    return (value as readonly Json[]).flatMap((item, index) => deviations(items, item, `${at}/${index}`));
  if (found !== "object") return [];
  const members = Object.entries(value as { readonly [name: string]: Json });
  const names = members.map(([name]) => name);
  return [
    ...required.filter((name) => !names.includes(name)).map((name) => `${at}/${name} is missing`),
    ...members.flatMap(([name, member]) => {
      const own = properties[name] ?? additionalProperties;
      return own === undefined ? [`${at}/${name} is not described`] : deviations(own, member, `${at}/${name}`);
    }),
  ];
}
