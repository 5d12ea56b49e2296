/** The whole runtime on D1. */
import { engine } from "../../../../src/databases/d1.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(engine);
