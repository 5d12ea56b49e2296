/**
 * Analyses one `sql_query` of an ABI, from PostgreSQL's SQL to what the target will run: parsed, put under its rules,
 * translated, prepared, typed, guarded.
 */
import type { ColumnType, NamedFiles, ParameterType, StatementCheck } from "../../contract/plan/query.ts";
import { pathFault } from "../text/accessor.ts";
import type { OpenTarget } from "./open-target.ts";
import { namingFault } from "./named-files.ts";
import { describeResult, unknownResult, type StatementResult } from "./result.ts";
import { rowCountFaults, rowCountPlaceholders } from "./rules/row-counts.ts";
import type { RowRules, RuleFault } from "./rules/rule.ts";
import { addReturning } from "./rules/returning.ts";
import { applyRowRules, noRowRules } from "./rules/row-rules.ts";
import { runtimeTableFaults } from "./rules/runtime-tables.ts";
import type { NamingStatement, SqlDatabase, SqlTarget } from "./target.ts";
import { unprintable } from "./target.ts";
import { faultAt, type SqlFault } from "./place.ts";
import { parseStatement } from "./parse.ts";
import type { UniqueLookup } from "./rules/unique.ts";

/** What one target makes of a statement. */
export interface SqlQuery {
  /** In the target's dialect; empty after a fault. */
  readonly sql: string;
  /** The text is one statement; its placeholders are known whatever the target says. */
  readonly isParsed: boolean;
  readonly writes: boolean;
  /** The author's. */
  readonly placeholders: readonly number[];
  /** One per placeholder. */
  readonly types: readonly ParameterType[];
  /** One placeholder more comes after the author's: the request's moment, for the rules. */
  readonly bindsMoment: boolean;
  /** Of the row that it must find, and of `unique`. */
  readonly checks: readonly StatementCheck[];
  /** What it has to hold for the check of `unique`. */
  readonly lock: string | null;
  /** How files go with its rows, where a column of them is said to name files. */
  readonly named: Pick<NamedFiles, "rows"> | null;
  /** Why they cannot. */
  readonly namingFault: string | null;
  /** Names of the result's columns in order; null where a fault hides them. */
  readonly fields: readonly string[] | null;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** For whoever describes the answer. */
  readonly result: StatementResult;
  readonly faults: readonly SqlFault[];
  readonly ruleFaults: readonly RuleFault[];
  readonly warnings: readonly string[];
}

/** What is asked of a statement beside what it says. */
export interface Demands {
  readonly rules: RowRules;
  /** It undoes its transaction where it finds no row. */
  readonly mustReturn: boolean;
  /** Columns that it returns where it changes rows and has no RETURNING of its own. */
  readonly returning: readonly string[];
  /** The column of its result whose files go with its rows. */
  readonly naming: string | null;
}

export type QueryAnalyser = (source: string, demands?: Partial<Demands>) => Promise<SqlQuery>;

const noDemands: Demands = { rules: noRowRules, mustReturn: false, returning: [], naming: null };

const empty: SqlQuery = {
  sql: "",
  isParsed: false,
  writes: false,
  placeholders: [],
  types: [],
  bindsMoment: false,
  checks: [],
  lock: null,
  named: null,
  namingFault: null,
  fields: null,
  columns: {},
  result: unknownResult,
  faults: [],
  ruleFaults: [],
  warnings: [],
};

/** Rows are objects: each name once, and none that leads to a prototype. */
function columnFaults(fields: readonly string[]): string[] {
  const twice = new Set(fields.filter((name, index) => fields.indexOf(name) !== index));
  const forbidden = fields.map((name) => pathFault([name])).filter((fault) => fault !== null);
  return [...forbidden, ...[...twice].map((name) => `returns two columns named "${name}"; name them apart with AS`)];
}

/** Why the target cannot bind so many values; null where it can. */
function bindingFault({ name, maxParameters }: SqlTarget, bound: number, bindsMoment: boolean): string | null {
  if (bound <= maxParameters) return null;
  const limit = `${name} binds at most ${String(maxParameters)} parameters, this statement has ${String(bound)}`;
  return `${name === "D1" ? "needs PostgreSQL: " : ""}${limit}${bindsMoment ? ", one of them the request's moment" : ""}`;
}

/** What of a statement runs beside it for `unique`. */
type UniqueRule = Pick<SqlQuery, "checks" | "lock" | "warnings">;

const noUnique: UniqueRule = { checks: [], lock: null, warnings: [] };

/** Statements with rules for one table hold one lock, whatever the columns. */
async function translateUnique(lookup: UniqueLookup, target: SqlTarget, database: SqlDatabase): Promise<UniqueRule> {
  const { sql } = await database.translate(lookup.statement);
  const parameters = lookup.placeholders.map((number) => number - 1);
  const warning = "unique reads the whole table at each call: no index begins with the column";
  return {
    checks: [{ sql: target.mustFindNothing(sql), parameters }],
    lock: target.needsLocks ? `unique ${lookup.table}` : null,
    warnings: (await database.scans(sql)) ? [warning] : [],
  };
}

const messages = (faults: readonly string[]): SqlFault[] => faults.map((message) => ({ message }));

/** What the runtime binds beside the statement's own values to end files. */
const filesBind = 4;

/** The statement with its files, or why they cannot go with it. */
async function nameFiles(
  naming: NamingStatement,
  mustReturn: boolean,
  target: SqlTarget,
  database: SqlDatabase,
): Promise<Partial<SqlQuery>> {
  const bound = bindingFault(target, naming.statement.placeholders.length + filesBind, false);
  const fault = namingFault(naming, database) ?? bound;
  const rows = fault ?? (await target.withFiles(naming, mustReturn, database));
  if (typeof rows === "string") return { namingFault: rows };
  const { sql, ...named } = rows;
  return { sql, named, writes: true };
}

async function analyse(
  source: string,
  { rules, mustReturn, returning, naming }: Demands,
  open: OpenTarget,
): Promise<SqlQuery> {
  const written = await parseStatement(source);
  if ("message" in written) return { ...empty, faults: [written] };
  const counts = rowCountPlaceholders(written);
  const { target } = open;
  const database = await open.database();
  const forbidden = [...runtimeTableFaults(written, source, database), ...messages(rowCountFaults(written))];
  const { placeholders } = written;
  const {
    statement,
    lookup,
    bindsMoment,
    faults: ruleFaults,
  } = applyRowRules(addReturning(written, returning, database.tables), rules, database.tables);
  const known = { ...empty, isParsed: true, writes: written.writes, placeholders, bindsMoment, ruleFaults };
  if (forbidden.length > 0) return { ...known, faults: forbidden };
  const { sql, refusals, warnings } = await database.translate(statement);
  if (refusals.length > 0) return { ...known, faults: messages(refusals) };
  const tooMany = bindingFault(target, statement.placeholders.length, bindsMoment);
  if (tooMany !== null) return { ...known, faults: messages([tooMany]) };
  const prepared = await database.prepare(sql, statement);
  if ("message" in prepared) {
    const message = `${target.dialectName} refuses this: ${prepared.message}`;
    return { ...known, faults: [faultAt(message, source, prepared.word)] };
  }
  const writes = written.writes || (await database.hasEffects(sql));
  const guardable = { sql, writes, placeholders: statement.placeholders.length, parsed: statement };
  const guarded = mustReturn ? await target.mustFind(guardable) : { sql, checks: [] };
  if (guarded === null) return { ...known, faults: messages([unprintable]) };
  const { columns } = prepared;
  const fields = columns.map(({ name }) => name);
  const unique = lookup === null ? noUnique : await translateUnique(lookup, target, database);
  const columnsByName = Object.fromEntries(
    columns.flatMap(({ name, type }) => (type === null ? [] : [[name, type] as const])),
  );
  return {
    ...known,
    sql: guarded.sql,
    writes,
    checks: [...guarded.checks, ...unique.checks],
    lock: unique.lock,
    fields,
    types: prepared.parameters.map((type, index) => (counts.has(index + 1) ? "count" : type)),
    columns: columnsByName,
    result: describeResult(statement, columns, database),
    faults: messages([...prepared.faults, ...columnFaults(fields)]),
    warnings: [...warnings, ...unique.warnings],
    ...(naming === null
      ? {}
      : await nameFiles({ statement, sql, column: naming, columns: columnsByName }, mustReturn, target, database)),
  };
}

/** What earlier analysers found, for the same target, migrations and compiler. */
export interface StatementMemory {
  recall(statement: string): SqlQuery | undefined;
  remember(statement: string, query: SqlQuery): void;
}

/** An analyser for one target; it knows each statement once. */
export function createQueryAnalyser(open: OpenTarget, memory?: StatementMemory): QueryAnalyser {
  const known = new Map<string, Promise<SqlQuery>>();
  const find = async (key: string, ...statement: Parameters<typeof analyse>): Promise<SqlQuery> => {
    const query = memory?.recall(key) ?? (await analyse(...statement));
    memory?.remember(key, query);
    return query;
  };
  return (source, demands = {}) => {
    const whole = { ...noDemands, ...demands };
    const key = JSON.stringify([source, whole]);
    const query = known.get(key) ?? find(key, source, whole, open);
    known.set(key, query);
    return query;
  };
}
