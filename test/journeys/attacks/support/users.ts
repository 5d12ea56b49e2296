/** The users that are attacked: their table is in no migration of this repository. */
export const usersTable =
  "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL)";

/** The longest password of each, in bytes. */
export const longest = { bcrypt: 72, argon2: 1024 } as const;

export type Algorithm = keyof typeof longest;
export const algorithms = ["bcrypt", "argon2"] as const satisfies readonly Algorithm[];
