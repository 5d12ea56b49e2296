/** Walks PostgreSQL's parse tree, which is plain JSON: `{ "SelectStmt": { … } }`. */

export type Tree = { [name: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The node inside if the value is a node with this tag, else null. */
export function tagged(value: unknown, tag: string): Tree | null {
  const node = isTree(value) ? value[tag] : undefined;
  return isTree(node) ? node : null;
}

/** A member that is a node or structure, else null. */
export function child(node: Tree | null, name: string): Tree | null {
  const value = node?.[name];
  return isTree(value) ? value : null;
}

/** A member that is a list; absent = empty. */
export function list(node: Tree | null, name: string): unknown[] {
  const value: unknown = node?.[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** A member that is text; absent = empty, as the parser leaves empty text out. */
export function textOf(node: Tree | null, name: string): string {
  const value = node?.[name];
  return typeof value === "string" ? value : "";
}

/** A member that is a number; absent = 0, as the parser leaves zero out. */
export function numberOf(node: Tree | null, name: string): number {
  const value = node?.[name];
  return typeof value === "number" ? value : 0;
}

/** The texts of a list of String nodes: a qualified name. */
export function names(nodes: readonly unknown[]): string[] {
  return nodes.map((node) => textOf(tagged(node, "String"), "sval"));
}

const isTag = (name: string): boolean => /^[A-Z]/.test(name);

/** Every tagged node at or under a value, parents first. */
export function* visit(value: unknown): Generator<readonly [tag: string, node: Tree]> {
  if (Array.isArray(value)) {
    for (const item of value) yield* visit(item);
  } else if (isTree(value)) {
    for (const [name, inner] of Object.entries(value)) {
      if (isTag(name) && isTree(inner)) yield [name, inner];
      yield* visit(inner);
    }
  }
}

/** A copy in which `change` has replaced each tagged node it returns another value for. Children are changed first. */
export function rewrite(value: unknown, change: (tag: string, node: Tree) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, change));
  if (!isTree(value)) return value;
  const copy: Tree = {};
  for (const [name, inner] of Object.entries(value)) copy[name] = rewrite(inner, change);
  const [tag] = Object.keys(copy);
  const node = tag !== undefined && isTag(tag) ? tagged(copy, tag) : null;
  return tag === undefined || node === null ? copy : (change(tag, node) ?? copy);
}
