/** Makes up a value that a schema takes, for examples. The same schema gives the same value. */
import type { Json } from "../../../contract/plan.ts";
import type { Schema } from "../schema.ts";

const formatted: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00.000Z",
  date: "2026-01-31",
  uuid: "0b4ee8a2-7f0c-4c1e-9d3e-2a7b5c6d8e9f",
  email: "ann@example.com",
  uri: "https://example.com/",
};

/** Texts that people know by the member's name; others are the name itself. */
const named: Readonly<Record<string, string>> = {
  storage_key: "receipts/V1StGXR8_Z5jdHi6B-myT.png",
  original_file_name: "receipt.png",
  new_file_name: "V1StGXR8_Z5jdHi6B-myT.png",
  url: "https://example.com/files/receipts/V1StGXR8_Z5jdHi6B-myT.png",
  download_url: "https://example.com/files/receipts/V1StGXR8_Z5jdHi6B-myT.png?token=…",
  file_type: "image/png",
  extension: "png",
  checksum_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  dominant_color: "#2e251b",
  thumbhash: "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
};

/** @param name of the member whose value it is */
export function exampleOf(schema: Schema, name = "text"): Json {
  const { enum: values, anyOf, allOf, properties = {}, items = {} } = schema;
  if (schema.default !== undefined) return schema.default;
  if (values?.[0] !== undefined) return values[0];
  const [alternative] = anyOf ?? allOf ?? [];
  if (alternative !== undefined) return exampleOf(alternative, name);
  switch ([schema.type ?? "null"].flat()[0]) {
    case "string":
      return textOf(schema, name);
    case "integer":
      return Math.ceil(within(schema, 1));
    case "number":
      return within(schema, 1.5);
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: Math.max(1, schema.minItems ?? 1) }, () => exampleOf(items, name));
    case "object":
      return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, exampleOf(value, key)]));
    default:
      return null;
  }
}

const within = ({ minimum = -Infinity, maximum = Infinity }: Schema, usual: number): number =>
  Math.min(Math.max(usual, minimum), maximum);

/** Of a pattern only its author can make up a text. */
function textOf({ format, minLength = 0, maxLength = Infinity }: Schema, name: string): string {
  const text = named[name] ?? (format === undefined ? undefined : formatted[format]) ?? name;
  return text.padEnd(minLength, "x").slice(0, maxLength);
}
