/** The whole runtime on D1. */
import { engine } from "../../../src/database/d1/d1-engine.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(engine);
