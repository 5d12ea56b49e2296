/** The ABIs of a project, for what is told of them without compiling: files with faults are left out. */
import type { AbiFile } from "./abi-file.ts";
import type { Abi } from "./language/schema.ts";
import { checkShape } from "./language/shape.ts";
import { createReport } from "./text/diagnostic.ts";
import { parseJsonText } from "./text/json-text.ts";

export const soundAbis = (files: readonly AbiFile[]): readonly Abi[] =>
  files.flatMap(({ name, text }) => {
    const parsed = parseJsonText(text);
    const abi = parsed.ok ? checkShape(parsed.value, createReport(name, [])) : null;
    return abi ?? [];
  });
