/** The whole runtime on Neon. */
import { engine } from "../../../src/database/postgres/neon-engine.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(engine);
