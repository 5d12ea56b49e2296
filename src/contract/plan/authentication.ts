/** Tokens that a call brings, gets or revokes. */
import type { Json } from "../json.ts";
import type { ConfiguredText, Reference } from "./reference.ts";

export type HmacAlgorithm = "HS256" | "HS384" | "HS512";

/** How a call is authenticated (`tokenize` with `protected`). */
export interface Authentication {
  /** Lower-case header that carries the token. */
  readonly header: string;
  /** True: the header is `Bearer <token>`; false: the bare token. */
  readonly bearer: boolean;
  readonly algorithm: HmacAlgorithm;
  /** Name of the secret in the environment. */
  readonly keyName: string;
  /** Claims that must be present; the only ones a reference can reach. */
  readonly claims: readonly string[];
  /** A token must have one of the values of each of these claims, or a list that holds one; absent = any will do. */
  readonly require?: Readonly<Record<string, readonly Json[]>>;
  /** One of them must be in the token's `aud`; absent = `aud` is not checked. */
  readonly audience?: readonly ConfiguredText[];
  /** The token's `iss`; absent = not checked. */
  readonly issuer?: ConfiguredText;
  /** The greatest age of the token, by its `iat`; absent = any. */
  readonly maxAgeSeconds?: number;
  /** An endpoint revokes tokens of this key, so each is looked up; absent = none does. */
  readonly isRevocable?: true;
}

/** What an endpoint revokes (`invalidate_tokenize`): tokens of its key, until they would expire. */
export interface Revoking extends Pick<Authentication, "algorithm" | "keyName"> {
  /** Each a token, also as `Bearer <token>`, or a list of tokens. */
  readonly tokens: readonly Reference[];
  /** They are remembered for as long at least. */
  readonly leastSeconds: number;
}

/** The token that an answer brings (`tokenize` without `protected`, or with a property to answer it under). */
export interface TokenIssue extends Pick<Authentication, "algorithm" | "keyName" | "issuer"> {
  /** Where it stands in the answer's row. */
  readonly property: string;
  /** Fields of the row that become its claims. */
  readonly claims: readonly string[];
  readonly expiresSeconds: number;
  /** Its `aud`; absent = none. */
  readonly audience?: ConfiguredText;
}
