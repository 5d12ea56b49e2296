/** Hands each `delete_files` whose keys are a QUERY's to that QUERY, whose statement then takes the files along. */
import type { StepDraft } from "../draft.ts";
import type { QueryAnalyser } from "../sql/query.ts";
import type { Report } from "../text/diagnostic.ts";
import type { Work } from "./task-names.ts";

/** The steps, in which queries know the files that their rows name. Faults are told where `delete_files` stands. */
export async function giveFilesToQueries(
  drafts: readonly StepDraft[],
  work: readonly Work[],
  analyse: QueryAnalyser,
  report: Report,
): Promise<StepDraft[]> {
  const steps = [...drafts];
  for (const [step, draft] of drafts.entries()) {
    if (draft.mode !== "delete-files" || draft.keys?.from !== "result") continue;
    const { step: source, path } = draft.keys;
    const place = `${work[step]?.task.place ?? ""}/uploads/delete_files`;
    const query = steps[source];
    const { task, demands } = work[source] ?? {};
    const column = String(path[0]);
    const of = `actionable ${String(query?.id ?? "")}`;
    const sql = task?.actionable.mode === "QUERY" ? task.actionable.sql_query : undefined;
    if (query?.mode !== "query" || sql === undefined) {
      report.fault(place, `${of} is no sql_query: its documents and files cannot go in one statement`);
    } else if (query.each !== null) {
      report.fault(
        place,
        `${of} runs once per element: expected a statement without multi, whose rows name all the files`,
      );
    } else if (query.deletes !== undefined) {
      report.fault(place, `another delete_files has the rows of ${of} already; expected one`);
    } else {
      const found = await analyse(sql.query, { ...demands, naming: column });
      if (found.namingFault !== null) report.fault(place, found.namingFault);
      const deletes = { step, column, maxKeys: draft.maxKeys, ...found.named };
      steps[source] = { ...query, sql: found.sql, writes: true, deletes };
    }
  }
  return steps;
}

/** Reports files that would go apart from the rows that name them. */
export function checkTogether(
  steps: readonly StepDraft[],
  deferred: ReadonlySet<number>,
  work: readonly Work[],
  report: Report,
): void {
  for (const [index, { deletes }] of steps.flatMap((step, at) =>
    step.mode === "query" ? [[at, step] as const] : [],
  )) {
    if (deletes === undefined || deferred.has(index) === deferred.has(deletes.step)) continue;
    const task = work[deletes.step]?.task;
    const of = `actionable ${String(work[index]?.task.actionable.id ?? "")}`;
    const why = `${of}, whose rows name the files, runs before the answer, and they go with its statement`;
    report.fault(`${task?.place ?? ""}${task?.actionable.run_in_background === true ? "/run_in_background" : ""}`, why);
  }
}
