/**
 * Keeps the statements of ABIs away from the runtime's own tables, of which they may read the files and nothing else.
 * Views, triggers and functions in a deployment's migrations are not examined.
 */
import { postgresTables, tables } from "../../../contract/tables.ts";
import type { ParsedStatement } from "../parse.ts";
import { writingTags } from "../parse.ts";
import type { Tree } from "../tree.ts";
import { child, textOf, visit } from "../tree.ts";

const readable = "files";
/** What `mongo_query` writes is the application's, and may be read and written as rows, too. */
const documents = "documents";

const names: ReadonlySet<string> = new Set(
  Object.keys({ ...tables, ...postgresTables }).filter((name) => name !== documents),
);

export function isRuntimeTable(name: string): boolean {
  return names.has(name.toLowerCase());
}

/** The runtime's table that is meant, in whatever letters; null for any other. */
function runtimeTable(relation: Tree | null): string | null {
  const schemaName = textOf(relation, "schemaname");
  const name = textOf(relation, "relname").toLowerCase();
  return isRuntimeTable(name) && (schemaName === "" || schemaName === "public") ? name : null;
}

function writeFault(name: string): string {
  const what = `changes the table ${name}, which is the runtime's own`;
  if (name !== readable) return `${what}; expected a table of your own`;
  return `${what}: expected an UPLOAD to store files, "delete_files": true or the file API to delete them, and a table of your own for what else you know of them`;
}

/** Why the statement may not run; each fault once. */
export function runtimeTableFaults({ node }: ParsedStatement): string[] {
  const nodes = [...visit(node)];
  const given = new Set(nodes.map(([tag, cte]) => (tag === "CommonTableExpr" ? textOf(cte, "ctename") : "")));
  const faults = nodes.flatMap(([tag, inner]) => {
    if (writingTags.has(tag)) {
      const name = runtimeTable(child(inner, "relation"));
      return name === null ? [] : [writeFault(name)];
    }
    const name = tag === "RangeVar" ? runtimeTable(inner) : null;
    if (name === null || name === readable) return [];
    if (given.has(name))
      return [`WITH gives the name of the runtime's table ${name} to something else; expected another`];
    return [`reads the table ${name}, which is the runtime's own; expected "${readable}" or a table of your own`];
  });
  return [...new Set(faults)];
}
