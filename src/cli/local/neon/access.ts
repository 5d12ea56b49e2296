/**
 * Who may use the local endpoint of Neon's protocols, and which database that is: whoever has the password, which is made up
 * for each run and only given to the Worker. PostgreSQL's own, and how it is asked for, stay between this process and PostgreSQL.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";

export interface Caller {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Access {
  /** The endpoint's address on this port, for DATABASE_URL of the Worker. */
  addressOn(port: number): string;
  /** The address behind that a caller may use. @throws DatabaseError as PostgreSQL's where it may not */
  admit(caller: Caller): string;
}

const user = "sluice";

/** @param databaseUrl of the PostgreSQL behind */
export function createAccess(databaseUrl: string): Access {
  const password = randomBytes(24).toString("hex");
  return {
    addressOn: (port) => `postgresql://${user}:${password}@127.0.0.1:${port}${new URL(databaseUrl).pathname}`,
    admit(caller) {
      if (caller.user !== user || caller.password !== password) throw refusalOf(caller.user);
      const url = new URL(databaseUrl);
      url.pathname = encodeURIComponent(caller.database);
      return url.href;
    },
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_password */
function refusalOf(name: string): Error {
  const message = `password authentication failed for user "${name}"`;
  return Object.assign(new pg.DatabaseError(message, message.length, "error"), { code: "28P01", severity: "FATAL" });
}
