/** The compiled endpoints as a table for a terminal: what they do, and whether each kind of database can run them. */
import type { EarlyReference } from "../contract/plan/reference.ts";
import type { Plan, Step } from "../contract/plan.ts";
import type { Quota } from "../contract/plan/files.ts";
import type { Compilation } from "../compiler/compile.ts";
import { layOut } from "./terminal/table.ts";
import { isTold } from "../compiler/text/diagnostic.ts";
import { locateAll } from "../compiler/text/locate.ts";
import { formatLocated } from "./terminal/show-diagnostics.ts";

function describeStep(step: Step): string {
  switch (step.mode) {
    case "upload":
      return "upload";
    case "delete-files":
      return "delete files";
    case "query":
      return `${step.writes ? "write" : "read"}${step.each === null ? "" : " each"}${step.send === "now" ? " now" : ""}`;
    case "documents":
      return `${step.action} documents${step.each === null ? "" : " each"}${step.send === "now" ? " now" : ""}`;
    default:
      return step satisfies never;
  }
}

function describeLimits(step: Step): string[] {
  switch (step.mode) {
    case "upload":
      return [
        `${String(step.maxFiles)} × ${describeBytes(step.maxFileBytes)} ${step.types.join(" ")}`,
        ...(step.quota === undefined ? [] : [describeQuota(step.quota)]),
        ...(step.resumable === undefined ? [] : ["resumable"]),
      ];
    case "delete-files":
      return [`${String(step.maxKeys)} keys`];
    case "query":
    case "documents":
      return [];
    default:
      return step satisfies never;
  }
}

function describeCalls({ maintenance, rateLimit }: Plan): string[] {
  if (maintenance === true) return ["none: maintenance"];
  if (rateLimit === undefined) return [];
  const { limit, windowSeconds, identifier } = rateLimit;
  return [`${String(limit)} calls / ${String(windowSeconds)} s by ${describeIdentifier(identifier)}`];
}

const describeIdentifier = (identifier: EarlyReference): string =>
  identifier.from === "claim" ? `$PROTECTED.${identifier.path.join(".")}` : `$HEADER.${identifier.name}`;

function describeQuota({ maxBytes, maxFiles, windowSeconds, per }: Quota): string {
  const limits = [
    ...(maxBytes === undefined ? [] : [describeBytes(maxBytes)]),
    ...(maxFiles === undefined ? [] : [`${String(maxFiles)} files`]),
  ].join(", ");
  const window = windowSeconds === undefined ? "" : ` / ${String(windowSeconds)} s`;
  return `quota ${limits}${window}${per === undefined ? "" : ` by ${describeIdentifier(per)}`}`;
}

function describeBytes(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes >= 0.1 ? `${String(Number(mebibytes.toFixed(1)))} MiB` : `${String(bytes)} B`;
}

/** What one kind of database makes of an endpoint. */
function describeRun(plan: Plan | null): string {
  if (plan === null) return "cannot run";
  return plan.atomic ? "atomic" : "not atomic";
}

function describeEndpoint(plan: Plan | null): string[] {
  if (plan === null) return ["-", "-", "-"];
  const { authentication, answer, revoking, steps } = plan;
  const callers = authentication === null ? "open" : `${authentication.header} (${authentication.claims.join(", ")})`;
  return [
    [...steps.map(describeStep), ...(revoking === undefined ? [] : ["revoke tokens"])].join(" → "),
    [...describeCalls(plan), ...steps.flatMap(describeLimits)].join(", ") || "-",
    answer.token === undefined ? callers : `${callers}, issues ${answer.token.claims.join(", ")}`,
  ];
}

/** Why a database other than the chosen one cannot run what that can. */
function drawReasons(
  compilations: ReadonlyMap<string, Compilation>,
  chosen: string,
  textOf: (file: string) => string | null,
): string[] {
  const told = compilations.get(chosen)?.diagnostics ?? [];
  return [...compilations].flatMap(([name, { diagnostics }]) => {
    const faults = diagnostics.filter((found) => found.severity === "fault" && !isTold(found, told));
    if (name === chosen || faults.length === 0) return [];
    const lines = locateAll(faults, textOf).map((located) => `  ${formatLocated(located)}`);
    return ["", `Cannot run on ${name}:`, ...lines];
  });
}

/**
 * One row per endpoint with what each kind of database makes of it, columns aligned, then the reasons, with a final line
 * break. @param compilations by the database's name; `chosen` is one of them. @param textOf the text of a file
 */
export function drawTable(
  compilations: ReadonlyMap<string, Compilation>,
  chosen: string,
  textOf: (file: string) => string | null,
): string {
  const names = [...compilations.keys()];
  const planOn = (name: string, id: string): Plan | null =>
    compilations.get(name)?.endpoints.find((endpoint) => endpoint.id === id)?.plan ?? null;
  const rows = (compilations.get(chosen)?.endpoints ?? []).map(({ id, resource, methods }) => {
    // Where only another database can run it, the rest is known from there.
    const plans = [chosen, ...names].map((name) => planOn(name, id));
    const known = plans.find((plan) => plan !== null) ?? null;
    return [
      `${methods.join(" ")} /${resource}`,
      ...describeEndpoint(known),
      ...names.map((name) => describeRun(planOn(name, id))),
    ];
  });
  const heads = names.map((name) => (name === chosen ? `${name} (chosen)` : name));
  const head = ["endpoint", "steps", "limits", "auth", ...heads];
  const lines = layOut(
    [head, ...rows],
    head.map(() => "left"),
  );
  return `${[...lines, ...drawReasons(compilations, chosen, textOf)].join("\n")}\n`;
}
