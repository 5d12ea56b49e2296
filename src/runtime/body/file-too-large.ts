import { Problem } from "../../contract/problem.ts";

/** @param name the file's display name @param limit bytes */
export function fileTooLarge(name: string, limit: number): Problem {
  const detail = `"${name}" is over the limit of ${limit} bytes.`;
  return new Problem("file_too_large", { detail, members: { file: name, limit } });
}
