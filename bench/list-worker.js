/** The runtime that bench/list.ts measures: the file API over D1, no ABI. Plain JavaScript as bench/upload-worker.js is. */
import { createApp } from "../src/runtime/app.ts";
import { buildOf } from "../test/support/build.ts";

export default createApp(buildOf([]));
