/** What `payload_validation` and the rules of parameters ask for, as JSON Schema. */
import type { FieldRule, Rule, TextFormat, TextRule } from "../../contract/payload-rule.ts";
import type { Schema } from "./schema.ts";

const formats: Readonly<Record<TextFormat, Schema>> = {
  uuid: { format: "uuid" },
  ksuid: { pattern: "^[0-9A-Za-z]{27}$" },
  date: { format: "date" },
  "date-time": { format: "date-time" },
  url: { format: "uri" },
};

export function schemaOfRule(rule: Rule): Schema {
  switch (rule.kind) {
    case "text":
    case "email":
      return textSchema(rule);
    case "number":
      return {
        type: rule.integer === true ? "integer" : "number",
        ...bounds(rule, "minimum", "maximum"),
        ...(rule.values === undefined ? {} : { enum: rule.values }),
      };
    case "object":
      return schemaOfFields(rule.fields);
    case "list":
      return {
        type: "array",
        items: rule.items === undefined ? {} : schemaOfRule(rule.items),
        ...bounds(rule, "minItems", "maxItems"),
      };
    default:
      return rule satisfies never;
  }
}

function textSchema({ kind, format, pattern, values, ...rule }: TextRule): Schema {
  return {
    type: "string",
    ...(kind === "email" ? { format: "email", maxLength: 254 } : {}),
    // White space that is taken away does not count.
    ...(rule.trim === true ? {} : bounds(rule, "minLength", "maxLength")),
    ...(format === undefined ? {} : formats[format]),
    // The whole text matches.
    ...(pattern === undefined || rule.trim === true ? {} : { pattern: `^(?:${pattern})$` }),
    ...(values === undefined ? {} : { enum: values }),
  };
}

function bounds(
  { min, max }: { readonly min?: number; readonly max?: number },
  least: "minimum" | "minLength" | "minItems",
  most: "maximum" | "maxLength" | "maxItems",
): Schema {
  return { ...(min === undefined ? {} : { [least]: min }), ...(max === undefined ? {} : { [most]: max }) };
}

/** An optional field may be null as well, which says the same as leaving it out. */
export function schemaOfField({ rule, default: otherwise, optional }: FieldRule): Schema {
  const schema = schemaOfRule(rule);
  const { type = [] } = schema;
  return {
    ...schema,
    ...(optional ? { type: [...[type].flat(), "null"] } : {}),
    ...(optional && schema.enum !== undefined ? { enum: [...schema.enum, null] } : {}),
    ...(otherwise === undefined ? {} : { default: otherwise }),
  };
}

export function schemaOfFields(fields: readonly FieldRule[]): Schema {
  const required = fields.filter(({ optional }) => !optional).map(({ name }) => name);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, schemaOfField(field)])),
    ...(required.length === 0 ? {} : { required }),
  };
}
