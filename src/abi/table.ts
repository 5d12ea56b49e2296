/**
 * Draws the compiled endpoints as a table for a terminal. It knows plans only.
 */
import type { Plan, Step } from "../plan.ts";

function describeStep(step: Step): string {
  switch (step.mode) {
    case "upload":
      return "upload";
    case "delete-files":
      return "delete files";
    case "query":
      return `${step.writes ? "write" : "read"}${step.each === null ? "" : " each"}${step.send === "now" ? " now" : ""}`;
    default:
      return step satisfies never;
  }
}

function describeLimits(step: Step): string[] {
  switch (step.mode) {
    case "upload":
      return [`${String(step.maxFiles)} × ${describeBytes(step.maxFileBytes)} ${step.types.join(" ")}`];
    case "delete-files":
      return [`${String(step.maxKeys)} keys`];
    case "query":
      return [];
    default:
      return step satisfies never;
  }
}

function describeBytes(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes >= 0.1 ? `${String(Number(mebibytes.toFixed(1)))} MiB` : `${String(bytes)} B`;
}

/**
 * One row per plan, columns aligned, with a final line break. A compiled plan's statements run on both databases, those
 * on documents apart.
 */
export function drawTable(plans: readonly Plan[]): string {
  const rows = plans.map((plan) => {
    const hasSql = plan.steps.some(({ mode }) => mode === "query");
    // What is written for the document table is SQLite's.
    const hasDocuments = plan.steps.some((step) => step.mode === "query" && /\bdocuments\b/.test(step.sql));
    return [
      `POST /${plan.resource}`,
      plan.steps.map(describeStep).join(" → "),
      plan.steps.flatMap(describeLimits).join(", ") || "-",
      plan.authentication === null
        ? "open"
        : `${plan.authentication.header} (${plan.authentication.claims.join(", ")})`,
      hasSql ? "yes" : "-",
      hasDocuments ? "no" : hasSql ? "yes" : "-",
      plan.atomic ? "yes" : "no",
    ];
  });
  const lines = [["endpoint", "steps", "limits", "auth", "D1", "PostgreSQL", "atomic"], ...rows];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const draw = (line: readonly string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${lines.map(draw).join("\n")}\n`;
}
