/**
 * Keeps the statements of ABIs away from the runtime's own tables, of which they may read the files and nothing else: in the
 * view of that name, which is there where the user has no such table. Views, triggers and functions in a deployment's
 * migrations are not examined.
 */
import { onD1, runtimeSchema } from "../../../contract/tables.ts";
import { filesView } from "../../migrations/files-view.ts";
import type { ParsedStatement } from "../parse.ts";
import { writingTags } from "../parse.ts";
import { faultAt, type SqlFault } from "../place.ts";
import type { SqlDatabase } from "../target.ts";
import type { Tree } from "../tree.ts";
import { child, textOf, visit } from "../tree.ts";

/** The name of one of them, in whatever letters, on one of the databases. */
const isRuntimeName = (schema: string, name: string): boolean => schema === runtimeSchema || name.startsWith(onD1(""));

/** The runtime's table that is meant; null for any other. */
function runtimeTable(relation: Tree | null, hasFilesView: boolean): string | null {
  const schema = textOf(relation, "schemaname").toLowerCase();
  const name = textOf(relation, "relname").toLowerCase();
  if (isRuntimeName(schema, name)) return schema === runtimeSchema ? `${schema}.${name}` : name;
  return name === filesView && hasFilesView && (schema === "" || schema === "public") ? name : null;
}

function writeFault(name: string): string {
  const what = `changes the table ${name}, which is the runtime's own`;
  if (name !== filesView) return `${what}; expected a table of your own`;
  return `${what}: expected an UPLOAD to store files, "delete_files": true or the file API to delete them, and a table of your own for what else you know of them`;
}

/** Why the statement may not run; each fault once. */
export function runtimeTableFaults(
  { node }: ParsedStatement,
  source: string,
  { hasFilesView }: Pick<SqlDatabase, "hasFilesView">,
): SqlFault[] {
  const nodes = [...visit(node)];
  const given = new Set(nodes.map(([tag, cte]) => (tag === "CommonTableExpr" ? textOf(cte, "ctename") : "")));
  const faults = nodes.flatMap(([tag, inner]): [message: string, name: string][] => {
    if (writingTags.has(tag)) {
      const name = runtimeTable(child(inner, "relation"), hasFilesView);
      return name === null ? [] : [[writeFault(name), name]];
    }
    const name = tag === "RangeVar" ? runtimeTable(inner, hasFilesView) : null;
    if (name === null || name === filesView) return [];
    if (given.has(name))
      return [[`WITH gives the name of the runtime's table ${name} to something else; expected another`, name]];
    return [[`reads the table ${name}, which is the runtime's own; expected "files" or a table of your own`, name]];
  });
  return [...new Map(faults)].map(([message, name]) => faultAt(message, source, { text: name, nth: 0 }));
}
