import type { FileFilter } from "../../src/runtime/files/list.ts";

/** Of a list that leaves nothing out. */
export const everythingAt = (now: string): FileFilter => ({
  type: null,
  visibility: null,
  prefix: null,
  name: null,
  from: null,
  to: null,
  status: "stored",
  now,
});
