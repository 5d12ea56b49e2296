/**
 * The member names of `payload_validation`, and its JSON Schema for editors. The compiler reads the rules with
 * endpoint/payload instead, whose messages are better than those of a schema of alternatives.
 */
import { textFormats } from "../../contract/payload-rule.ts";

export const ruleTypes = ["STRING", "NUMBER", "EMAIL", "OBJECT", "ARRAY", "STRINGARRAY"] as const;
export type RuleType = (typeof ruleTypes)[number];

const count = { type: "integer", minimum: 0 };
const options = {
  min_length: {
    ...count,
    description: "Least characters of a STRING or EMAIL, least items of an ARRAY or STRINGARRAY.",
  },
  max_length: { ...count, description: "Most characters of a STRING or EMAIL, most items of an ARRAY or STRINGARRAY." },
  arr_length: { ...count, description: "Most items of an ARRAY or STRINGARRAY." },
  items_min_length: { ...count, description: "Least characters of each item, which must be a text." },
  items_max_length: { ...count, description: "Most characters of each item, which must be a text." },
  min: { type: "number", description: "Least NUMBER." },
  max: { type: "number", description: "Greatest NUMBER." },
  integer: { type: "boolean", description: "The NUMBER is whole." },
  enum: {
    type: "array",
    minItems: 1,
    items: { type: ["string", "number"] },
    description: "All that a STRING or NUMBER may be.",
  },
  format: { type: "string", enum: textFormats, description: "The form of a STRING." },
  pattern: { type: "string", description: "A regular expression that the whole STRING matches." },
  trim: { type: "boolean", description: "White space at both ends of a STRING or EMAIL is taken away first." },
  default: { description: "What a field that is missing or null is taken for." },
  message: { type: "string", minLength: 1, description: "What is answered when the field breaks its rule." },
  optional: { type: "boolean", description: "The field may be missing or null." },
  fields: {
    description: "Rules for the members of an OBJECT, or of each object in an ARRAY: a list of rules, or name → type.",
    anyOf: [
      { type: "array", items: { $ref: "#/$defs/payload_rule" } },
      { type: "object", additionalProperties: { $ref: "#/$defs/payload_type" } },
    ],
  },
} as const;

export type OptionName = keyof typeof options;
export const optionNames = Object.keys(options) as OptionName[];

/** For `$defs` of the schema's root: what `fields` refers to. */
export const payloadDefinitions = {
  payload_rule: {
    type: "object",
    properties: {
      field: {
        type: "object",
        minProperties: 1,
        additionalProperties: { $ref: "#/$defs/payload_type" },
        description: "Name → type.",
      },
      ...options,
    },
    required: ["field"],
    additionalProperties: false,
    description: "A field of the payload. Its limits stand here or inside its type.",
  },
  payload_type: {
    type: "object",
    properties: { type: { type: "string", enum: ruleTypes, description: "What the value must be." }, ...options },
    required: ["type"],
    additionalProperties: false,
  },
};

/** The schema of a rule in the list. */
export const payloadRuleReference = { $ref: "#/$defs/payload_rule" };
/** The schema of the rules of path or query parameters. */
export const parameterRules = {
  type: "object",
  minProperties: 1,
  additionalProperties: { $ref: "#/$defs/payload_type" },
};
