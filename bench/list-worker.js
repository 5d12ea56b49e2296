/** The runtime that bench/list.ts measures: the file API over D1, no ABI. Plain JavaScript as bench/upload-worker.js is. */
import { createSluice } from "../src/index.ts";
import { buildOf } from "../test/support/build.ts";

export default createSluice(buildOf([]));
