/** The whole runtime on Neon. */
import { engine } from "../../../../src/databases/neon.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(engine);
