/** What a development server serves while some ABIs have faults: the others, and for those a route that says so. */
import type { AbiFile } from "../../../compiler/abi-file.ts";
import type { Compilation } from "../../../compiler/compile.ts";
import type { Diagnostic } from "../../../compiler/text/diagnostic.ts";
import { parseJsonText } from "../../../compiler/text/json-text.ts";
import { locateAll } from "../../../compiler/text/locate.ts";
import type { Plan, Uncompiled } from "../../../contract/plan.ts";
import { formatLocated } from "../../terminal/show-diagnostics.ts";

/** Id and resource of each ABI when they were last known, by its file. */
export type KnownRoutes = Readonly<Record<string, readonly string[]>>;

export interface PartialBuild {
  readonly plans: readonly Plan[];
  readonly endpoints: Compilation["endpoints"];
  readonly uncompiled: readonly Uncompiled[];
}

const written = [/"id"\s*:\s*"([\w/-]+)"/, /"resource"\s*:\s*"([\w/:-]+)"/];

/** What stands there for them, also in a text that is no JSON. */
function routesIn(text: string): string[] {
  const parsed = parseJsonText(text);
  const names = ["id", "resource"] as const;
  if (!parsed.ok) return written.flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  const members: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(parsed.value ?? {}));
  return names.map((name) => members[name]).filter((value) => typeof value === "string");
}

/** Of every file: what stands in it, and where not both do, what stood there before. */
export function readRoutes(files: readonly AbiFile[], known: KnownRoutes): KnownRoutes {
  const routes = files.map(({ name, text }): [string, readonly string[]] => {
    const written = routesIn(text);
    return [name, written.length === 2 ? written : [...new Set([...written, ...(known[name] ?? [])])]];
  });
  return Object.fromEntries(routes);
}

/** @param textOf the text of a file */
export function buildPartly(
  { endpoints, diagnostics }: Pick<Compilation, "endpoints" | "diagnostics">,
  routes: KnownRoutes,
  textOf: (file: string) => string | null,
): PartialBuild {
  const compiled = new Set(endpoints.flatMap(({ file, plan }) => (plan === null ? [] : [file])));
  const faults = diagnostics.filter(({ severity }) => severity === "fault");
  const firstFault = (file: string): string => {
    const [located] = locateAll(
      faults.filter((fault: Diagnostic) => fault.file === file),
      textOf,
    );
    return located === undefined ? `${file}: runs a query of an endpoint that has faults` : formatLocated(located);
  };
  return {
    plans: endpoints.flatMap(({ plan }) => plan ?? []),
    endpoints,
    uncompiled: Object.keys(routes)
      .filter((file) => !compiled.has(file))
      .map((file) => ({ file, routes: routes[file] ?? [], fault: firstFault(file) })),
  };
}
