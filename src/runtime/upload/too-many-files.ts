import { Problem, type ProblemOptions } from "../../contract/problem.ts";

/** @param more what else the answer says beside the limit */
export function tooManyFiles(limit: number, where = "", more: ProblemOptions["members"] = {}): Problem {
  const detail = `At most ${limit} ${limit === 1 ? "file is" : "files are"} accepted${where}.`;
  return new Problem("too_many_files", { detail, members: { ...more, limit } });
}
