/** The shape of `mongo_query`, and the rules for names in it. */
import * as z from "zod";
import { pathFault } from "../text/accessor.ts";

/** Documents that FIND answers where no `limit` is written, and the most that it ever answers. */
export const defaultLimit = 50;
export const maxLimit = 1000;

const scalar = z
  .union([z.string(), z.number(), z.boolean(), z.null()], {
    error: "expected an accessor, a text, a number, true, false or null; operators are not supported",
  })
  .describe(
    "$PROTECTED.claim, $PAYLOAD.field, $PARAM.name, $QUERY.name, $ENV.NAME, $HEADER.Name, $DATETIME, $GENERATOR.KIND, or a literal.",
  );
const members = z.record(z.string(), scalar);
const countWords = "expected a whole number or one accessor, such as $PAYLOAD.page";
const accessor = z.string().regex(/^\$[A-Z]/, countWords);

export const mongoQuery = z
  .strictObject({
    collection: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,120}$/, "expected 1 to 120 of letters, digits, _, . and -")
      .describe("The collection's name."),
    action: z.enum(["INSERT", "FIND", "UPDATE", "DELETE"]).describe("What to do with its documents."),
    parameters: z
      .array(z.string())
      .min(1)
      .describe("Names of fields: what INSERT and UPDATE write, what FIND and DELETE match, each with its own value.")
      .optional(),
    filter: members.describe("The documents meant: field → the value it must be equal to.").optional(),
    set: members.describe("More fields to write: field → value.").optional(),
    sort: z
      .record(z.string(), z.union([z.literal(1), z.literal(-1)], { error: "expected 1 or -1" }))
      .describe("Order of FIND: field → 1 (upwards) or -1. Default: as they were inserted.")
      .optional(),
    limit: z
      .union([z.int().min(1).max(maxLimit), accessor], { error: countWords })
      .describe("Most documents. Default: 50.")
      .optional(),
    skip: z
      .union([z.int().min(0), accessor], { error: countWords })
      .describe("Documents to leave out at the start.")
      .optional(),
    multi: z
      .boolean()
      .describe("Run once per element of the previous result or of the payload. INSERT does after several files.")
      .optional(),
    with_timestamp: z.boolean().describe("The same as with_timestamps.").optional(),
    with_timestamps: z
      .boolean()
      .describe("Writes created_at (INSERT) and updated_at: the request's moment.")
      .optional(),
  })
  .describe("Documents in a table of the SQL database, or on the MongoDB server of the secret MONGODB_URL.");

export type MongoQuery = z.infer<typeof mongoQuery>;
export type MongoAction = MongoQuery["action"];
export type MongoScalar = z.infer<typeof scalar>;

/** The message for what cannot be the name of a document's field, or null. */
export function fieldFault(field: string): string | null {
  if (field.startsWith("$")) {
    return `"${field}" is no field: operators are not supported, and values stand in "filter" and "set"`;
  }
  if (field === "_id") return `the document's id is called "id"`;
  if (!/^[A-Za-z_]\w{0,254}$/.test(field)) {
    return `${JSON.stringify(field)} is no name of a field: expected letters, digits and _`;
  }
  return pathFault([field]);
}
