/** The runtime that bench/list.ts measures: the file API over D1, no ABI. Plain JavaScript as bench/upload-worker.js is. */
import { createApp } from "../src/app.ts";
import { engine } from "../src/database/d1/d1-engine.ts";

export default createApp([], engine);
