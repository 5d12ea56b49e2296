/** The operators that the tests' MongoDB server knows, as the manual describes them. All others are refused. */
import { ObjectId, type Document } from "mongodb";

/** A refusal as a server sends it. */
export class ServerError extends Error {
  readonly code: number;
  readonly codeName: string;

  constructor(code: number, codeName: string, message: string) {
    super(message);
    this.code = code;
    this.codeName = codeName;
  }
}

const unknown = (what: unknown): ServerError => new ServerError(2, "BadValue", `unknown: ${JSON.stringify(what)}`);

/** The same kind and value; objects with their members in order. */
function isEqual(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return left === right;
  if (left instanceof ObjectId || right instanceof ObjectId) {
    return left instanceof ObjectId && right instanceof ObjectId && left.equals(right);
  }
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [ours, theirs] = [Object.entries(left), Object.entries(right)];
  return (
    ours.length === theirs.length &&
    ours.every(([name, value], index) => name === theirs[index]?.[0] && isEqual(value, theirs[index]?.[1]))
  );
}

/** A query's `$eq` also finds arrays that hold the value; that of null, also missing fields. */
function isFound(stored: unknown, wanted: unknown): boolean {
  if (Array.isArray(stored) && stored.some((item) => isEqual(item, wanted))) return true;
  return isEqual(stored ?? null, wanted);
}

function isCondition(stored: unknown, condition: unknown): boolean {
  const [[operator, wanted] = [], ...more] = Object.entries(condition as object) as [string, unknown][];
  if (more.length > 0) throw unknown(condition);
  if (operator === "$eq") return isFound(stored, wanted);
  if (operator === "$in" && Array.isArray(wanted)) return wanted.some((one) => isFound(stored, one));
  throw unknown(condition);
}

/** `{$and: [{$eq: ["$field", {$literal: value}]}, …]}`, in which nothing but the field is read. */
function isExpression(document: Document, expression: unknown): boolean {
  const { $and: terms, ...rest } = expression as { $and?: unknown };
  if (!Array.isArray(terms) || Object.keys(rest).length > 0) throw unknown(expression);
  return terms.every((term: { $eq?: unknown }) => {
    const [path, operand] = (term.$eq ?? []) as [string?, { $literal?: unknown }?];
    if (path === undefined || !/^\$[A-Za-z_]\w*$/.test(path)) throw unknown(term);
    if (operand === undefined || Object.keys(operand).join() !== "$literal") throw unknown(term);
    const field = path.slice(1);
    return Object.hasOwn(document, field) && isEqual(document[field], operand.$literal);
  });
}

export function isMatch(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([field, condition]) => {
    if (field === "$expr") return isExpression(document, condition);
    if (field.startsWith("$")) throw unknown(field);
    return isCondition(document[field], condition);
  });
}

export function applySet(document: Document, update: Document): void {
  if (Object.keys(update).join() !== "$set") throw unknown(update);
  Object.assign(document, update["$set"]);
}

export function projected(document: Document, projection: Document): Document {
  const names = Object.keys(projection);
  return names.length === 0
    ? document
    : Object.fromEntries(Object.entries(document).filter(([name]) => names.includes(name)));
}

/** https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ , but for what it says of arrays. */
function kindOf(value: unknown): number {
  if (value === undefined || value === null) return 1;
  if (typeof value === "number") return 2;
  if (typeof value === "string") return 3;
  if (typeof value === "boolean") return 8;
  if (value instanceof ObjectId) return 7;
  return Array.isArray(value) ? 5 : 4;
}

function compare(left: unknown, right: unknown): number {
  if (kindOf(left) !== kindOf(right)) return kindOf(left) - kindOf(right);
  if (kindOf(left) === 1) return 0;
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "boolean") return Number(left) - Number(right);
  const texts = [left, right].map((value) =>
    Buffer.from(value instanceof ObjectId ? value.toHexString() : String(value)),
  );
  return Buffer.compare(texts[0] ?? Buffer.alloc(0), texts[1] ?? Buffer.alloc(0));
}

export function compareBy(sort: Readonly<Record<string, 1 | -1>>): (left: Document, right: Document) => number {
  return (left, right) => {
    for (const [field, direction] of Object.entries(sort)) {
      const order = compare(left[field], right[field]) * direction;
      if (order !== 0) return order;
    }
    return 0;
  };
}
