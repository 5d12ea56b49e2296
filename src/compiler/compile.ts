/**
 * The compiler: takes the texts of all ABI files and returns plans and diagnostics. Shapes are checked first, then what
 * the files must agree on, then each endpoint. It reads no disk and prints nothing.
 */
import type { AbiFile } from "./abi-file.ts";
import type { Method, Plan } from "../contract/plan.ts";
import { integers } from "../contract/settings.ts";
import { revokedKeys } from "./endpoint/accounts/revoking.ts";
import type { JobCapabilities } from "./endpoint/background.ts";
import type { Diagnostic, Report } from "./text/diagnostic.ts";
import { createReport, pointerStep, sortDiagnostics } from "./text/diagnostic.ts";
import { checkAddresses, methodsOf } from "./addresses.ts";
import { checkQuotas } from "./quotas.ts";
import { compileEndpoint } from "./endpoint/endpoint.ts";
import type { Schema } from "./interface/schema.ts";
import type { DeclaredNames } from "./values/declared-names.ts";
import { checkDeclaredNames } from "./values/declared-names.ts";
import { parseJsonText } from "./text/json-text.ts";
import { collectFields } from "./documents/fields.ts";
import { createDocumentAnalyser, createMongoAnalyser } from "./documents/query.ts";
import type { OpenTarget } from "./sql/open-target.ts";
import type { Abi } from "./language/schema.ts";
import { checkShape } from "./language/shape.ts";
import { createQueryAnalyser, type StatementMemory } from "./sql/query.ts";

export interface CompileOptions {
  /** The database that the plans are for, with the deployment's tables. The caller closes it. */
  readonly database: OpenTarget;
  /** Where documents are: rows of the database (default), or on a MongoDB server. */
  readonly documents?: "table" | "mongodb";
  /** Most bytes of one request's body; default: Cloudflare's lowest plan. */
  readonly maxRequestBytes?: number;
  /** What background work needs of wrangler's configuration; absent = not looked at. */
  readonly capabilities?: JobCapabilities;
  /** Of builds before; absent = every statement is analysed anew. */
  readonly statements?: StatementMemory;
  /** What `$ENV` may name, in each environment that the build is for; absent = not looked at. */
  readonly declared?: readonly DeclaredNames[];
}

/** One well-formed ABI, whatever became of it. */
export interface CompiledEndpoint {
  readonly id: string;
  readonly resource: string;
  readonly methods: readonly Method[];
  readonly file: string;
  /** Null after a fault of its own, or of an endpoint whose query it runs. */
  readonly plan: Plan | null;
  /** `data` of its answer; null without a plan. */
  readonly answer: Schema | null;
}

export interface Compilation {
  /** Sorted by id; empty when there is any fault. */
  readonly plans: readonly Plan[];
  /** Sorted by id. */
  readonly endpoints: readonly CompiledEndpoint[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Source {
  readonly report: Report;
  readonly file: string;
  /** The id as written, even where the rest has faults. */
  readonly id: string | null;
  readonly abi: Abi | null;
}

function readSource({ name, text }: AbiFile, diagnostics: Diagnostic[]): Source {
  const report = createReport(name, diagnostics);
  const parsed = parseJsonText(text);
  if (!parsed.ok) {
    report.fault(`:${String(parsed.line)}:${String(parsed.column)}`, `not JSON: ${parsed.message}`);
    return { report, file: name, id: null, abi: null };
  }
  for (const place of parsed.duplicates) report.fault(place, "this object has a member of that name already", "name");
  const abi = checkShape(parsed.value, report);
  const raw = parsed.value;
  const id: unknown = typeof raw === "object" && raw !== null && "id" in raw ? raw.id : null;
  return { report, file: name, id: typeof id === "string" ? id : null, abi };
}

function checkActionableIds({ abi, report }: Source): void {
  const seen = new Set<number>();
  for (const [index, { id }] of (abi?.actionables ?? []).entries()) {
    if (seen.has(id))
      report.fault(`/actionables${pointerStep(index)}/id`, `another actionable has the id ${String(id)} already`);
    seen.add(id);
  }
}

/** Files with faults, and those whose endpoints run a query of such a file's. */
function findFaulty(sources: readonly Source[], diagnostics: readonly Diagnostic[]): ReadonlySet<string> {
  const faulty = new Set(diagnostics.flatMap(({ severity, file }) => (severity === "fault" ? [file] : [])));
  const fileOf = new Map(sources.map(({ id, file }) => [id, file]));
  const runsFaulty = ({ abi }: Source) =>
    (abi?.actionables ?? [])
      .flatMap((actionable) => actionable.depends_on ?? [])
      .some(({ resource_id: id }) => faulty.has(fileOf.get(id) ?? ""));
  for (let before = -1; before < faulty.size;) {
    before = faulty.size;
    for (const source of sources.filter(runsFaulty)) faulty.add(source.file);
  }
  return faulty;
}

/** Compiles a set of ABIs for one target. Throws only where a migration does not apply. */
export async function compileAbis(files: readonly AbiFile[], options: CompileOptions): Promise<Compilation> {
  const diagnostics: Diagnostic[] = [];
  const sources = files.map((file) => readSource(file, diagnostics));
  const wellFormed = sources.flatMap(({ abi, file, report }) => (abi === null ? [] : { abi, file, report }));
  checkAddresses(wellFormed);
  checkQuotas(wellFormed);
  const endpoints = new Map(sources.flatMap(({ id, abi }) => (id === null ? [] : [[id, abi] as const])));
  const analyse = createQueryAnalyser(options.database, options.statements);
  const collections = collectFields(sources.flatMap(({ abi }) => abi ?? []));
  const analyseDocuments =
    options.documents === "mongodb"
      ? createMongoAnalyser(collections)
      : createDocumentAnalyser(options.database, collections);
  const maxRequestBytes = options.maxRequestBytes ?? integers.MAX_REQUEST_BYTES[0];
  const capabilities = options.capabilities === undefined ? {} : { capabilities: options.capabilities };
  const revocableKeys = revokedKeys(sources.flatMap(({ abi }) => abi ?? []));
  const compiled: CompiledEndpoint[] = [];
  for (const source of sources) {
    checkActionableIds(source);
    if (source.abi === null) continue;
    checkDeclaredNames(source.abi, options.declared ?? [], source.report);
    const endpoint = await compileEndpoint(
      source.abi,
      {
        target: options.database.target,
        endpoints,
        analyse,
        analyseDocuments,
        maxRequestBytes,
        revocableKeys,
        ...capabilities,
      },
      source.report,
    );
    const { id, resource } = source.abi;
    const { plan = null, answer = null } = endpoint ?? {};
    compiled.push({ id, resource, methods: methodsOf(source.abi), file: source.file, plan, answer });
  }
  const sorted = sortDiagnostics(diagnostics);
  const faulty = findFaulty(sources, sorted);
  const order = compiled
    .map((endpoint) => (faulty.has(endpoint.file) ? { ...endpoint, plan: null, answer: null } : endpoint))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    plans: faulty.size > 0 ? [] : order.flatMap(({ plan }) => plan ?? []),
    endpoints: order,
    diagnostics: sorted,
  };
}
