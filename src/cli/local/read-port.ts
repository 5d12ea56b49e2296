/** Reads `--port` from the command line, for commands that have no other option. */
import { parseArgs } from "node:util";
import { isFreePort } from "../../compiler/sql/postgres/free-port.ts";

/** Null when none was asked for. @throws Error when it is no port, or taken */
export async function readPort(): Promise<number | null> {
  const text = parseArgs({ options: { port: { type: "string" } } }).values.port;
  if (text === undefined) return null;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new Error(`${text} is no port`);
  if (!(await isFreePort(port))) throw new Error(`Port ${port} is in use; choose another with -- --port`);
  return port;
}
