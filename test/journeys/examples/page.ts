/** A page of instructions, taken apart into what its reader does: files to write, commands to type, answers to see. */
import { readPage, type Block } from "../docs/pages.ts";

export type Step = { readonly line: number; readonly text: string } & (
  { readonly kind: "write"; readonly path: string } | { readonly kind: "run" } | { readonly kind: "see" }
);

/** A block with `file="path"` is that file, `step` is typed, `answer` is what the command before it prints. */
export const stepsOf = (path: string): readonly Step[] => readPage(path).blocks.flatMap(stepOf);

function stepOf({ words, text, line }: Block): Step | readonly Step[] {
  const path = words.get("file");
  if (path !== undefined) return { kind: "write", path, text: `${text}\n`, line };
  if (words.has("step")) return { kind: "run", text, line };
  return words.has("answer") ? { kind: "see", text, line } : [];
}
