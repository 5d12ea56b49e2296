/** The shape of what makes accounts: issued tokens, hashed passwords, revoked tokens. */
import * as z from "zod";

const field = z
  .string()
  .max(255)
  .regex(/^[A-Za-z_]\w*$/, "expected a plain name: letters, digits and _");

/** Revoked tokens are remembered as long, and a token that cannot be revoked is good as long. */
export const maxTokenSeconds = 31_622_400;

/** Of `tokenize`, where it issues. */
export const issuing = {
  expiration: z
    .int()
    .min(1)
    .max(maxTokenSeconds)
    .describe("Seconds for which an issued token is good, at most 366 days.")
    .optional(),
  custom_claim_fields: z
    .array(field)
    .min(1)
    .describe("Fields of the answering row that become claims of the issued token.")
    .optional(),
  property_name: field
    .describe('Where the issued token stands in the answer; a list of returnables has to name it. Default: "token".')
    .optional(),
};

const accessor = z.string().min(1).max(255);

export const invalidateTokenize = z
  .strictObject({
    tokens: z
      .union([accessor, z.array(accessor).min(1).max(10)], { error: "expected an accessor or a list of accessors" })
      .describe("Where the tokens are, such as $PAYLOAD.tokens: one or a list. Absent: the caller's own token.")
      .optional(),
    expires_after: z
      .int()
      .min(1)
      .max(maxTokenSeconds)
      .describe("Seconds for which they are remembered at least. They stay revoked until they expire in any case.")
      .optional(),
  })
  .describe("Revokes tokens of the key that `tokenize` names.");

const algorithm = z.enum(["BCRYPT", "ARGON2"]).describe("ARGON2 is argon2id.");
const property = field.describe("A field of the payload.");
const cost = z
  .int()
  .min(1)
  .max(31)
  .describe("BCRYPT: each more doubles the work; 12 by default. ARGON2: passes over 19 MiB; 2 by default.")
  .optional();

export const hashOptions = z.strictObject({
  rounds_cost: cost,
  salt: z.unknown().describe("Refused: each hash has a random salt of its own.").optional(),
});
export const verifyOptions = z.strictObject({
  rounds_cost: cost.describe("What the hashes cost: an unknown user costs as much. Default: as `hashables` has it."),
});

export const hashable = z.strictObject({ property, algorithm, options: hashOptions.optional() });
export const verifyHashable = z.strictObject({ property, algorithm, options: verifyOptions.optional() });

/** Of a QUERY. */
export const passwords = {
  hashables: z
    .array(hashable)
    .min(1)
    .describe("Fields of the payload that the statement binds as their hashes.")
    .optional(),
  verify_hashables: z
    .array(verifyHashable)
    .min(1)
    .describe("Fields of the payload that must be what the row's column of that name is the hash of, else 401.")
    .optional(),
};
